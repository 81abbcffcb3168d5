"""What a screen reader is told of a page: the tree Chromium makes for it, which is not that of the elements."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Said(NamedTuple):
    """What something is, and what it is called."""

    role: str
    name: str


TEXT_FIELDS = ("textbox", "searchbox", "spinbutton", "Date", "DateTime")
CHOICES = ("combobox", "listbox", "checkbox", "radio")
HANDLED = frozenset({"button", "link", "DisclosureTriangle", *TEXT_FIELDS, *CHOICES})

# What can be done on some pages in German, from the heading on.
DONE_THERE = {
    "start": [
        Said("textbox", "E-Mail-Adresse"),
        Said("textbox", "Passwort"),
        Said("button", "Anzeigen"),
        Said("button", "Anmelden"),
        Said("link", "Passwort vergessen?"),
        Said("link", "Hilfe zur Anmeldung"),
    ],
    "contact": [
        Said("textbox", "Worum geht es?"),
        Said("textbox", "Ihr Name"),
        Said("textbox", "Telefonnummer für unseren Rückruf"),
        Said("textbox", "Ihre E-Mail-Adresse"),
        Said("textbox", "Wann passt Ihnen unser Rückruf? (freiwillig)"),
        Said("button", "Senden"),
    ],
    "profile": [
        *(Said("radio", name) for name in ("Wie das Gerät", "Hell", "Dunkel", "Hoher Kontrast")),
        *(Said("radio", name) for name in ("Leine", "Heide", "Nordsee", "Bernstein")),
        Said("textbox", "Name"),
        Said("radio", "Deutsch"),
        Said("radio", "English"),
        Said("button", "Neues Passwort erstellen"),
        Said("button", "Profil aktualisieren"),
        Said("link", "Meine Daten herunterladen"),
    ],
}


def spoken(page: Page) -> list[Said]:
    """Everything that has a role, in the order in which it is read."""
    session = page.context.new_cdp_session(page)
    nodes = {node["nodeId"]: node for node in session.send("Accessibility.getFullAXTree")["nodes"]}
    session.detach()
    said, waiting = [], [next(iter(nodes))]
    while waiting:
        node = nodes[waiting.pop()]
        waiting += reversed([child for child in node.get("childIds", ()) if child in nodes])
        if not node["ignored"]:
            said.append(Said(node["role"]["value"], node.get("name", {}).get("value", "").strip()))
    return said


def unheard(page: Page) -> list[str]:
    """What whoever listens is not told: the name of what can be used, or where the parts of the page are."""
    said = spoken(page)
    roles = [each.role for each in said]
    faults = [f"has no name: {each.role}" for each in said if each.role in HANDLED and not each.name]
    # What lies under a question that has to be answered first is not read.
    if "dialog" not in roles and roles.count("main") != 1:
        faults.append("has no main part, or several")
    navigations = [each.name for each in said if each.role == "navigation"]
    if "" in navigations or len(set(navigations)) < len(navigations):
        faults.append(f"has menus that cannot be told apart: {navigations}")
    return faults


def done_there(page: Page) -> list[Said]:
    """What can be done in the main part of the page, after its heading."""
    said = spoken(page)
    begins = next(place for place, each in enumerate(said) if each.role == "heading")
    ends = next(place for place, each in enumerate(said) if each.role == "complementary")
    # A number can be called from there only while somebody is there to answer.
    return [each for each in said[begins:ends] if each.role in HANDLED and not each.name.startswith("+")]

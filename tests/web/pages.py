"""A page as a browser without JavaScript has it: what it says, where it leads, what its forms would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.test import Client
    from django.test.client import _MonkeyPatchedWSGIResponse

    Attributes = dict[str, str]
    Response = _MonkeyPatchedWSGIResponse

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
SPOKEN_ATTRIBUTES = frozenset(
    {"alt", "aria-label", "data-caps-lock", "data-done", "data-hide", "data-label", "data-show", "placeholder", "title"}
)
SILENT = frozenset({"script", "style"})


@dataclass
class Element:
    """A node of the page; text lies between its children as plain strings."""

    tag: str
    attributes: Attributes
    children: list[Element | str] = field(default_factory=list)

    def walk(self) -> Iterator[Element]:
        """The element and everything in it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child.walk()

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element of that tag whose attributes are as given."""
        return [
            each
            for each in self.walk()
            if each.tag == tag and all(each.attributes.get(name) == value for name, value in attributes.items())
        ]

    def texts(self) -> Iterator[str]:
        """The words in it, text node by text node, each in one line."""
        for child in self.children:
            if isinstance(child, Element):
                if child.tag not in SILENT:
                    yield from child.texts()
            elif words := " ".join(child.split()):
                yield words

    @property
    def text(self) -> str:
        """All its words in one line."""
        return " ".join(self.texts())

    @property
    def spoken(self) -> set[str]:
        """Its text nodes, and the attributes that are read out or shown."""
        attributes = {
            " ".join(value.split())
            for each in self.walk()
            for name, value in each.attributes.items()
            if name in SPOKEN_ATTRIBUTES
        }
        return {*self.texts(), *attributes} - {""}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = Element("document", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open[-1].tag == tag, f"<{self._open[-1].tag}> is closed by </{tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read(html: str) -> Element:
    """The root of a page or a part of one."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root


@dataclass(frozen=True)
class Form:
    """A form as it would be sent, button by button."""

    page: Page
    element: Element

    @property
    def fields(self) -> dict[str, str]:
        """What is sent whichever button is pressed."""
        return {name: value for each in self.element.walk() if (name := _name(each)) for value in _values(each)}

    @property
    def buttons(self) -> list[Element]:
        """The buttons that send it."""
        return [each for each in self.element.all("button") if each.attributes.get("type", "submit") == "submit"]

    def button(self, sought: str) -> Element:
        """The button with that label, or, where the label is a matter of taste, with that value."""
        by_label = [button for button in self.buttons if button.text == sought]
        by_value = [button for button in self.buttons if button.text and button.attributes.get("value") == sought]
        (found,) = by_label or by_value
        return found

    def has_button(self, sought: str) -> bool:
        """Whether there is a button with that label or value."""
        return any(sought in {button.text, button.attributes.get("value")} for button in self.buttons)

    def unchanged(self, button: str) -> dict[str, str]:
        """What pressing this button would send of an untouched form."""
        pressed = self.button(button).attributes
        return self.fields | ({pressed["name"]: pressed.get("value", "")} if "name" in pressed else {})

    def press(
        self,
        client: Client,
        button: str,
        entries: Mapping[str, str] | None = None,
        *,
        htmx: bool = False,
        **more: str,
    ) -> Response:
        """The answer to pressing a button after some fields were filled in anew."""
        typed = {**(entries or {}), **more}
        pressed = self.button(button).attributes
        action = pressed.get("formaction") or self.element.attributes.get("action") or self.page.path
        unknown = set(typed) - {_name(each) for each in self.element.walk()}
        assert not unknown, f"the form has no field {unknown}"
        headers = {"HX-Request": "true"} if htmx else {}
        return client.post(action.partition("#")[0], self.unchanged(button) | typed, headers=headers)


class Page(Element):
    """A page that was answered."""

    def __init__(self, response: Response) -> None:
        super().__init__("document", {}, read(response.content.decode()).children)
        self.status = response.status_code
        self.path: str = response.request["PATH_INFO"]

    @property
    def heading(self) -> str:
        """What the page is called."""
        (heading,) = self.all("h1")
        return heading.text

    @property
    def main(self) -> Element:
        """What is on this page and on no other."""
        (main,) = self.all("main")
        return main

    @property
    def links(self) -> dict[str, str]:
        """Where its links lead, by what stands on them."""
        return {link.text: link.attributes["href"] for link in self.all("a")}

    @property
    def errors(self) -> dict[str, str]:
        """What stands at the fields as wrong, by the field's id."""
        return {
            each.attributes["id"].removesuffix("_error"): each.text.removeprefix("Fehler: ").removeprefix("Error: ")
            for each in self.all("div", **{"class": "field__error"})
        }

    @property
    def notices(self) -> list[str]:
        """The messages on top of the page."""
        return [each.text for box in self.all("div", **{"class": "notices"}) for each in box.all("p")]

    def form(self, button: str) -> Form:
        """The form that carries a button of that label or value."""
        (found,) = (form for form in (Form(self, each) for each in self.all("form")) if form.has_button(button))
        return found

    def control(self, name: str) -> Element:
        """The one control of that name that is on the page."""
        (found,) = (each for each in self.walk() if _name(each) == name and each.tag != "button")
        return found


def _name(element: Element) -> str:
    return element.attributes.get("name", "") if element.tag in {"input", "select", "textarea", "button"} else ""


def _values(element: Element) -> list[str]:
    given = element.attributes
    if element.tag == "textarea":
        return [element.text]
    if element.tag == "select":
        offers = element.all("option")
        chosen = [offer for offer in offers if "selected" in offer.attributes] or offers[:1]
        return [offer.attributes["value"] for offer in chosen]
    if element.tag == "button" or given.get("type") in {"submit", "button"}:
        return []
    if given.get("type") in {"radio", "checkbox"}:
        return [given.get("value", "on")] if "checked" in given else []
    return [given.get("value", "")]

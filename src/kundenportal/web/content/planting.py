"""The pages that come with the portal are put in their place, each once; then they are the editors' affair."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from .models import DownloadsPage, HelpIndexPage, HelpPage, HomePage, LegalPage, NewsIndexPage, Shipped
from .models.help import ABOUT_SIGNING_IN
from .shipped import legal, registration

if TYPE_CHECKING:
    from .models.pages import PortalPage
    from .shipped.parts import Words

GERMAN, ENGLISH = "de", "en"


class Place(NamedTuple):
    """A page that is shipped: what it is, and what it is called in each language."""

    kind: type[PortalPage]
    slug: str
    title: dict[str, str]


PLACES = (
    Place(NewsIndexPage, "news", {GERMAN: "Neuigkeiten", ENGLISH: "News"}),
    Place(HelpIndexPage, "help", {GERMAN: "Hilfe", ENGLISH: "Help"}),
    Place(DownloadsPage, "downloads", {GERMAN: "Downloads", ENGLISH: "Downloads"}),
)
LEGAL = {
    "imprint": {GERMAN: legal.IMPRINT_DE, ENGLISH: legal.IMPRINT_EN},
    "privacy": {GERMAN: legal.PRIVACY_DE, ENGLISH: legal.PRIVACY_EN},
    "accessibility": {GERMAN: legal.ACCESSIBILITY_DE, ENGLISH: legal.ACCESSIBILITY_EN},
}
HELP = {ABOUT_SIGNING_IN: {GERMAN: registration.GERMAN, ENGLISH: registration.ENGLISH}}


@transaction.atomic
def plant(**_signal: object) -> None:
    """Whatever is shipped and has never been there is put in its place; the rest is left as it is."""
    locales = {code: Locale.objects.get_or_create(language_code=code)[0] for code in (GERMAN, ENGLISH)}
    homes = _homes(locales)
    for place in PLACES:
        if _is_first_time(place.slug):
            _twice(place.kind, place.slug, homes, {code: {"title": place.title[code]} for code in homes})
    for slug, words in LEGAL.items():
        if _is_first_time(slug):
            _twice(LegalPage, slug, homes, {code: _text(words[code], "body") for code in homes})
    indexes = {code: HelpIndexPage.objects.filter(locale=locales[code]).first() for code in homes}
    for slug, words in HELP.items():
        if all(indexes.values()) and _is_first_time(slug):
            fields = {
                code: {**_text(words[code], "questions"), "summary": words[code].summary, "is_public": True}
                for code in homes
            }
            _twice(HelpPage, slug, indexes, fields)


def _homes(locales: dict[str, Locale]) -> dict[str, HomePage]:
    if _is_first_time("home"):
        root = Page.get_first_root_node() or Page.add_root(title="Root", slug="root", locale=locales[GERMAN])
        # Wagtail's own welcome is the site's root until ours is.
        welcome = Page.objects.filter(depth=2).exclude(content_type__app_label="content")
        fields: dict[str, dict[str, object]] = {GERMAN: {"title": "Startseite"}, ENGLISH: {"title": "Home"}}
        homes = _twice(HomePage, "start", dict.fromkeys(locales, root), fields)
        address = urlsplit(settings.BASE_URL)
        Site.objects.all().delete()
        Site.objects.create(
            hostname=address.hostname or "localhost",
            port=address.port or (443 if address.scheme == "https" else 80),
            root_page=homes[GERMAN],
            is_default_site=True,
        )
        for page in welcome:
            page.delete()
    return {page.language: page for page in HomePage.objects.all()}


def _is_first_time(key: str) -> bool:
    return Shipped.objects.get_or_create(key=key)[1]


def _text(words: Words, field: str) -> dict[str, object]:
    return {"title": words.title, field: json.dumps(words.blocks)}


def _twice(
    kind: type[PortalPage], slug: str, parents: dict[str, Page], fields: dict[str, dict[str, object]]
) -> dict[str, PortalPage]:
    """The page in each language, the one a translation of the other."""
    made: dict[str, PortalPage] = {}
    for code, parent in parents.items():
        first = next(iter(made.values()), None)
        page = kind(
            slug=slug if kind is not HomePage else f"{slug}-{code}",
            locale=Locale.objects.get(language_code=code),
            **({"translation_key": first.translation_key} if first else {}),
            **fields[code],
        )
        parent.refresh_from_db()
        parent.add_child(instance=page)
        page.save_revision().publish()
        made[code] = page
    return made

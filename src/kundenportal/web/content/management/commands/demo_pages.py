"""Pages for the demonstration: something for everybody, something for one organisation, something for next week."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from django.db import transaction
from wagtail.documents.models import Document

from kundenportal.kernel import clock
from kundenportal.web.content.models import (
    ArticlePage,
    Audience,
    DownloadPage,
    DownloadsPage,
    HelpPage,
    HomePage,
    NewsIndexPage,
    Shipped,
)
from kundenportal.web.content.reading import give_feedback

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.management.base import CommandParser

    from kundenportal.web.content.models.pages import AddressedPage

CHECKLIST = """Checkliste Jahreswechsel

1. Neue Mitarbeitende bis zum 10. Dezember melden
2. Bankverbindungen prüfen
3. Bescheinigungen der Krankenkassen nachreichen
"""
REMARK = "Ich habe nicht gefunden, ob ich das Passwort auch am Telefon bekommen kann."


class Command(BaseCommand):
    """Called by `kundenportal demo`, which knows for whom the chosen organisation acts."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organisation", type=int, help="the number of the organisation that gets pages of its own")

    @transaction.atomic
    def handle(self, *arguments: object, organisation: int, **options: object) -> None:
        if not Shipped.objects.get_or_create(key="demonstration")[1]:
            return
        now = clock.now()
        _welcome()
        _articles(organisation, now=now)
        _downloads(organisation)
        page = HelpPage.objects.filter(locale__language_code="de").first()
        give_feedback(page, account=None, network="", has_helped=False, remark=REMARK, now=now)


def _welcome() -> None:
    for home in HomePage.objects.all():
        home.welcome = {
            "de": "Hier finden Sie alles rund um Ihre Personalabrechnung.",
            "en": "Here you find everything about your payroll.",
        }[home.language]
        home.save_revision().publish()


def _articles(organisation: int, *, now: datetime) -> None:
    index = NewsIndexPage.objects.get(locale__language_code="de")
    _add(
        index,
        ArticlePage(
            title="Annahmeschluss im Dezember",
            slug="annahmeschluss-im-dezember",
            summary="Meldungen für die Dezemberabrechnung brauchen wir bis zum 10. Dezember.",
            body=[
                ("paragraph", "<p>Wegen der Feiertage rechnen wir früher ab als sonst.</p>"),
                ("heading", "Was Sie tun können"),
                ("paragraph", "<ul><li>Melden Sie Neueinstellungen bis zum 10. Dezember.</li></ul>"),
            ],
        ),
    )
    _add(
        index,
        ArticlePage(
            title="Ihr Ansprechpartner im Januar",
            slug="ihr-ansprechpartner-im-januar",
            summary="Im Januar betreut Sie der HR-Service gemeinsam.",
            body=[("paragraph", "<p>Diese Neuigkeit sieht nur Ihre Einrichtung.</p>")],
            audience=Audience.CHOSEN,
        ),
        organisation,
    )
    later = ArticlePage(
        title="Neue Beitragssätze",
        slug="neue-beitragssaetze",
        summary="Was sich zum neuen Jahr ändert.",
        go_live_at=now + timedelta(days=7),
        live=False,
        locale=index.locale,
    )
    index.add_child(instance=later)
    later.save_revision(approved_go_live_at=later.go_live_at)


def _downloads(organisation: int) -> None:
    index = DownloadsPage.objects.get(locale__language_code="de")
    for title, summary, audience in (
        ("Checkliste Jahreswechsel", "Was bis wann bei uns sein sollte", Audience.EVERYBODY),
        ("Vereinbarung zur Abrechnung", "Nur für Ihre Einrichtung", Audience.CHOSEN),
    ):
        document = Document.objects.create(title=title, file=ContentFile(CHECKLIST.encode(), name="checkliste.txt"))
        page = DownloadPage(title=title, summary=summary, document=document, audience=audience)
        _add(index, page, *([organisation] if audience == Audience.CHOSEN else []))


def _add(index: NewsIndexPage | DownloadsPage, page: AddressedPage, *organisations: int) -> None:
    page.locale = index.locale
    index.add_child(instance=page)
    page.organisations.set(organisations)
    page.save_revision().publish()

"""Whoever is signed in takes along what is kept about them, and staff hand it out to callers (Art. 15 GDPR)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from wagtail.models import Locale

from factories.accounts import AT_HOME, OWN_PASSWORD, SEEN_IN_PERSON
from factories.incoming import letter
from factories.pages import article
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import ColourScheme, Language, Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.operations import steps
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.rules.keeping import Place
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.support import operations as intakes
from kundenportal.domain.support.rules import Request, Route
from kundenportal.kernel import clock
from kundenportal.web.content.own_data import FIELDS, SECTIONS
from web.pages import Page, read
from web.residents import ADDRESS, attempt, settled, sign_in

if TYPE_CHECKING:
    from time_machine import TimeMachineFixture

    from web.pages import Response

pytestmark = pytest.mark.django_db

WHERE = "/profile/my-data/"


def taken_along(answer: Response, *, name: str = "meine-daten") -> tuple[str, dict[str, list[dict[str, Any]]]]:
    """The page in the file, and what it holds for programs."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == [f"{name}.html", f"{name}.json"]
        return archive.read(f"{name}.html").decode(), json.loads(archive.read(f"{name}.json"))


def test_all_there_is_about_somebody_is_in_one_file_and_nothing_secret_or_of_others() -> None:
    holder, other = settled(), settled("andere@example.org")
    staff = settled("hr@example.org", name="Staffperson", role=Role.DESK)
    attempt(Client(), ADDRESS, "wrong")
    Account.objects.filter(pk=holder.account.pk).update(telephone="0511 456")
    browser = sign_in(holder)
    now = clock.now()
    for account, number in ((holder.account, "0511 123"), (other.account, "0511 999")):
        request = Request("Bitte um Rückruf <b>bald</b>", name="Anna", email=account.address, call_back_number=number)
        intakes.take_down(
            request, route=Route.PAGE, account=account, taken_down_by=staff.account, now=now, origin=AT_HOME
        )
    mailbox = inbox.mailbox_named("x", now=now)
    inbox.take_in(mailbox, Place(1, 1), letter(f"Anna <{ADDRESS}>", text="Meine Frage"), now=now)
    deliver_due_mails(clock=clock.now)

    page, data = taken_along(browser.post(WHERE))
    assert set(data) == set(SECTIONS)
    assert {name for rows in data.values() for row in rows for name in row} <= set(FIELDS)
    assert (data["account"][0]["address"], data["account"][0]["telephone"]) == (ADDRESS, "0511 456")
    assert {each["mail_kind"] for each in data["mails_sent"]} >= {"access_letter", "password_changed"}
    assert [each["subject"] for each in data["mails_received"]] == ["Mein Zugang"]
    assert "0511 123" in {each["call_back_number"] for each in data["intakes"]}
    assert {"sign_in.refused", "sign_in.succeeded"} <= {each["event"] for each in data["history"]}
    assert len(data["sessions"]) == 1
    assert "Was wir über Sie gespeichert haben" in page
    assert "Angemeldet" in page
    assert "&lt;b&gt;bald" in page
    holder.account.refresh_from_db()
    for told in (page, json.dumps(data)):
        for not_theirs in (holder.account.password, browser.cookies["session"].value, "Staffperson", "0511 999"):
            assert not_theirs not in told
    entry = Entry.objects.get(event=Event.OWN_DATA_HANDED_OUT)
    assert (entry.subject, entry.actor) == (holder.account, holder.account)


def test_what_was_written_from_a_former_address_is_perhaps_a_strangers_and_what_was_sent_signed_in_is_not() -> None:
    holder, former, now = settled(), "fremd@example.org", clock.now()
    moved_from(holder.account, former)
    mailbox = inbox.mailbox_named("x", now=now)
    for uid, (sender, subject) in enumerate({former: "Wer sind Sie?", ADDRESS: "Ich bin es"}.items(), start=1):
        inbox.take_in(mailbox, Place(1, uid), letter(f"Anna <{sender}>", subject=subject, text=subject), now=now)
    for route, email, number in (
        (Route.PAGE, former, "0511 1"),
        (Route.TELEPHONE, former, "0511 2"),
        (Route.TELEPHONE, ADDRESS, "0511 3"),
    ):
        request = Request("Bitte um Rückruf", email=email, call_back_number=number)
        intakes.take_down(request, route=route, account=holder.account, now=now, origin=AT_HOME)
    _page, data = taken_along(sign_in(holder).post(WHERE))
    assert [each["subject"] for each in data["mails_received"]] == ["Ich bin es"]
    assert {each["call_back_number"] for each in data["intakes"]} >= {"0511 1", "0511 3"}
    assert "Wer sind Sie?" not in json.dumps(data)
    assert "0511 2" not in json.dumps(data)
    assert [each["address"] for each in data["former_addresses"]] == [former]


def moved_from(account: Account, former: str) -> None:
    """Mistyped at first, the account's address was corrected at the desk."""
    address = account.address
    Account.objects.filter(pk=account.pk).update(address=former)
    clerk = settled("hr@example.org", role=Role.DESK).account
    steps.correct_address(
        account.pk, address, stated=SEEN_IN_PERSON, corrected_by=clerk, now=clock.now(), origin=AT_HOME
    )


def test_of_an_account_nothing_is_left_out_that_is_not_left_out_on_purpose() -> None:
    """A field somebody adds is told as well, or it stands here why not."""
    not_told = {
        "id",  # a number that says nothing of anybody
        "password",  # a secret, as a hash
        "own_password_is_weak",  # would tell whoever finds the file whose password to try
        "uses_shortcuts",  # how the desk's pages behave
    }
    own_names = {"last_login": "signed_in_at"}
    fields = {own_names.get(field.name, field.name) for field in Account._meta.concrete_fields}  # noqa: SLF001
    _page, data = taken_along(sign_in(settled()).post(WHERE))
    assert set(data["account"][0]) == fields - not_told


def test_what_is_told_is_told_in_the_words_of_the_pages() -> None:
    holder = settled()
    Account.objects.filter(pk=holder.account.pk).update(colour_scheme=ColourScheme.HIGH_CONTRAST)
    browser = sign_in(holder)
    browser.get(article("Annahmeschluss").address())
    Page(browser.get("/help/registration/")).form("Ja").press(browser, "Ja")
    page, data = taken_along(browser.post(WHERE))
    words = " ".join(read(page).text.split())
    assert data["account"][0]["colour_scheme"] == ColourScheme.HIGH_CONTRAST
    assert "Farbschema Hoher Kontrast" in words
    assert "Annahmeschluss Geöffnet" in words
    assert "Seite Wichtiges zur Registrierung und Anmeldung Geschrieben" in words


def test_news_are_told_by_the_title_they_have_in_the_readers_language_or_else_by_the_other() -> None:
    translated = article("Annahmeschluss")
    translation = translated.copy_for_translation(Locale.objects.get(language_code="en"))
    translation.title, translation.slug = "Closing date", translated.slug
    translation.save_revision().publish()
    browser = sign_in(settled(language=Language.ENGLISH))
    for read_one in (translated, article("Nur auf Deutsch")):
        browser.get(read_one.address())
    _page, data = taken_along(browser.post(WHERE), name="my-data")
    assert [each["title"] for each in data["news_read"]] == ["Closing date", "Nur auf Deutsch"]


def test_after_a_quarter_of_an_hour_the_password_is_asked_for(time_machine: TimeMachineFixture) -> None:
    browser = sign_in(settled())
    assert Page(browser.get("/profile/")).links["Meine Daten herunterladen"] == WHERE
    time_machine.move_to(clock.now() + timedelta(minutes=16))
    page = Page(browser.post(WHERE))
    assert "Passwort" in page.main.text
    assert browser.post(WHERE, {"current_password": "wrong"}).headers["Content-Type"].startswith("text/html")
    taken_along(browser.post(WHERE, {"current_password": OWN_PASSWORD}))


def test_before_it_is_handed_out_stands_at_which_number_to_call_back_or_that_none_is_known() -> None:
    account = settled().account
    where = f"/desk/accounts/{account.pk}/own-data/"
    lead = sign_in(settled("leitung@example.org", role=Role.DESK_LEAD))
    assert "Es ist keine Telefonnummer hinterlegt" in Page(lead.get(where)).main.text
    Account.objects.filter(pk=account.pk).update(telephone="0511 12345")
    assert "Rückruf unter 0511 12345" in Page(lead.get(where)).main.text


def test_the_head_of_the_desk_hands_it_out_to_a_caller_and_nobody_else_does() -> None:
    holder = settled()
    where = f"/desk/accounts/{holder.account.pk}/own-data/"
    lead = sign_in(settled("leitung@example.org", role=Role.DESK_LEAD))
    assert "Bitte geben Sie an" in Page(lead.post(where)).main.text
    _page, data = taken_along(lead.post(where, {"means": "in_person"}))
    assert data["account"][0]["address"] == ADDRESS
    entry = Entry.objects.get(event=Event.OWN_DATA_HANDED_OUT)
    assert str(entry.actor) == "leitung@example.org"
    assert entry.details == {"identity": "in_person"}
    desk = sign_in(settled("hr@example.org", role=Role.DESK))
    assert desk.post(where, {"means": "in_person"}).status_code == 403

"""German pages are German and English ones English: nothing is said in the same words in both."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
from shutil import rmtree
from typing import TYPE_CHECKING

import pytest
from django.conf import settings as portal
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.test import Client
from django.utils import translation
from django.utils.formats import date_format

from factories.accounts import OWN_PASSWORD, SEEN_IN_PERSON
from factories.incoming import letter
from factories.tables import HEADINGS, checked, csv, imported, uploaded
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.credentials.rules.verdict import Reason, Strength, Verdict
from kundenportal.domain.imports import operations, queries
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.rules.keeping import Place
from kundenportal.domain.mail import operations as mail_log
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import Action, Report
from kundenportal.domain.support.models import Intake
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.web.shared.strength import reason_for, word_for
from web.pages import Page, read
from web.residents import (
    ADDRESS,
    attempt,
    capture_mail,
    issue,
    letter_holder,
    newcomer,
    settled,
    sign_in,
    suspend,
    too_late,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import Settings
    from time_machine import TimeMachineFixture

    from web.pages import Response

pytestmark = pytest.mark.django_db

# Names, which are the same in every language; whole text nodes only.
NAMES = {
    "Downloads",
    "Kundenportal COMRAMO",
    "COMRAMO",
    "Kirchenkreis Musterland",
    "Büro Musterland",
    "HR-Service",
    "Import",
    "zugaenge.csv",
    "2 · Büro Musterland",  # the second row of that file
    # Colour schemes with a name of their own.
    "Leine",
    "Heide",
    "Nordsee",
    "Bernstein",
    # A language is offered under the name its speakers give it.
    "Deutsch",
    "English",
    # Words both languages share.
    "Name",
    "Portal",
    "Portal:",
    "OK",
}
AN_ADDRESS = re.compile(r"(Portal: +)?http://\S+|\S+@\S+( ·)?|.* <\S+@\S+>")
WORD = re.compile(r"[^\W\d_]{2,}")


def _signed_out(language: Language) -> Client:
    client = Client()
    client.post("/language/", {"language": language})
    return client


def _signed_in(language: Language, role: Role = Role.CUSTOMER) -> Client:
    return sign_in(settled(language=language, role=role))


def _wrong_sign_ins(language: Language) -> Iterator[Response]:
    client = _signed_out(language)
    yield attempt(client, "", "")
    yield attempt(client, "x", "x")
    yield attempt(client, "nobody@example.org", "x")
    yield attempt(client, "nobody@example.org", "x" * 1001)
    yield attempt(client, "x" * 300 + "@example.org", "x\x00")


def _told_to_whoever_holds_the_password(language: Language) -> Iterator[Response]:
    client = _signed_out(language)
    expired = letter_holder("expired@example.org", now=clock.now() - timedelta(days=29))
    yield attempt(client, expired.address, expired.password)
    suspended = suspend(settled("suspended@example.org"))
    yield attempt(client, suspended.address, suspended.password)


def _asking_for_new_access(language: Language) -> Iterator[Response]:
    client = _signed_out(language)
    holder = too_late()
    offered = Page(attempt(client, holder.address, holder.password))
    asked = {"proof": offered.control("proof").attributes["value"]}
    yield client.post("/sign-in/new-access/", asked)
    yield client.post("/sign-in/new-access/", asked)
    yield client.post("/sign-in/new-access/", {"proof": "x"})
    staff = settled("hr-service@example.org", role=Role.DESK)
    check = EntitlementCheck.objects.get()
    entitlement.decline(check.pk, reason="0815", decided_by=staff.account, now=clock.now(), origin=COMMAND_LINE)
    yield attempt(client, holder.address, holder.password)
    client.post("/sign-in/new-access/", asked)
    again = EntitlementCheck.objects.latest("pk")
    entitlement.approve(again.pk, stated=SEEN_IN_PERSON, decided_by=staff.account, now=clock.now(), origin=COMMAND_LINE)
    yield attempt(client, holder.address, holder.password)


def _first_sign_in(language: Language) -> Iterator[Response]:
    client = sign_in(newcomer(language=language))
    yield client.get("/sign-in/first/")
    form = Page(client.get("/sign-in/first/")).form("save")
    yield form.press(client, "save", new_password="")
    yield form.press(client, "save", new_password="Schützenverein1")
    yield form.press(client, "save", new_password="kurz")
    yield client.get("/")
    form.press(client, "save", new_password=OWN_PASSWORD)
    yield client.get("/")


def _profile(language: Language) -> Iterator[Response]:
    client = _signed_in(language)
    page = Page(client.get("/profile/"))
    yield client.get("/profile/")
    opened = page.form("save").press(client, "new-password")
    yield opened
    form = Page(opened).form("save")
    yield form.press(client, "save", name="", new_password="")
    yield form.press(client, "save", name="x" * 200, new_password="x" * 1001)
    yield form.press(client, "save", new_password="Schützenverein1")
    yield client.post("/profile/", {"action": "save"})
    page.form("save").press(client, "save")
    yield client.get("/profile/")
    form.press(client, "save")
    yield client.get("/profile/")


def _desk(language: Language) -> Iterator[Response]:
    client = sign_in(
        settled("hr-service@example.org", name="HR-Service", role=Role.ADMIN, language=language, kind=Kind.PERSONAL)
    )
    letter_holder("issued@example.org")
    letter_holder("expired@example.org", now=clock.now() - timedelta(days=29))
    suspend(settled("suspended@example.org"))
    issue("queued@example.org")
    yield client.get("/desk/accounts/")
    yield client.get("/desk/accounts/?q=zzz")
    for number in range(60):
        issue(f"kita-{number}@example.org")
    second = Page(client.get("/desk/accounts/")).all("a", rel="next")[0].attributes["href"]
    yield client.get(f"{second}&before=")
    yield client.get("/desk/accounts/issue/")
    yield client.post("/desk/accounts/issue/", {})
    wrong = {"address": "x", "name": " ", "organisation": " ", "kind": "x", "language": "x", "role": "x"}
    yield client.post("/desk/accounts/issue/", wrong)
    right = {"name": "x", "organisation": "x", "kind": "personal", "language": "de", "role": "desk"}
    yield client.post("/desk/accounts/issue/", {**right, "address": "issued@example.org"})
    client.post("/desk/accounts/issue/", {**right, "address": "neu@example.org"})
    yield client.get("/desk/accounts/")


def _mails_and_intakes(language: Language) -> Iterator[Response]:
    client = sign_in(settled("hr-service@example.org", role=Role.DESK, language=language))
    for path in ("/desk/mails/?q=zzz", "/desk/inbox/", "/desk/intakes/", "/desk/intakes/?state=done"):
        yield client.get(path)
    letter_holder("anna@example.org")
    key = OutgoingMail.objects.get(recipient="anna@example.org").key
    mail_log.note_report(key, Report(Action.FAILED, "5.1.1"), now=clock.now())
    mailbox = inbox.mailbox_named("x", now=clock.now())
    odd = b"From: a@example.org\nContent-Type: multipart/report; boundary=b\n\n"
    odd += b"--b\nContent-Type: message/delivery-status\n\nx: y\n\n--b--\n"
    mails = [b"Subject: x\n\nx", letter("x@example.org", "x", "x"), odd]
    received = [inbox.take_in(mailbox, Place(1, uid), raw, now=clock.now()) for uid, raw in enumerate(mails)]
    for path in ("/desk/mails/", "/desk/inbox/", *(f"/desk/inbox/{each.pk}/" for each in received)):
        yield client.get(path)
    yield client.get("/desk/intakes/new/")
    yield client.post("/desk/intakes/new/", {})
    yield client.post("/desk/intakes/new/", {"concern": "x"})
    intake = f"/desk/intakes/{Intake.objects.get().pk}/"
    yield client.get(intake)
    client.post(intake, {"action": "settle"})
    yield client.get(intake)
    client.post(f"/desk/inbox/{received[0].pk}/")
    yield client.get("/desk/inbox/")
    yield client.get("/desk/intakes/?state=done")


def _refusals(language: Language) -> Iterator[Response]:
    yield _signed_in(language).get("/desk/accounts/")
    yield _signed_in_elsewhere(language).get("/no-such-page/")
    yield _signed_out(language).get("/no-such-page/")
    yield _signed_out(language).get("/password/choose/strength/")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = _signed_out(language).cookies
    yield strict.post("/sign-in/", {})


def _signed_in_elsewhere(language: Language) -> Client:
    return sign_in(settled("kita@probstadt.example.org", language=language))


def _signing_out(language: Language) -> Iterator[Response]:
    client = _signed_out(language)
    sign_in(settled(language=language), client)
    client.post("/sign-out/")
    yield client.get("/")


def _public(language: Language) -> Iterator[Response]:
    client = _signed_out(language)
    for path in ("/", "/sign-in/help/", "/password/forgotten/"):
        yield client.get(path)


def _imports(language: Language) -> Iterator[Response]:
    client = sign_in(settled("hr-service@example.org", name="HR-Service", role=Role.ADMIN, language=language))
    yield client.get("/desk/imports/")
    yield client.get("/desk/imports/new/")
    yield client.post("/desk/imports/new/")
    file = "buero@musterland.example.org", "Büro Musterland", "Kirchenkreis Musterland", "", ""
    begun, ready = uploaded(csv([HEADINGS, file]), now=clock.now()), checked(csv([HEADINGS, file]), now=clock.now())
    operations.check(begun, chosen=queries.layout_of(begun).columns, now=clock.now())
    ended = imported(csv([HEADINGS, file]), now=clock.now())
    for run in (begun, ready, ended):
        yield client.get(f"/desk/imports/{run.pk}/")
    yield client.post(f"/desk/imports/{ready.pk}/start/", {"letters": "date", "on": "x"})
    client.post(f"/desk/imports/{ready.pk}/cancel/")
    yield client.get(f"/desk/imports/{ready.pk}/")
    yield client.get("/desk/imports/")


SCENES: dict[str, Callable[[Language], Iterator[Response]]] = {
    "public pages": _public,
    "wrong sign-ins": _wrong_sign_ins,
    "expired, suspended": _told_to_whoever_holds_the_password,
    "asking for new access": _asking_for_new_access,
    "first sign-in": _first_sign_in,
    "profile": _profile,
    "desk": _desk,
    "mails and intakes": _mails_and_intakes,
    "imports": _imports,
    "refusals": _refusals,
    "signing out": _signing_out,
}


def _said(scene: Callable[[Language], Iterator[Response]], language: Language) -> list[set[str]]:
    """What is to be read and heard on each page of the scene; afterwards nothing has happened."""
    with transaction.atomic():
        said = [Page(response).spoken for response in scene(language)]
        transaction.set_rollback(True)
    return said


def _same_in_both(german: set[str], english: set[str]) -> set[str]:
    return {text for text in german & english if WORD.search(text) and not AN_ADDRESS.fullmatch(text)} - NAMES


@pytest.mark.parametrize("scene", SCENES)
def test_no_words_are_the_same_in_german_and_english(scene: str) -> None:
    german, english = (_said(SCENES[scene], language) for language in (Language.GERMAN, Language.ENGLISH))
    assert len(german) == len(english) > 0
    assert [_same_in_both(*pair) for pair in zip(german, english, strict=True)] == [set()] * len(german)


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("language", Language)
def test_every_page_says_which_language_it_is_in(scene: str, language: Language) -> None:
    for response in SCENES[scene](language):
        (html,) = Page(response).all("html")
        assert html.attributes["lang"] == response.headers["Content-Language"] == language


def test_the_field_for_the_current_password_and_its_faults_are_german_too(time_machine: TimeMachineFixture) -> None:
    begin = clock.now()

    def scene(language: Language) -> Iterator[Response]:
        time_machine.move_to(begin)
        client = _signed_in(language)
        time_machine.move_to(begin + timedelta(minutes=16))
        opened = Page(client.get("/profile/")).form("save").press(client, "new-password")
        yield opened
        yield Page(opened).form("save").press(client, "save")
        yield Page(opened).form("save").press(client, "save", current_password="falsch")

    german, english = (_said(scene, language) for language in (Language.GERMAN, Language.ENGLISH))
    assert [_same_in_both(*pair) for pair in zip(german, english, strict=True)] == [set()] * 3


def test_what_stands_only_where_an_own_password_is_compulsory_is_german_too(settings: Settings) -> None:
    settings.OWN_PASSWORD_REQUIRED = True
    german, english = (
        _said(lambda language: iter([sign_in(newcomer(language=language)).get("/sign-in/first/")]), language)
        for language in (Language.GERMAN, Language.ENGLISH)
    )
    assert _same_in_both(german[0], english[0]) == set()


@pytest.mark.usefixtures("demonstration")
def test_the_demonstrations_pages_are_german_too() -> None:
    def scene(language: Language) -> Iterator[Response]:
        client = _signed_out(language)
        rmtree(portal.CAPTURED_MAIL, ignore_errors=True)
        yield client.get("/demo/mail/")
        mail.outbox.clear()
        letter_holder(language=language)
        capture_mail()
        yield client.get("/demo/mail/")
        yield client.get(Page(client.get("/demo/mail/")).main.all("a")[0].attributes["href"])

    german, english = (_said(scene, language) for language in (Language.GERMAN, Language.ENGLISH))
    assert [_same_in_both(*pair) for pair in zip(german, english, strict=True)] == [set()] * 3


@pytest.mark.parametrize("reason", [None, *Reason])
def test_every_verdict_on_a_password_has_german_words(reason: Reason | None) -> None:
    for strength in Strength:
        verdict = Verdict(strength=strength, reason=reason, guesses=1, score=0)
        with translation.override("de"):
            german = (word_for(verdict), reason_for(verdict))
        with translation.override("en"):
            english = (word_for(verdict), reason_for(verdict))
        assert german[0] != english[0]
        assert german[1] != english[1]


def _every_mail_about_a_check(language: Language) -> None:
    staff = account_of(ADDRESS)
    assert staff is not None
    staff.role = Role.DESK
    account = too_late("expired@example.org", language=language).account
    for decide in (partial(entitlement.decline, reason="0815"), partial(entitlement.approve, stated=SEEN_IN_PERSON)):
        now = clock.now()
        check = entitlement.request_check(account, route=Route.MAIL, now=now, origin=COMMAND_LINE)
        deliver_due_mails(clock=clock.now)
        decide(check.pk, decided_by=staff, now=clock.now(), origin=COMMAND_LINE)
        deliver_due_mails(clock=clock.now)


def test_mails_are_german_or_english_as_their_reader_is() -> None:
    said: dict[Language, list[set[str]]] = {}
    for language in Language:
        mail.outbox.clear()
        with transaction.atomic():
            settled(language=language)
            deliver_due_mails(clock=clock.now)
            _every_mail_about_a_check(language)
            transaction.set_rollback(True)
        said[language] = [
            words
            for letter in mail.outbox
            if isinstance(letter, EmailMultiAlternatives)
            for words in (
                {str(letter.subject)},
                {" ".join(line.split()) for line in str(letter.body).splitlines()},
                read(str(letter.alternatives[0][0])).spoken,
            )
        ]
    assert len(said[Language.GERMAN]) == len(said[Language.ENGLISH]) == 21
    same = [_same_in_both(*pair) for pair in zip(said[Language.GERMAN], said[Language.ENGLISH], strict=True)]
    assert same == [set()] * 21


def test_an_english_date_is_written_in_one_order_everywhere() -> None:
    day = datetime(2026, 11, 3, 17, 5, tzinfo=UTC)
    with translation.override("en"):
        assert date_format(day, "DATE_FORMAT") == "3 November 2026"
        assert date_format(day, "SHORT_DATE_FORMAT") == "03/11/2026"
        assert date_format(day, "DATETIME_FORMAT") == "3 November 2026, 17:05"

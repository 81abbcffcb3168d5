"""One account's file: how it stands, what happened, and every step that may be taken."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core import mail, signing
from django.test import Client
from django.utils import translation

from factories.accounts import NOW, OWN_PASSWORD
from factories.tables import csv, imported, people
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import organisation_names_of
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.operations import (
    access,
    caller_codes,
    deletions,
    entitlement,
    lockouts,
    resets,
    steps,
)
from kundenportal.domain.credentials.operations.access import issue_initial_password
from kundenportal.domain.credentials.rules.deletion import TAKEN_BACK_WITHIN
from kundenportal.domain.credentials.rules.identity import STATED, Means
from kundenportal.domain.credentials.rules.steps import Step
from kundenportal.domain.imports.rules.runs import Letters
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import MISSED_AFTER
from kundenportal.domain.privacy import operations as privacy
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.kernel.refusal import TooBusy
from kundenportal.web.desk.forms import IdentityForm
from kundenportal.web.desk.history import happening_of
from kundenportal.web.desk.words import MEANS, STEPS, WAITING
from kundenportal.web.shared.words import EVENTS, ROLES
from web.pages import Page
from web.residents import (
    ADDRESS,
    attempt,
    is_signed_in,
    issue,
    letter_holder,
    password_in_letter,
    refused_for_good,
    settled,
    sign_in,
    suspend,
    too_late,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from time_machine import TimeMachineFixture

    from kundenportal.kernel.refusal import Refusal

pytestmark = pytest.mark.django_db


def path_of(account: Account, step: str = "") -> str:
    return f"/desk/accounts/{account.pk}/" + (f"{step}/" if step else "")


def file_of(desk: Client, account: Account) -> Page:
    return Page(desk.get(path_of(account)))


def steps_on(page: Page) -> list[str]:
    section = page.main.all("section", **{"aria-labelledby": "steps-heading"})[0]
    return [each.text for each in section.walk() if "button" in each.attributes.get("class", "").split()]


def state_identity(desk: Client, account: Account, step: str, **entries: str) -> Page:
    return Page(desk.post(path_of(account, step), {"means": "in_person", **entries}, follow=True))


def lock(address: str = ADDRESS) -> None:
    for _ in range(5):
        attempt(Client(), address, "not the password")


def imported_without_letter() -> Account:
    imported(csv(people(1)), letters=Letters.NEVER, now=clock.now())
    return Account.objects.latest("pk")


def deliver() -> None:
    deliver_due_mails(clock=clock.now)


class TestTheFile:
    def test_shows_who_it_is_and_what_happened_newest_first(self, desk: Client) -> None:
        holder = settled()
        page = file_of(desk, holder.account)
        for words in (holder.address, "Büro Musterland", "Kirchenkreis Musterland", "institutionell", "aktiv"):
            assert words in page.main.text
        told = [each.text for each in page.main.all("p", **{"class": "history__what"})]
        assert told[0] == "Eigenes Passwort gewählt"
        assert told[-1] == "Zugang angelegt"

    def test_says_when_access_expired_among_what_happened_before_and_after(self, desk: Client) -> None:
        holder = letter_holder(now=clock.now() - timedelta(days=40))
        issue_initial_password(holder.account, issued_by=None, now=clock.now(), origin=COMMAND_LINE)
        told = [each.text for each in file_of(desk, holder.account).main.all("p", **{"class": "history__what"})]
        assert told == [
            "Zugang eingerichtet",
            "Zugesandtes Passwort abgelaufen",
            "Zugangsdaten an den Mailserver übergeben",
            "Zugang eingerichtet",
            "Zugang angelegt",
        ]

    def test_tells_alike_entries_that_follow_one_another_once(self, desk: Client) -> None:
        holder = settled()
        lock()
        told = [each.text for each in file_of(desk, holder.account).main.all("p", **{"class": "history__what"})]
        assert told[0] == "Gesperrt nach fünf falschen Eingaben"
        assert "Anmeldung abgewiesen 5-mal" in told

    def test_lists_where_somebody_is_signed_in_and_the_browsers_that_are_known(self, desk: Client) -> None:
        holder = settled()
        firefox = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"
        client = Client(headers={"user-agent": firefox})
        sign_in(holder, client)
        page = file_of(desk, holder.account)
        for heading in ("sessions-heading", "browsers-heading"):
            (section,) = page.main.all("section", **{"aria-labelledby": heading})
            assert "Firefox, Windows" in section.text

    def test_pages_back_through_a_long_history(self, desk: Client) -> None:
        holder = settled()
        for _ in range(30):
            sign_in(holder)
        page = file_of(desk, holder.account)
        (older,) = [link for link in page.main.all("a") if link.text == "Früheres anzeigen"]
        before = Page(desk.get(older.attributes["href"]))
        assert "Zugang angelegt" not in page.main.text
        assert "Zugang angelegt" in before.main.text
        assert "Zurück zum Neuesten" in before.main.text

    @pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999"])
    def test_of_nobody_is_not_found(self, desk: Client, number: str) -> None:
        assert desk.get(f"/desk/accounts/{number}/").status_code == 404


class TestTheNextStep:
    def test_is_the_first_button_and_depends_on_how_the_account_stands(self, desk: Client) -> None:
        issued, lost, active = letter_holder("a@example.org"), refused_for_good(issue("b@example.org")), settled()
        away = suspend(settled("c@example.org"))
        assert steps_on(file_of(desk, issued.account))[0] == "Neue Zugangsdaten senden"
        assert steps_on(file_of(desk, lost))[:2] == ["Adresse berichtigen", "Erneut senden"]
        assert steps_on(file_of(desk, away.account)) == ["Zugang wieder freigeben"]  # to delete is for the head
        assert steps_on(file_of(desk, imported_without_letter()))[0] == "Zugangsdaten senden"
        lock()
        assert steps_on(file_of(desk, active.account))[0] == "Sperre aufheben"

    def test_is_not_offered_for_colleagues_nor_for_oneself(self, desk: Client) -> None:
        colleague = settled("kollegin@example.org", role=Role.DESK)
        assert steps_on(file_of(desk, colleague.account)) == []
        assert "darf Ihre Rolle nicht ändern" in file_of(desk, colleague.account).main.text

    def test_that_makes_no_sense_any_more_leads_back_with_a_word(self, desk: Client) -> None:
        holder = settled()
        answer = desk.get(path_of(holder.account, "unlock"), follow=True)
        assert answer.redirect_chain == [(path_of(holder.account), 302)]
        assert "nicht mehr nötig" in Page(answer).main.text

    def test_of_no_such_name_is_not_found(self, desk: Client) -> None:
        holder = settled()
        for name in ("decide", "send-again", "burn"):
            assert desk.get(path_of(holder.account, name)).status_code == 404


class TestTakingAStep:
    def test_issuing_again_sends_a_letter_whose_password_works(self, desk: Client) -> None:
        account = letter_holder().account
        state_identity(desk, account, "issue-again")
        deliver()
        assert attempt(Client(), ADDRESS, password_in_letter(ADDRESS)).status_code == 302

    def test_a_request_by_telephone_is_noted_and_waits_to_be_decided(self, desk: Client) -> None:
        account = too_late().account
        page = Page(desk.post(path_of(account, "take-down-request"), follow=True))
        assert "Die Anfrage ist vermerkt" in page.text
        assert steps_on(page)[0] == "Anfrage entscheiden"
        assert "am Telefon" in page.main.text

    def test_correcting_the_address_sends_the_letter_there(self, desk: Client) -> None:
        account = refused_for_good(issue("bureo@musterland.example.org"))
        page = state_identity(desk, account, "correct-address", address="buero2@musterland.example.org")
        assert "gehört jetzt zu buero2@musterland.example.org" in page.main.text
        deliver()
        assert password_in_letter("buero2@musterland.example.org")

    def test_unlocking_lets_the_owner_in_again(self, desk: Client) -> None:
        holder = settled()
        lock()
        state_identity(desk, holder.account, "unlock")
        assert is_signed_in(sign_in(holder))

    def test_suspending_asks_first_ends_the_session_and_is_undone_by_restoring(self, desk: Client) -> None:
        holder = settled()
        browser = sign_in(holder)
        assert "jederzeit wieder freigeben" in Page(desk.get(path_of(holder.account, "suspend"))).main.text
        assert is_signed_in(browser)
        desk.post(path_of(holder.account, "suspend"))
        assert not is_signed_in(browser)
        state_identity(desk, holder.account, "restore")
        assert not is_signed_in(browser)
        assert is_signed_in(sign_in(holder))

    def test_signing_out_everywhere_ends_every_session_and_no_other(self, desk: Client) -> None:
        holder = settled()
        browsers = [sign_in(holder), sign_in(holder)]
        desk.post(path_of(holder.account, "end-sessions"))
        assert not any(map(is_signed_in, browsers))
        assert is_signed_in(desk)
        assert is_signed_in(sign_in(holder))

    def test_without_saying_how_the_caller_was_verified_nothing_happens(self, desk: Client) -> None:
        account = refused_for_good(issue())
        typed = {"address": "neu@musterland.example.org"}
        page = Page(desk.post(path_of(account, "correct-address"), typed))
        assert "woher Sie wissen, mit wem Sie es zu tun haben" in page.main.text
        assert page.control("address").attributes["value"] == "neu@musterland.example.org"
        account.refresh_from_db()
        assert account.address == ADDRESS

    def test_a_code_sent_by_mail_opens_the_way_and_what_was_typed_is_kept_meanwhile(self, desk: Client) -> None:
        account = letter_holder().account
        typed = {"address": "neu@musterland.example.org", "means": "caller_code"}
        answer = desk.post(path_of(account, "correct-address"), {**typed, "send-code": "yes"})
        assert answer.headers["Location"] == path_of(account, "correct-address")
        page = Page(desk.get(answer.headers["Location"]))
        assert f"Ein Code geht an {ADDRESS}" in page.text
        assert page.control("address").attributes["value"] == "neu@musterland.example.org"
        deliver()
        found = re.search(r"\b\w{4}-\w{4}\b", str(mail.outbox[-1].body))
        assert found
        refused = Page(desk.post(path_of(account, "correct-address"), {**typed, "code": "3333-3333"}))
        assert "Dieser Code stimmt nicht" in refused.main.text
        desk.post(path_of(account, "correct-address"), {**typed, "code": found[0].lower()})
        account.refresh_from_db()
        assert account.address == "neu@musterland.example.org"
        assert found[0] not in "".join(str(entry.details) for entry in Entry.objects.all())

    def test_a_double_click_sends_one_code_and_says_so(self, desk: Client) -> None:
        account = letter_holder().account
        for _ in range(2):
            desk.post(path_of(account, "correct-address"), {"send-code": "yes"})
        assert OutgoingMail.objects.filter(kind="caller_code").count() == 1
        page = Page(desk.get(path_of(account, "correct-address")))
        assert page.notices[-1].startswith(f"Ein Code an {ADDRESS} ist schon unterwegs.")

    def test_what_was_typed_for_one_account_is_not_shown_for_another(self, desk: Client) -> None:
        one, other = letter_holder("a@example.org").account, letter_holder("b@example.org").account
        desk.post(path_of(one, "correct-address"), {"address": "neu@example.org", "send-code": "yes"})
        page = Page(desk.get(path_of(other, "correct-address")))
        assert "neu@example.org" not in str(page.control("address").attributes)

    @pytest.mark.parametrize(
        ("address", "sentence"),
        [
            ("", "Bitte geben Sie die E-Mail-Adresse an."),
            ("niemand", "Das ist keine E-Mail-Adresse."),
            (ADDRESS.upper(), "Diese Adresse hat der Zugang schon."),
            ("hr-service@example.org", "Diese Adresse hat schon ein anderer Zugang."),
        ],
    )
    def test_a_wrong_new_address_is_told_at_its_field(self, desk: Client, address: str, sentence: str) -> None:
        account = letter_holder().account
        page = Page(desk.post(path_of(account, "correct-address"), {"address": address, "means": "in_person"}))
        assert sentence in page.main.text

    def test_the_number_on_file_is_what_the_caller_is_called_back_on(self, desk: Client) -> None:
        holder = settled()
        page = Page(desk.get(path_of(holder.account, "suspend")))
        assert "Es ist keine Telefonnummer hinterlegt" not in page.main.text
        page = Page(desk.get(path_of(holder.account, "change-details")))
        assert "Es ist keine Telefonnummer hinterlegt" in page.main.text
        entries = {"telephone": "+49 (0)511 12-0", "means": "document"}
        answer = page.form("Angaben ändern").press(desk, "Angaben ändern", entries)
        assert answer.status_code == 302
        file = file_of(desk, holder.account)
        assert file.links["+49 (0)511 12-0"] == "tel:+49511120"
        assert "Angaben geändert Telefonnummer · Ein Dokument lag vor" in file.main.text
        page = Page(desk.get(path_of(holder.account, "correct-address")))
        assert "Rückruf unter +49 (0)511 12-0" in page.main.text
        assert "Es ist keine Telefonnummer hinterlegt" not in page.main.text

    def test_an_organisation_more_and_one_less(self, desk: Client) -> None:
        holder = settled(organisation="Kirchenkreis Musterland")
        state_identity(desk, holder.account, "change-details", name="Anna", kind="personal", joins="Kita Probstadt")
        page = Page(desk.get(path_of(holder.account, "change-details")))
        (church, _nursery) = page.form("Angaben ändern").element.all("input", name="leaves")
        entries = {"leaves": church.attributes["value"], "means": "in_person"}
        page.form("Angaben ändern").press(desk, "Angaben ändern", entries)
        assert organisation_names_of(holder.account) == ["Kita Probstadt"]
        text = file_of(desk, holder.account).main.text
        assert "handelt auch für Kita Probstadt" in text
        assert "handelt nicht mehr für Kirchenkreis Musterland" in text

    @pytest.mark.parametrize(
        ("entries", "sentence"),
        [
            ({"name": ""}, "Bitte geben Sie einen Namen an."),
            ({"telephone": "siehe oben"}, "Das ist keine Telefonnummer."),
            ({"telephone": "1" * 41}, "Das ist keine Telefonnummer."),
            ({"leaves": "all"}, "Ein Zugang handelt für mindestens eine Einrichtung."),
            # The domain counts characters as it keeps them, and this one as two.
            ({"name": "\u0958" * 150}, "Bitte geben Sie höchstens 150 Zeichen ein."),
            ({"joins": "\u0958" * 200}, "Bitte geben Sie höchstens 200 Zeichen ein."),
            ({"joins": "\u200b"}, "Bitte geben Sie eine Einrichtung an."),
        ],
    )
    def test_a_wrong_detail_is_told_at_its_field_and_nothing_typed_is_lost(
        self, desk: Client, entries: dict[str, str], sentence: str
    ) -> None:
        account = letter_holder().account
        if "leaves" in entries:
            entries = {"leaves": str(account.organisations.get().pk)}
        typed = {"name": "Neuer Name", "kind": "personal", "means": "in_person", **entries}
        page = Page(desk.post(path_of(account, "change-details"), typed))
        assert sentence in page.main.text
        assert page.form("Angaben ändern").fields["means"] == "in_person"
        assert page.form("Angaben ändern").fields.get("leaves", "") == entries.get("leaves", "")

    @pytest.mark.parametrize(
        "refusal",
        [
            access.CheckFirst(Account()),
            deletions.AlreadyToBeDeleted(),
            entitlement.AlreadyBeingChecked(NOW),
            entitlement.NoCheckNeeded(),
            lockouts.NotLocked(),
            steps.AlreadyUsed(),
            steps.Suspended(),
        ],
        ids=lambda refusal: type(refusal).__name__,
    )
    def test_that_somebody_else_has_made_needless_meanwhile_says_so(
        self, desk: Client, refusal: Refusal, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise refusal

        monkeypatch.setattr(steps, "issue_again", refuse)
        page = state_identity(desk, letter_holder().account, "issue-again")
        assert "nicht mehr nötig" in page.main.text

    @pytest.mark.parametrize("path", ["issue-again", "send-link", "own-data"])
    def test_for_an_account_that_has_just_come_beyond_the_role_says_so_once(
        self, lead: Client, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        def once_it_has(act: Callable[..., object]) -> Callable[..., object]:
            def promote_and_act(*given: object, **named: object) -> object:
                Account.objects.filter(pk=account.pk).update(role=Role.ADMIN)
                return act(*given, **named)

            return promote_and_act

        monkeypatch.setattr(caller_codes, "send", once_it_has(caller_codes.send))
        monkeypatch.setattr(resets, "send_link", once_it_has(resets.send_link))
        account = letter_holder().account if path == "issue-again" else settled().account
        page = Page(lead.post(path_of(account, path), {"send-code": "yes"}, follow=True))
        assert page.notices == ["Diesen Zugang darf Ihre Rolle nicht ändern."]

    def test_a_refusal_nobody_has_words_for_is_not_taken_for_another(self) -> None:
        with pytest.raises(TooBusy):
            IdentityForm({}).say_why_not(TooBusy())

    def test_of_two_who_change_the_same_the_second_is_told_and_decides(self, desk: Client) -> None:
        account = letter_holder().account
        seen_before = Page(desk.get(path_of(account, "change-details"))).form("Angaben ändern")
        typed = {"means": "in_person", "leaves": str(account.organisations.get().pk), "joins": "Kita"}
        state_identity(desk, account, "change-details", name="Anna", kind="personal", telephone="0511 1")
        page = Page(seen_before.press(desk, "Angaben ändern", typed, name="Berta", kind="institutional"))
        assert list(page.errors) == ["id_name"]
        assert "inzwischen jemand in „Anna“ geändert" in page.errors["id_name"]
        again = page.form("Angaben ändern")
        assert (again.fields["name"], again.fields["leaves"]) == ("Berta", typed["leaves"])
        assert again.press(desk, "Angaben ändern").status_code == 302
        account.refresh_from_db()
        assert (account.name, account.telephone) == ("Berta", "0511 1")
        # Who leaves what has been left already, and whose page says nothing of what it showed, is not kept from it.
        spoilt = {**seen_before.fields, **typed, "seen": "x", "name": "Clara"}
        assert desk.post(path_of(account, "change-details"), spoilt).status_code == 302

    def test_on_a_page_of_the_version_before_nobody_takes_back_what_a_colleague_changes(self, desk: Client) -> None:
        account = letter_holder().account
        shown = Page(desk.get(path_of(account, "change-details"))).form("Angaben ändern")
        before = {"name": account.name, "kind": account.kind, "telephone": account.telephone}
        state_identity(desk, account, "change-details", name="Anna", kind="personal")
        entries = {**shown.fields, "seen": signing.dumps(before), "name": "Berta", "means": "in_person"}
        page = Page(desk.post(path_of(account, "change-details"), entries))
        assert "inzwischen jemand in „Anna“ geändert" in page.errors["id_name"]

    def test_what_was_ticked_is_kept_while_a_code_is_sent(self, desk: Client) -> None:
        account = letter_holder().account
        ours = str(account.organisations.get().pk)
        typed = {"name": "Neu", "kind": "personal", "leaves": ours, "joins": "Kita", "send-code": "yes"}
        page = Page(desk.post(path_of(account, "change-details"), typed, follow=True))
        fields = page.form("Angaben ändern").fields
        assert (fields["name"], fields["leaves"], fields["joins"]) == ("Neu", ours, "Kita")

    def test_a_link_for_a_new_password_goes_to_the_owner_and_to_nobody_else(self, desk: Client) -> None:
        holder = settled()
        page = Page(desk.post(path_of(holder.account, "send-link"), follow=True))
        deliver()
        assert f"Ein Link für ein neues Passwort geht an {ADDRESS}" in page.text
        assert mail.outbox[-1].to == [ADDRESS]
        assert "/password/choose/" in mail.outbox[-1].body
        assert "/password/choose/" not in page.text

    def test_a_double_click_sends_one_link_and_says_so(self, desk: Client, time_machine: TimeMachineFixture) -> None:
        holder = settled()
        desk.post(path_of(holder.account, "send-link"))
        page = Page(desk.post(path_of(holder.account, "send-link"), follow=True))
        deliver()
        assert f"Ein Link für ein neues Passwort ist schon unterwegs an {ADDRESS}" in page.text
        assert [each.to for each in mail.outbox if "/password/choose/" in each.body] == [[ADDRESS]]
        time_machine.move_to(clock.now() + MISSED_AFTER)
        page = Page(desk.post(path_of(holder.account, "send-link"), follow=True))
        assert "Ein Link für ein neues Passwort geht an" in page.text

    def test_the_first_letter_of_an_account_imported_without_is_sent_from_its_file(self, desk: Client) -> None:
        account = imported_without_letter()
        page = file_of(desk, account)
        assert page.form("Zugangsdaten senden").press(desk, "Zugangsdaten senden").headers["Location"] == path_of(
            account
        )
        deliver()
        assert attempt(Client(), account.address, password_in_letter(account.address)).status_code == 302

    def test_sending_again_leads_back_to_the_file(self, desk: Client) -> None:
        account = refused_for_good(issue())
        answer = file_of(desk, account).form("Erneut senden").press(desk, "Erneut senden")
        assert answer.headers["Location"] == path_of(account)

    def test_a_link_and_a_letter_go_to_nobody_beyond_the_role(self, desk: Client) -> None:
        admin, lost = settled("admin@example.org", role=Role.ADMIN), refused_for_good(issue(role=Role.EDITOR))
        deliver()
        page = Page(desk.post(path_of(admin.account, "send-link"), follow=True))
        assert "darf Ihre Rolle nicht ändern" in page.text
        page = Page(desk.post("/desk/accounts/send-letter-again/", {"account": str(lost.pk)}, follow=True))
        assert "darf Ihre Rolle nicht ändern" in page.text
        deliver()
        assert not [each for each in mail.outbox if "/password/choose/" in str(each.body) or each.to == [lost.address]]


class TestRoles:
    def test_the_head_of_the_desk_changes_them_and_the_desk_does_not(self, desk: Client, lead: Client) -> None:
        account = settled().account
        assert "Rolle ändern" not in steps_on(file_of(desk, account))
        desk.post(path_of(account, "role"), {"role": "intake"})
        account.refresh_from_db()
        assert account.role == Role.CUSTOMER
        page = Page(lead.post(path_of(account, "role"), {"role": "intake"}, follow=True))
        assert "Die Rolle ist jetzt: Aufnahme" in page.text
        account.refresh_from_db()
        assert account.role == Role.INTAKE

    def test_nobody_is_made_an_administrator_by_the_head_of_the_desk(self, lead: Client) -> None:
        account = settled().account
        offered = {
            each.attributes["value"] for each in Page(lead.get(path_of(account, "role"))).all("input", name="role")
        }
        assert offered == {"customer", "intake", "desk", "desk_lead", "editor"}
        lead.post(path_of(account, "role"), {"role": "admin"})
        account.refresh_from_db()
        assert account.role == Role.CUSTOMER


def test_the_code_for_the_telephone_is_shown_to_its_owner_once_and_works_at_the_desk(desk: Client) -> None:
    holder = settled()
    browser = sign_in(holder)
    lock()
    assert not Page(browser.get("/profile/caller-code/")).main.all("p", **{"class": "code"})
    page = Page(browser.post("/profile/caller-code/"))
    (code,) = page.main.all("p", **{"class": "code"})
    assert not Page(browser.get("/profile/caller-code/")).main.all("p", **{"class": "code"})
    desk.post(path_of(holder.account, "unlock"), {"means": "caller_code", "code": code.text})
    assert is_signed_in(sign_in(holder))


def test_whoever_signed_in_long_ago_shows_the_password_before_a_code_is_shown(time_machine: TimeMachineFixture) -> None:
    holder = settled()
    browser = sign_in(holder)
    time_machine.move_to(clock.now() + timedelta(minutes=16))
    page = Page(browser.post("/profile/caller-code/"))
    assert "Bitte geben Sie auch Ihr bisheriges Passwort ein." in page.main.text
    page = Page(browser.post("/profile/caller-code/", {"current_password": "not the password"}))
    assert "Das ist nicht Ihr bisheriges Passwort." in page.main.text
    assert not page.main.all("p", **{"class": "code"})
    page = Page(browser.post("/profile/caller-code/", {"current_password": OWN_PASSWORD}))
    assert page.main.all("p", **{"class": "code"})


@pytest.mark.parametrize("language", ["de", "en"])
def test_everything_the_domains_know_has_a_word(language: str) -> None:
    with translation.override(language):
        for known, words in ((Event, EVENTS), (Means, MEANS), (Role, ROLES), (Step, STEPS), (None, WAITING)):
            assert known is None or set(words) == set(known)
            assert all(str(word) for word in words.values())
    assert set(STATED) <= set(MEANS)


def test_an_event_nobody_knows_any_more_keeps_its_name() -> None:
    assert happening_of(Entry(event="door.painted", happened_at=clock.now(), details={"colour": "red"})).label == (
        "door.painted"
    )


class TestDeletion:
    def test_the_head_of_the_desk_reads_what_will_be_gone_says_how_it_was_checked_and_can_undo_it(
        self, lead: Client
    ) -> None:
        holder = settled()
        assert {"Zugang aussetzen", "Zugang löschen"} <= set(steps_on(file_of(lead, holder.account)))
        page = Page(lead.get(path_of(holder.account, "delete")))
        assert "Was gelöscht wird" in page.main.text
        assert "Was bleibt, und warum" in page.main.text
        assert "Bitte geben Sie an" in Page(lead.post(path_of(holder.account, "delete"))).main.text
        done = state_identity(lead, holder.account, "delete")
        assert f"{ADDRESS} ist ausgesetzt und wird gelöscht." in done.text
        assert "Dieser Zugang wird am" in done.main.text
        assert steps_on(done)[0] == "Zugang wieder freigeben"
        assert "Zugang löschen" not in steps_on(done)
        deliver()
        assert [each.subject for each in mail.outbox if each.to == [ADDRESS]][-1].endswith("Ihr Zugang wird gelöscht")
        restored = state_identity(lead, holder.account, "restore")
        assert "Dieser Zugang wird am" not in restored.main.text
        assert is_signed_in(sign_in(holder))

    def test_it_is_for_those_who_lead_the_desk(self, desk: Client) -> None:
        holder = settled()
        assert "Zugang löschen" not in steps_on(file_of(desk, holder.account))
        state_identity(desk, holder.account, "delete")
        assert not Entry.objects.filter(event=Event.ACCOUNT_TO_BE_DELETED).exists()

    def test_of_a_deleted_account_the_trail_tells_its_number(self, lead: Client) -> None:
        holder = settled()
        state_identity(lead, holder.account, "delete")
        privacy.delete_due(now=clock.now() + TAKEN_BACK_WITHIN)
        assert lead.get(path_of(holder.account)).status_code == 404
        page = Page(lead.get("/desk/trail/"))
        assert "Zugang endgültig gelöscht" in page.main.text
        assert f"gelöschter Zugang {holder.account.pk}" in page.main.text
        assert ADDRESS not in page.main.text

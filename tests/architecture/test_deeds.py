"""What changes something at the desk, tried in earnest by those who may not: they are refused, and nothing changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from factories.accounts import AT_HOME
from factories.incoming import report
from factories.tables import csv, people
from factories.windows import DAY, HOUR, planned
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.operations import entitlement, resets
from kundenportal.domain.credentials.rules.entitlement import Route as CheckRoute
from kundenportal.domain.imports import operations as imports
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.rules.keeping import Place
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.site import queries as site
from kundenportal.domain.support import operations as support
from kundenportal.domain.support.rules import Request
from kundenportal.domain.support.rules import Route as IntakeRoute
from kundenportal.kernel import clock
from kundenportal.web.desk.site_forms import SiteForm
from kundenportal.web.desk.steps import DOINGS
from web.residents import attempt, issue, letter_holder, refused_for_good, settled, sign_in, suspend, too_late

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account
    from web.pages import Response

pytestmark = pytest.mark.django_db

STATED = {"means": "in_person"}
SPEAKING_TO_EVERYBODY = {"desk-maintenance-plan", "desk-maintenance-window", "desk-settings"}
WHAT_A_ROLE_IS_FOR = {Role.INTAKE: {"desk-take-down"}, Role.EDITOR: SPEAKING_TO_EVERYBODY}


class Deed(NamedTuple):
    """A form that changes something: its address, what is entered, and whether an account of that role is concerned."""

    name: str
    path: str
    entries: dict[str, object]
    concerns_account: bool = True

    def done_by(self, browser: Client) -> Response:
        """The answer."""
        return browser.post(self.path, self.entries)


def deeds_about(role: Role) -> list[Deed]:
    """Every deed there is, each of which somebody who may do it could do now, about accounts of that role."""
    locked, away = settled("locked@example.org", role=role), suspend(settled("away@example.org", role=role))
    sign_in(locked)
    for _ in range(5):
        attempt(Client(), locked.address, "not the password")
    holder = letter_holder("holder@example.org", role=role)
    late, later = (too_late(f"{name}@example.org", role=role) for name in ("late", "later"))
    check = entitlement.request_check(late.account, route=CheckRoute.PAGE, now=clock.now(), origin=AT_HOME)
    deliver_due_mails(clock=clock.now)
    lost = refused_for_good(issue("lost@example.org", role=role))
    subjects = {
        "issue-again": holder.account,
        "take-down-request": later.account,
        "correct-address": holder.account,
        "change-details": holder.account,
        "unlock": locked.account,
        "restore": away.account,
        "end-sessions": locked.account,
        "suspend": holder.account,
        "delete": later.account,
    }
    return [
        *(_step(step, subjects[step]) for step in DOINGS),
        _deed("desk-account-step", holder.account.pk, "correct-address", **{"send-code": "yes"}),
        *(
            _deed("desk-check", check.pk, decision=decision, reason="Nein", question="Wer?", **STATED)
            for decision in ("approve", "decline", "ask", "withdraw")
        ),
        _deed("desk-check", check.pk, **{"send-code": "yes"}),
        _deed("desk-account-role", holder.account.pk, role=Role.EDITOR.value),
        _deed("desk-own-data", holder.account.pk, **STATED),
        _deed("desk-send-link", locked.account.pk),
        _deed("desk-send-letter-again", account=lost.pk),
        _deed("desk-send-mail-again", mail=lost.access_letters.get().mail_id),
        *_deeds_about_nobody(),
    ]


def _deeds_about_nobody() -> list[Deed]:
    now = clock.now()
    mailbox = inbox.meet(inbox.mailbox_named("x", now=now), 1)
    received = inbox.take_in(mailbox, Place(1, 1), report("k" * 26), now=now)
    wish = Request("Bitte um Rückruf", call_back_number="0511 123")
    intake = support.take_down(wish, route=IntakeRoute.PAGE, now=now, origin=AT_HOME)
    run = imports.upload(csv(people(2)), file_name="a.csv", uploaded_by=None, now=now, origin=AT_HOME)
    columns = {"address": "0", "name": "1", "organisation": "2"}
    newcomer = {"address": "new@example.org", "name": "Neu", "organisation": "Neu", "kind": "personal"}
    resets.ask("nobody@example.org", now=now, origin=AT_HOME)
    failed = OutgoingMail.objects.filter(recipient="nobody@example.org")
    failed.update(kind="password_changed", state=State.FAILED, next_attempt_at=None)
    deeds = [
        _deed("desk-keys", wanted="no"),
        _deed("desk-take", take=f"intake~{intake.pk}"),
        _deed("desk-issue-access", language="de", role="customer", **newcomer),
        _deed("desk-send-mail-again", mail=failed.get().pk),
        _deed("desk-received-mail", received.pk),
        _deed("desk-take-down", concern="Anliegen", call_back_number="0511 123"),
        _deed("desk-intake", intake.pk, action="settle"),
        _deed("desk-import-upload", file=SimpleUploadedFile("b.csv", csv(people(1)))),
        _deed("desk-import-columns", run.pk, **columns),
        _deed("desk-import-cancel", run.pk),
        *_deeds_that_speak_to_everybody(),
    ]
    return [deed._replace(concerns_account=False) for deed in deeds]


def _deeds_that_speak_to_everybody() -> list[Deed]:
    now, stand = clock.now(), site.stand()
    starts, ends = ((now + away).isoformat(timespec="minutes") for away in (3 * DAY, 3 * DAY + HOUR))
    entries = {**SiteForm.of(stand.site, version=stand.version).initial, "telephone": "0511 99"}
    return [
        _deed("desk-maintenance-plan", action="plan", starts=starts, ends=ends, message_de="Neue Platten"),
        _deed("desk-maintenance-window", planned(now + DAY, now=now).pk, action="cancel"),
        _deed("desk-settings", **entries, **{"days-TOTAL_FORMS": "0", "days-INITIAL_FORMS": "0"}),
    ]


def _step(step: str, account: Account) -> Deed:
    more = {
        "correct-address": {"address": "elsewhere@example.org"},
        "change-details": {"name": "Anders", "kind": "personal"},
    }
    return _deed("desk-account-step", account.pk, step, **STATED, **more.get(step, {}))


def _deed(place: str, /, *numbers: object, **entries: object) -> Deed:
    return Deed(place, reverse(place, args=numbers), entries)


def everything() -> dict[str, str]:
    """What the database holds, by table; but for sessions, whose owners are about, and the refusals they were shown."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = sorted(name for (name,) in cursor.fetchall() if name not in {"accounts_session", "faults_fault"})
        held = {}
        for table in tables:
            cursor.execute(f'SELECT md5(string_agg(row::text, chr(10) ORDER BY row::text)) FROM "{table}" AS row')
            held[table] = cursor.fetchone()[0]
    return held


def test_every_form_of_the_desk_is_tried() -> None:
    deeds, admin = deeds_about(Role.CUSTOMER), sign_in(settled("chief@example.org", role=Role.ADMIN))
    taking = set()
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLPattern) and str(pattern.name).startswith("desk-"):
            numbers = ["suspend" if name == "step" else 0 for name in pattern.pattern.converters]
            if admin.post(reverse(str(pattern.name), args=numbers)).status_code != 405:
                taking.add(str(pattern.name))
    # An import is started once it has been checked; nobody comes that far without the forms before.
    assert taking - {"desk-import-start"} == {deed.name for deed in deeds}


@pytest.mark.parametrize("about", [Role.CUSTOMER, Role.ADMIN])
def test_each_of_them_changes_something_when_done_by_whoever_may(about: Role) -> None:
    deeds, admin = deeds_about(about), sign_in(settled("chief@example.org", role=Role.ADMIN))
    before = everything()
    for deed in deeds:
        with transaction.atomic():
            answer = deed.done_by(admin)
            assert everything() != before, (deed, answer.status_code)
            transaction.set_rollback(True)


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.INTAKE, Role.EDITOR])
@pytest.mark.parametrize("about", [Role.CUSTOMER, Role.ADMIN])
def test_whoever_is_not_at_the_desk_changes_nothing(role: Role, about: Role) -> None:
    deeds, browser = deeds_about(about), sign_in(settled("visitor@example.org", role=role))
    before = everything()
    for deed in deeds:
        if deed.name in WHAT_A_ROLE_IS_FOR.get(role, set()):
            continue
        assert deed.done_by(browser).status_code == 403, deed
        assert everything() == before, deed


@pytest.mark.parametrize(
    ("role", "about"), [(Role.DESK, Role.ADMIN), (Role.DESK, Role.INTAKE), (Role.DESK_LEAD, Role.ADMIN)]
)
def test_the_desk_changes_nothing_about_accounts_beyond_its_role(role: Role, about: Role) -> None:
    deeds, browser = deeds_about(about), sign_in(settled("visitor@example.org", role=role))
    before = everything()
    for deed in deeds:
        if deed.concerns_account:
            # It may look at the account, so it is led back there and told.
            assert deed.done_by(browser).status_code in {302, 403, 404}, deed
            assert everything() == before, deed


def test_the_desk_alone_does_not_speak_to_everybody() -> None:
    deeds, browser = _deeds_that_speak_to_everybody(), sign_in(settled("visitor@example.org", role=Role.DESK))
    before = everything()
    assert {deed.done_by(browser).status_code for deed in deeds} == {403}
    assert everything() == before


def test_the_desk_takes_no_address_from_an_account_beyond_its_role() -> None:
    chief, browser = (
        settled("chief@example.org", role=Role.ADMIN),
        sign_in(settled("visitor@example.org", role=Role.DESK)),
    )
    customer = letter_holder().account
    before = everything()
    newcomer = {"address": chief.address, "name": "Neu", "organisation": "Neu", "kind": "personal", "language": "de"}
    assert browser.post(reverse("desk-issue-access"), newcomer).status_code == 200
    assert (
        browser.post(_step("correct-address", customer).path, {**STATED, "address": chief.address}).status_code == 200
    )
    assert everything() == before

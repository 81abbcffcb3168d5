"""kundenportal demo: a portal to try out, with fictitious organisations and an account in every state."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from kundenportal.domain.accounts.rules import ColourScheme, Kind, Language, Role
from kundenportal.domain.credentials.rules.entitlement import CheckState, Route
from kundenportal.domain.maintenance.rules.windows import Message
from kundenportal.jobs.demo_mails import send_letter_back, take_in_letters

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

HELP = "add fictitious organisations and accounts, and capture mail instead of sending it"


@dataclass(frozen=True)
class Resident:
    """An account of the demonstration, and how far it has come."""

    address: str
    name: str
    organisation: str
    kind: Kind = Kind.PERSONAL
    role: Role = Role.CUSTOMER
    language: Language = Language.GERMAN
    colour_scheme: ColourScheme = ColourScheme.DEVICE
    issued_ago: timedelta = timedelta(days=60)
    signed_in: bool = True
    suspended: bool = False
    letter_came_back: bool = False
    check: CheckState | None = None
    locked: bool = False
    acts_for_too: str = ""
    telephone: str = ""
    asks: str = ""


CHURCH, NURSING, NURSERY = "Kirchenkreis Musterland", "Diakoniestation Beispielhausen", "Kita Probstadt"
OPERATOR = "COMRAMO (Vorführung)"
STAFF = Resident("hr-service@example.org", "HR-Service", OPERATOR, Kind.INSTITUTIONAL, Role.ADMIN)
CUSTOMER = Resident("buero@musterland.example.org", "Büro Musterland", CHURCH, Kind.INSTITUTIONAL)
RESIDENTS = (
    STAFF,
    CUSTOMER,
    Resident("redaktion@example.org", "Redaktion", OPERATOR, Kind.INSTITUTIONAL, Role.EDITOR),
    Resident("anna.beispiel@musterland.example.org", "Anna Beispiel", CHURCH,
             issued_ago=timedelta(days=3), signed_in=False),
    Resident("office@beispielhausen.example.org", "Office Beispielhausen", NURSING, Kind.INSTITUTIONAL,
             language=Language.ENGLISH, issued_ago=timedelta(hours=1), signed_in=False),
    Resident("kirchenbuero@musterland.example.org", "Kirchenbüro Musterland", CHURCH, Kind.INSTITUTIONAL,
             issued_ago=timedelta(days=1), signed_in=False, letter_came_back=True),
    Resident("leitung@probstadt.example.org", "Kita-Leitung Probstadt", NURSERY, Kind.INSTITUTIONAL,
             issued_ago=timedelta(days=40), signed_in=False),
    Resident("verwaltung@probstadt.example.org", "Verwaltung Probstadt", NURSERY, Kind.INSTITUTIONAL,
             issued_ago=timedelta(days=45), signed_in=False, check=CheckState.OPEN),
    Resident("ehrenamt@musterland.example.org", "Ehrenamt Musterland", CHURCH, Kind.INSTITUTIONAL,
             issued_ago=timedelta(days=50), signed_in=False, check=CheckState.DECLINED),
    Resident("kasse@beispielhausen.example.org", "Kasse Beispielhausen", NURSING, Kind.INSTITUTIONAL, suspended=True),
    Resident("pflege@beispielhausen.example.org", "Pflegedienst Beispielhausen", NURSING, Kind.INSTITUTIONAL,
             language=Language.ENGLISH, colour_scheme=ColourScheme.NORDSEE),
    Resident("fsj@probstadt.example.org", "FSJ Probstadt", NURSERY, issued_ago=timedelta(days=25), signed_in=False),
    Resident("pfarramt@musterland.example.org", "Pfarramt Musterland", CHURCH, Kind.INSTITUTIONAL,
             acts_for_too=NURSERY, asks="Bitte rufen Sie uns wegen der neuen Kita an."),
    Resident("buchhaltung@beispielhausen.example.org", "Buchhaltung Beispielhausen", NURSING, Kind.INSTITUTIONAL,
             locked=True, telephone="+49 30 23125 014"),
)  # fmt: skip
ASKED_AGO, DECLINED_AGO, LOCKED_AGO = timedelta(days=2), timedelta(days=1), timedelta(hours=1)
MAINTENANCE_IN, MAINTENANCE_LASTS = timedelta(days=3), timedelta(hours=2)
MAINTENANCE = Message("Wir bauen einen größeren Speicher ein.", "We put a larger disk in.")
HALF_DAYS = (("Heiligabend", date(2000, 12, 24)), ("Silvester", date(2000, 12, 31)))
REASON = "Der Kirchenkreis hat uns mitgeteilt, dass er diesen Zugang nicht mehr braucht."


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("--serve", action="store_true", help="then serve the demonstration until stopped")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Adds whatever of the demonstration is missing, and says how to sign in."""
    from django.conf import settings

    from kundenportal.domain.credentials.queries.desk import accounts_on_the_desk
    from kundenportal.domain.mail.capture import begin_capturing

    if settings.MAIL_SERVER_IS_SET:
        return _refuse("A demonstration sends no mail: start it without KUNDENPORTAL_SMTP_URL.")
    if not settings.DEMONSTRATION:
        if accounts_on_the_desk().exists():
            return _refuse(
                "This data directory holds real accounts; a demonstration needs one of its own: "
                "set KUNDENPORTAL_DATA_DIR to another directory."
            )
        begin_capturing()
    settings.EMAIL_BACKEND = "kundenportal.domain.mail.capture.CaptureBackend"
    for resident in RESIDENTS:
        _move_in(resident, now=now)
    take_in_letters(now=now)
    _announce_maintenance(now=now)
    _set_half_days(now=now)
    _write_pages()
    print(f"The demonstration is at  {settings.BASE_URL}/")
    for label, resident in (("Service desk", STAFF), ("Customer", CUSTOMER)):
        print(f"  {label + ':':<14} {resident.address:<32} {_known_password(resident)}")
    print(f"Captured mail is read at {settings.BASE_URL}/demo/mail/ (other accounts' first passwords are there)")
    return 0


def _announce_maintenance(*, now: datetime) -> None:
    from django.utils import timezone

    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.domain.maintenance.queries import windows_not_over
    from kundenportal.kernel.origin import COMMAND_LINE

    if windows_not_over().exists():
        return
    evening = (timezone.localtime(now) + MAINTENANCE_IN).replace(hour=20, minute=0, second=0, microsecond=0)
    countdowns.plan(
        starts_at=evening,
        ends_at=evening + MAINTENANCE_LASTS,
        message=MAINTENANCE,
        planned_by=None,
        now=now,
        origin=COMMAND_LINE,
    )


def _set_half_days(*, now: datetime) -> None:
    """Two half-days, so that an editor finds an example; whatever somebody has changed since stays."""
    from kundenportal.domain.accounts.queries import account_of
    from kundenportal.domain.site import operations, queries
    from kundenportal.domain.site.rules.hours import SpecialDay, hours_in
    from kundenportal.kernel.origin import COMMAND_LINE

    stand = queries.stand()
    if stand.version == 0:
        days = tuple(SpecialDay(day, every_year=True, hours=hours_in("7–12"), reason=name) for name, day in HALF_DAYS)
        operations.change(
            replace(stand.site, special_days=days),
            version=0,
            changed_by=account_of(STAFF.address),
            now=now,
            origin=COMMAND_LINE,
        )


def _write_pages() -> None:
    from django.core.management import call_command

    from kundenportal.domain.organisations.queries import of_that_name

    call_command("demo_pages", of_that_name(CHURCH).get().pk)


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


def _known_password(resident: Resident) -> str:
    from kundenportal.domain.accounts.queries import account_of
    from kundenportal.domain.credentials.verification import is_password_of

    account, password = account_of(resident.address), password_of(resident)
    return password if account and is_password_of(account, password) else "(the password chosen in the profile)"


def password_of(resident: Resident) -> str:
    """The resident's own password: the same at every start, another one in every data directory."""
    from django.utils.crypto import salted_hmac

    from kundenportal.domain.credentials.rules.initial_passwords import ALPHABET, grouped

    digest = salted_hmac("kundenportal.demonstration", resident.address, algorithm="sha256").digest()
    return grouped("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:16]))


def _move_in(resident: Resident, *, now: datetime) -> None:
    from django.db import transaction

    from kundenportal.domain.accounts.queries import account_of
    from kundenportal.domain.credentials.operations import access
    from kundenportal.domain.mail.delivery import deliver_due_mails
    from kundenportal.kernel.origin import COMMAND_LINE

    if account_of(resident.address):
        return
    issued_at = now - resident.issued_ago
    # One transaction, so that a worker already running does not send the letter at today's date.
    with transaction.atomic():
        account = access.issue_access(
            address=resident.address,
            name=resident.name,
            organisation=resident.organisation,
            kind=resident.kind,
            role=resident.role,
            language=resident.language,
            telephone=resident.telephone,
            issued_by=None,
            now=issued_at,
            origin=COMMAND_LINE,
        )
        deliver_due_mails(clock=lambda: issued_at)
        if resident.signed_in:
            _settle_in(resident, account, now=issued_at + timedelta(days=1))
        if resident.acts_for_too:
            _act_for_another(resident, account, now=now)
        if resident.asks:
            _ask(resident, account, now=now)
        if resident.check:
            _ask_for_new_access(resident, account, now=now)
        if resident.locked:
            _lock(resident, now=now - LOCKED_AGO)
        if resident.letter_came_back:
            send_letter_back(resident.address, now=issued_at + timedelta(minutes=1))


def _settle_in(resident: Resident, account: Account, *, now: datetime) -> None:
    from kundenportal.domain.accounts import operations as accounts
    from kundenportal.domain.credentials.operations import profile, sign_in
    from kundenportal.domain.credentials.operations.passwords import NewPassword
    from kundenportal.domain.mail.delivery import deliver_due_mails
    from kundenportal.kernel.origin import COMMAND_LINE

    account = sign_in.sign_in(
        address=resident.address, password=_mailed_password(resident), now=now, origin=COMMAND_LINE
    )
    profile.update_profile(
        account,
        name=resident.name,
        language=resident.language,
        colour_scheme=resident.colour_scheme,
        new_password=NewPassword(password_of(resident), weak_confirmed=False),
        signed_in_at=now,
        now=now,
        origin=COMMAND_LINE,
    )
    deliver_due_mails(clock=lambda: now)
    if resident.suspended:
        accounts.suspend(account, suspended_by=None, now=now, origin=COMMAND_LINE)


def _act_for_another(resident: Resident, account: Account, *, now: datetime) -> None:
    from kundenportal.domain.accounts.operations import Correction, correct_many
    from kundenportal.kernel.origin import COMMAND_LINE

    correction = Correction(
        account, resident.name, resident.kind, resident.language, resident.acts_for_too, account.telephone
    )
    correct_many([correction], corrected_by=None, now=now, origin=COMMAND_LINE)


def _ask(resident: Resident, account: Account, *, now: datetime) -> None:
    from kundenportal.domain.mail.delivery import deliver_due_mails
    from kundenportal.domain.support.operations import take_down
    from kundenportal.domain.support.rules import Request, Route
    from kundenportal.kernel.origin import COMMAND_LINE

    request = Request(resident.asks, name=resident.name, email=resident.address)
    take_down(request, route=Route.PAGE, account=account, now=now, origin=COMMAND_LINE)
    deliver_due_mails(clock=lambda: now)


def _ask_for_new_access(resident: Resident, account: Account, *, now: datetime) -> None:
    from kundenportal.domain.accounts.queries import account_of
    from kundenportal.domain.credentials.operations import entitlement
    from kundenportal.domain.mail.delivery import deliver_due_mails
    from kundenportal.kernel.origin import COMMAND_LINE

    asked_at, declined_at, staff = now - ASKED_AGO, now - DECLINED_AGO, account_of(STAFF.address)
    check = entitlement.request_check(account, route=Route.PAGE, now=asked_at, origin=COMMAND_LINE)
    deliver_due_mails(clock=lambda: asked_at)
    if resident.check is CheckState.DECLINED and staff:
        entitlement.decline(check.pk, reason=REASON, decided_by=staff, now=declined_at, origin=COMMAND_LINE)
        deliver_due_mails(clock=lambda: declined_at)


def _lock(resident: Resident, *, now: datetime) -> None:
    from kundenportal.domain.credentials.operations import sign_in
    from kundenportal.domain.credentials.operations.entries import EntryWrong
    from kundenportal.domain.credentials.rules.lockout import WRONG_ENTRIES_BEFORE_LOCKOUT
    from kundenportal.kernel.origin import Origin

    somewhere = Origin(network_address="192.0.2.7")
    for _ in range(WRONG_ENTRIES_BEFORE_LOCKOUT):
        with suppress(EntryWrong):
            sign_in.sign_in(address=resident.address, password="not the password", now=now, origin=somewhere)  # noqa: S106


def _mailed_password(resident: Resident) -> str:
    from kundenportal.domain.mail.capture import captured_mails

    letters = (mail.text for mail in captured_mails() if mail.recipient == resident.address)
    found = re.search(r"(?:Passwort|Password):\s+(\S+)", next(letters))
    if found is None:
        raise LookupError(f"no password in the letter to {resident.address}")
    return found[1]

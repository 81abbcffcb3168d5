from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import F, Q
from django.db.models.functions import Lower

from kundenportal.domain.accounts.queries import open_sessions_of
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import (
    AccessLetter,
    AddressChange,
    EntitlementCheck,
    KnownBrowser,
    Lockout,
    Question,
)
from kundenportal.domain.credentials.queries.deletions import addresses_of
from kundenportal.domain.inbox.models import ReceivedMail
from kundenportal.domain.mail.kinds import kind_names
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.support.models import Intake
from kundenportal.domain.support.rules import Route

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account


Rows = list[dict[str, Any]]


def own_data(account: Account, *, now: datetime) -> dict[str, Rows]:
    """What is kept about whoever owns the account, by what it is (Art. 15 GDPR).

    Without secrets, which are nobody's to read, and without the names of staff, who are persons as well.
    """
    return {
        "account": [_account(account)],
        "organisations": _rows(account.organisations.order_by("name").values("name")),
        "former_addresses": _former_addresses(account),
        "access_letters": _access_letters(account),
        "mails_sent": _mails_sent(account),
        "mails_received": _mails_received(account),
        "requests_for_new_access": _requests_for_new_access(account),
        "questions_asked_back": _questions_asked_back(account),
        "intakes": _intakes(account),
        "lockouts": _lockouts(account),
        "known_browsers": _known_browsers(account),
        "sessions": _sessions(account, now=now),
        "history": [_happening(entry, account) for entry in Entry.objects.filter(_about(account)).order_by("pk")],
    }


def _account(account: Account) -> dict[str, Any]:
    return {
        "address": account.address,
        "name": account.name,
        "telephone": account.telephone,
        "kind": account.kind,
        "role": account.role,
        "language": account.language,
        "colour_scheme": account.colour_scheme,
        "opened_at": account.opened_at,
        "first_signed_in_at": account.first_signed_in_at,
        "signed_in_at": account.last_login,
        "own_password_chosen_at": account.own_password_chosen_at,
        "suspended_at": account.suspended_at,
    }


def _former_addresses(account: Account) -> Rows:
    changes = AddressChange.objects.filter(account=account).order_by("changed_at")
    return _rows(changes.values("changed_at", address=F("before")))


def _access_letters(account: Account) -> Rows:
    letters = AccessLetter.objects.filter(account=account).order_by("issued_at")
    return _rows(
        letters.values(
            "issued_at", "expires_at", handed_over_at=F("mail__handed_over_at"), address=F("mail__recipient")
        )
    )


def _mails_sent(account: Account) -> Rows:
    mails = OutgoingMail.objects.filter(kind__in=kind_names(), recipient__in=addresses_of(account))
    return _rows(
        mails.order_by("queued_at").values("queued_at", "handed_over_at", mail_kind=F("kind"), address=F("recipient"))
    )


def _mails_received(account: Account) -> Rows:
    # What was written from an address the account had before may be a stranger's, whose address was entered by mistake.
    mails = ReceivedMail.objects.filter(sender=account.address).order_by("received_at")
    return _rows(mails.values("received_at", "sender_name", "subject", "text", address=F("sender")))


def _requests_for_new_access(account: Account) -> Rows:
    checks = EntitlementCheck.objects.filter(account=account).order_by("requested_at")
    return _rows(checks.values("requested_at", "decided_at", "reason", request_state=F("state")))


def _questions_asked_back(account: Account) -> Rows:
    return _rows(Question.objects.filter(about__account=account).order_by("asked_at").values("asked_at", "text"))


def _intakes(account: Account) -> Rows:
    # What was taken down for a former address may be a stranger's as well. Whoever was signed in was the owner.
    asked_for = Q(account_id=account.pk, route=Route.PAGE) | Q(reached_at=account.address)
    intakes = Intake.objects.annotate(reached_at=Lower("email")).filter(asked_for).order_by("taken_down_at")
    names = ("reference", "taken_down_at", "name", "call_back_number", "preferred_time", "concern", "done_at")
    return _rows(intakes.values(*names, address=F("email")))


def _lockouts(account: Account) -> Rows:
    lockouts = Lockout.objects.filter(account=account).order_by("begun_at")
    return _rows(lockouts.values("begun_at", "lifted_at", "network_address", browser=F("user_agent")))


def _known_browsers(account: Account) -> Rows:
    browsers = KnownBrowser.objects.filter(account=account).order_by("known_since")
    return _rows(browsers.values("known_since", "last_used_at", browser=F("user_agent")))


def _sessions(account: Account, *, now: datetime) -> Rows:
    return [
        {"signed_in_at": each.signed_in_at, "last_used_at": each.seen_at, "browser": each.user_agent}
        for each in open_sessions_of(account, now=now)
    ]


def _about(account: Account) -> Q:
    return Q(subject=account) | Q(actor=account, subject=None)


def _happening(entry: Entry, account: Account) -> dict[str, Any]:
    # Where staff did something from is theirs.
    is_own = entry.actor_id in {account.pk, None}
    return {
        "happened_at": entry.happened_at,
        "event": entry.event,
        "by_yourself": entry.actor_id == account.pk,
        "network_address": entry.network_address if is_own else "",
    }


def _rows(found: Iterable[Mapping[str, Any]]) -> Rows:
    return [dict(row) for row in found]

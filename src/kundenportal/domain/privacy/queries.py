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
    addresses = addresses_of(account)
    # What was written from an address the account had before may be a stranger's, whose address was entered by mistake;
    # so may be what was taken down for it then. Whoever was signed in was the owner.
    asked_for = Q(account_id=account.pk, route=Route.PAGE) | Q(reached_at=account.address)
    return {
        "account": [_account(account)],
        "organisations": _rows(account.organisations.order_by("name").values("name")),
        "former_addresses": _rows(
            AddressChange.objects.filter(account=account)
            .order_by("changed_at")
            .values("changed_at", address=F("before"))
        ),
        "access_letters": _rows(
            AccessLetter.objects.filter(account=account)
            .order_by("issued_at")
            .values("issued_at", "expires_at", handed_over_at=F("mail__handed_over_at"), address=F("mail__recipient"))
        ),
        "mails_sent": _rows(
            OutgoingMail.objects.filter(kind__in=kind_names(), recipient__in=addresses)
            .order_by("queued_at")
            .values("queued_at", "handed_over_at", mail_kind=F("kind"), address=F("recipient"))
        ),
        "mails_received": _rows(
            ReceivedMail.objects.filter(sender=account.address)
            .order_by("received_at")
            .values("received_at", "sender_name", "subject", "text", address=F("sender"))
        ),
        "requests_for_new_access": _rows(
            EntitlementCheck.objects.filter(account=account)
            .order_by("requested_at")
            .values("requested_at", "decided_at", "reason", request_state=F("state"))
        ),
        "questions_asked_back": _rows(
            Question.objects.filter(about__account=account).order_by("asked_at").values("asked_at", "text")
        ),
        "intakes": _rows(
            Intake.objects.annotate(reached_at=Lower("email"))
            .filter(asked_for)
            .order_by("taken_down_at")
            .values(
                "reference",
                "taken_down_at",
                "name",
                "call_back_number",
                "preferred_time",
                "concern",
                "done_at",
                address=F("email"),
            )
        ),
        "lockouts": _rows(
            Lockout.objects.filter(account=account)
            .order_by("begun_at")
            .values("begun_at", "lifted_at", "network_address", browser=F("user_agent"))
        ),
        "known_browsers": _rows(
            KnownBrowser.objects.filter(account=account)
            .order_by("known_since")
            .values("known_since", "last_used_at", browser=F("user_agent"))
        ),
        "sessions": [
            {"signed_in_at": each.signed_in_at, "last_used_at": each.seen_at, "browser": each.user_agent}
            for each in open_sessions_of(account, now=now)
        ],
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

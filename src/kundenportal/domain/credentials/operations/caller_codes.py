"""The code a caller reads out: made for whoever is signed in, or mailed to the address we know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys, mails
from kundenportal.domain.credentials.models import CallerCode
from kundenportal.domain.credentials.rules import identity
from kundenportal.domain.credentials.rules.identity import Means
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.rules import State, is_on_its_way
from kundenportal.kernel.refusal import Refusal

from .decisions import hold

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.rules.identity import Identity
    from kundenportal.kernel.origin import Origin


class CallerCodeWrong(Refusal):
    """That is not the code this account has, or no longer; after five of these the code is worth nothing."""


class CodeOnItsWay(Refusal):
    """A code has just been mailed to this address, or is about to be; a second one would make it worthless."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address


def make(account: Account, *, now: datetime, origin: Origin) -> str:
    """A code for whoever is signed in to the account, to be shown and kept nowhere; it replaces every earlier one."""
    code = identity.generate_code()
    with transaction.atomic():
        CallerCode.objects.update_or_create(
            account=account,
            defaults={
                "keyed_hash": keys.caller_code_key(identity.normalised_code(code), account.pk),
                "expires_at": now + identity.CODE_LIFETIME,
                "attempts": 0,
                "mail": None,
            },
        )
        audit.record(Event.CALLER_CODE_MADE, subject=account, actor=account, now=now, origin=origin)
    return code


def send(account_id: int, *, sent_by: Account, now: datetime, origin: Origin) -> Account:
    """Mails a code to the account's address; it replaces every earlier one. A double click mails one.

    Raises CodeOnItsWay, accounts.RoleNotYours or Account.DoesNotExist.
    """
    with transaction.atomic():
        account = hold(account_id)
        accounts.refuse_beyond_role(sent_by, account)
        if _is_on_its_way(account, now=now):
            raise CodeOnItsWay(account.address)
        CallerCode.objects.update_or_create(
            account=account,
            defaults={
                "keyed_hash": "",
                "expires_at": None,
                "attempts": 0,
                "mail": mail.queue(mails.CALLER_CODE, recipient=account.address, now=now),
            },
        )
        audit.record(Event.CALLER_CODE_ASKED_FOR, subject=account, actor=sent_by, now=now, origin=origin)
    return account


def confirm(account_id: int, stated: Identity, *, stated_by: Account, now: datetime, origin: Origin) -> str:
    """What the trail is to say of the identity check, before the action it allows; uses a right code up.

    Raises CallerCodeWrong, having counted the attempt.
    """
    if stated.means is Means.CALLER_CODE:
        _use_up(account_id, stated.code, stated_by=stated_by, now=now, origin=origin)
    return stated.means.value


def _is_on_its_way(account: Account, *, now: datetime) -> bool:
    code = CallerCode.objects.filter(account=account).select_related("mail").first()
    if code is None or code.mail is None or code.mail.recipient != account.address:
        return False
    is_live = bool(code.keyed_hash) and code.attempts < identity.ATTEMPTS_PER_CODE
    return is_on_its_way(State(code.mail.state), is_live=is_live, asked_for_at=code.mail.queued_at, now=now)


def _use_up(account_id: int, entry: str, *, stated_by: Account, now: datetime, origin: Origin) -> None:
    key = keys.caller_code_key(identity.normalised_code(entry), account_id)
    live = CallerCode.objects.filter(
        account=account_id, expires_at__gt=now, attempts__lt=identity.ATTEMPTS_PER_CODE
    ).exclude(keyed_hash="")
    # One statement takes the right code: two at once cannot both use it.
    if live.filter(keyed_hash=key).update(keyed_hash="", expires_at=None):
        return
    live.update(attempts=F("attempts") + 1)
    subject = Account.objects.filter(pk=account_id).first()
    audit.record(Event.CALLER_CODE_WRONG, subject=subject, actor=stated_by, now=now, origin=origin)
    raise CallerCodeWrong


def end_every_code() -> int:
    """After a restore: a code may have been used since the backup, and works only once; how many that were."""
    return CallerCode.objects.exclude(keyed_hash="").update(keyed_hash="")

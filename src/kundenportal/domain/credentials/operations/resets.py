"""A forgotten password: asked for by anybody, replaced by whoever reads the mail (rule R9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys, mails
from kundenportal.domain.credentials.models import LIVE_LINK, PasswordReset
from kundenportal.domain.credentials.queries.resets import reset_link
from kundenportal.domain.credentials.rules.resets import REQUEST_FORGOTTEN_AFTER, STRANGER_FORGOTTEN_AFTER, LinkState
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import ENDED, State, is_on_its_way
from kundenportal.kernel.refusal import Refusal

from . import browsers, lockouts, passwords
from .decisions import hold, withdraw_open_check
from .sign_in import end_countdown

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.credentials.queries.resets import ResetLink
    from kundenportal.kernel.origin import Origin


class LinkWorthless(Refusal):
    """The link does not lead to a new password, or no longer; `link.state` says why."""

    def __init__(self, link: ResetLink) -> None:
        super().__init__()
        self.link = link


class LinkOnItsWay(Refusal):
    """A link has just been mailed to the account, or is about to be; a second one would make it worthless."""


def ask(address: str, *, now: datetime, origin: Origin) -> str:
    """A mail will answer; the address it goes to. The same is done for every address, and nothing is looked up.

    Raises accounts.AddressMalformed.
    """
    recipient = accounts.valid_address(address)
    with transaction.atomic():
        answer = mail.queue(mails.PASSWORD_RESET, recipient=recipient, now=now)
        # No subject, because nobody has looked whose address it is; no address, because the trail forgets nothing.
        audit.record(Event.RESET_ASKED_FOR, now=now, origin=origin, mail=answer.pk)
    return recipient


def send_link(account: Account, *, sent_by: Account, now: datetime, origin: Origin) -> None:
    """The way to a new password goes to the account's own address, at the wish of staff, who never see it.

    A double click sends one. Raises LinkOnItsWay or accounts.RoleNotYours.
    """
    with transaction.atomic():
        account = hold(account.pk)
        accounts.refuse_beyond_role(sent_by, account)
        if _is_on_its_way(account, now=now):
            raise LinkOnItsWay
        mail.queue(mails.PASSWORD_RESET, recipient=account.address, now=now)
        audit.record(Event.RESET_ASKED_FOR, subject=account, actor=sent_by, now=now, origin=origin)


def _is_on_its_way(account: Account, *, now: datetime) -> bool:
    asked = OutgoingMail.objects.filter(kind=mails.PASSWORD_RESET, recipient=account.address)
    newest = asked.order_by("queued_at", "pk").last()
    return newest is not None and is_on_its_way(
        State(newest.state),
        is_live=PasswordReset.objects.filter(LIVE_LINK, mail=newest).exists(),
        asked_for_at=newest.queued_at,
        now=now,
    )


def account_behind(token: str, *, now: datetime) -> Account:
    """The account whose password the link replaces; raises LinkWorthless. Nothing is changed, however often."""
    link = reset_link(token, now=now)
    if link.account is None or link.state is not LinkState.LIVE:
        raise LinkWorthless(link)
    return link.account


def choose(token: str, entry: passwords.NewPassword, *, browser_id: str, now: datetime, origin: Origin) -> Account:
    """The account with its new password: no lockout, no session and no known browser but this one outlasts it.

    Of any number who use a link at the same instant one chooses the password. What the policy refuses uses no link
    up. Raises LinkWorthless, passwords.PasswordRefused, passwords.PasswordWeak or TooBusy.
    """
    account = account_behind(token, now=now)
    strength = passwords.strength_of_fit(account, entry)
    chosen = passwords.Accepted(passwords.hashed(entry.password), strength)
    with transaction.atomic():
        account = _use_up(token, account, now=now)
        # A link asked for in time is used after the four weeks at worst: then there is nothing left to check.
        withdraw_open_check(account, withdrawn_by=account, now=now, origin=origin)
        end_countdown(account, chosen.password_hash, now=now, origin=origin)
        passwords.keep(account, chosen, now=now, origin=origin, event=Event.PASSWORD_RESET)
        lockouts.lift(account, lifted_by=account, now=now, origin=origin)
        browsers.forget_all(account, forgotten_by=account, now=now, origin=origin)
        known = browsers.remember(account, browser_id, now=now, origin=origin)
        audit.record_all(known, subject=account, actor=account, now=now, origin=origin)
    return account


def _use_up(token: str, account: Account, *, now: datetime) -> Account:
    # The account first, as whoever writes its letters does: so no two wait for each other.
    hold(account.pk)
    account = account_behind(token, now=now)
    live = PasswordReset.objects.filter(LIVE_LINK, token_hash=keys.reset_key(token), expires_at__gt=now)
    if not live.update(used_at=now):
        raise LinkWorthless(reset_link(token, now=now))
    return account


def forget_old_requests(*, now: datetime) -> None:
    """What was asked for long ago leaves the database with its link; addresses without access do so much sooner."""
    nobodys = ~Exists(Account.objects.filter(address=OuterRef("recipient"))) & ~Exists(
        PasswordReset.objects.filter(mail=OuterRef("pk"))
    )
    old = OutgoingMail.objects.filter(
        Q(queued_at__lte=now - REQUEST_FORGOTTEN_AFTER) | Q(nobodys, queued_at__lte=now - STRANGER_FORGOTTEN_AFTER),
        kind=mails.PASSWORD_RESET,
        state__in=ENDED,
    )
    with transaction.atomic():
        PasswordReset.objects.filter(mail__in=old).delete()
        old.delete()


def end_every_link(*, now: datetime) -> int:
    """After a restore: a link may have been used since the backup, and works only once; how many that were."""
    return PasswordReset.objects.filter(LIVE_LINK).update(superseded_at=now)

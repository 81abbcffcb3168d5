from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import mails
from kundenportal.domain.credentials.models import EntitlementCheck, Question
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import (
    QUESTION_MAX_LENGTH,
    CheckState,
    Renewal,
    Route,
    may_be_decided,
)
from kundenportal.domain.credentials.rules.identity import SHOWN_BY_ROUTE, STATED
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.refusal import Refusal

from . import access, caller_codes
from .decisions import decide, held_open, hold

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.rules.identity import Identity
    from kundenportal.kernel.origin import Origin


class NoCheckNeeded(Refusal):
    """The access has not expired, is suspended or was used, or new access is on its way already."""


class AlreadyBeingChecked(Refusal):
    """A check is open; `since` says when it was requested."""

    def __init__(self, since: datetime) -> None:
        super().__init__()
        self.since = since


class AnotherHasToAgree(Refusal):
    """Two have to approve, and this member of staff was the first of them."""


class IdentityNotShown(Refusal):
    """What was stated does not show who asked."""


class QuestionMissing(Refusal):
    """A question has words."""


class QuestionTooLong(Refusal):
    """A question has at most QUESTION_MAX_LENGTH characters."""


class ReasonMissing(Refusal):
    """Nobody is declined without being told why."""


def request_check(
    account: Account, *, route: Route, requested_by: Account | None = None, now: datetime, origin: Origin
) -> EntitlementCheck:
    """A new open check, confirmed by mail; of two requests at the same instant one opens it.

    Raises AlreadyBeingChecked or NoCheckNeeded.
    """
    with transaction.atomic():
        account = hold(account.pk)
        _refuse_what_needs_no_check(account, now=now)
        confirmation = mail.queue(mails.ENTITLEMENT_REQUESTED, recipient=account.address, now=now)
        check = EntitlementCheck.objects.create(
            account=account, route=route, requested_at=now, requested_mail=confirmation
        )
        audit.record(
            Event.ENTITLEMENT_CHECK_REQUESTED,
            subject=account,
            actor=requested_by,
            now=now,
            origin=origin,
            check=check.pk,
            route=route,
        )
    return check


def approve(check_id: int, *, stated: Identity, decided_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """New access for four weeks, by a letter that confirms the entitlement; earlier initial passwords die with it.

    Where two have to agree, the first approval leaves the check open. Raises decisions.AlreadyDecided,
    AnotherHasToAgree, NoCheckNeeded, accounts.RoleNotYours, caller_codes.CallerCodeWrong, IdentityNotShown or
    EntitlementCheck.DoesNotExist.
    """
    check = EntitlementCheck.objects.select_related("account").get(pk=check_id)
    accounts.refuse_beyond_role(decided_by, check.account)
    _refuse_what_does_not_show_it(check, stated)
    if may_be_decided(CheckState(check.state)):
        _have_agreed(check, decided_by)  # before a code is used up for nothing
    if may_be_decided(CheckState(check.state)):
        means = caller_codes.confirm(check.account_id, stated, stated_by=decided_by, now=now, origin=origin)
    else:
        means = stated.means.value  # refused below, and no code is used up for it
    with transaction.atomic():
        hold(check.account_id)
        check = EntitlementCheck.objects.select_related("account").get(pk=check_id)
        accounts.refuse_beyond_role(decided_by, check.account)
        if may_be_decided(CheckState(check.state)) and not _have_agreed(check, decided_by):
            return _approved_first(check, approved_by=decided_by, means=means, now=now, origin=origin)
        check = decide(check_id, CheckState.APPROVED, decided_by=decided_by, now=now, origin=origin, identity=means)
        # Meanwhile the account may have been suspended, or its owner let in by a link asked for in time.
        _refuse_what_needs_no_check(check.account, now=now)
        access.issue_initial_password(check.account, issued_by=decided_by, now=now, origin=origin, confirms=check)
    return check


def ask_back(check_id: int, text: str, *, asked_by: Account, now: datetime, origin: Origin) -> Question:
    """A question to whoever asked, by mail; the check stays open.

    Raises QuestionMissing, QuestionTooLong, decisions.AlreadyDecided, accounts.RoleNotYours or
    EntitlementCheck.DoesNotExist.
    """
    words = text.strip()
    if not words:
        raise QuestionMissing
    if len(words) > QUESTION_MAX_LENGTH:
        raise QuestionTooLong
    with transaction.atomic():
        check = held_open(check_id)
        accounts.refuse_beyond_role(asked_by, check.account)
        same = check.questions.filter(text=words).first()
        if same is not None:  # a second click
            return same
        question = Question.objects.create(
            about=check,
            text=words,
            asked_at=now,
            asked_by=asked_by,
            mail=mail.queue(mails.ENTITLEMENT_QUESTION, recipient=check.account.address, now=now),
        )
        audit.record(
            Event.ENTITLEMENT_CHECK_QUESTION_ASKED,
            subject=check.account,
            actor=asked_by,
            now=now,
            origin=origin,
            check=check.pk,
        )
    return question


def decline(check_id: int, *, reason: str, decided_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """No new access; the reason goes out by mail, and whoever asked may ask again.

    Raises ReasonMissing, decisions.AlreadyDecided, accounts.RoleNotYours or EntitlementCheck.DoesNotExist.
    """
    if not reason.strip():
        raise ReasonMissing
    with transaction.atomic():
        accounts.refuse_beyond_role(decided_by, held_open(check_id).account)
        check = decide(
            check_id, CheckState.DECLINED, decided_by=decided_by, now=now, origin=origin, reason=reason.strip()
        )
        check.decided_mail = mail.queue(mails.ENTITLEMENT_DECLINED, recipient=check.account.address, now=now)
        check.save(update_fields=["decided_mail"])
    return check


def withdraw(check_id: int, *, withdrawn_by: Account, now: datetime, origin: Origin) -> EntitlementCheck:
    """The check was asked for by mistake: nothing is decided, and nobody is written to.

    Raises decisions.AlreadyDecided, accounts.RoleNotYours or EntitlementCheck.DoesNotExist.
    """
    with transaction.atomic():
        accounts.refuse_beyond_role(withdrawn_by, held_open(check_id).account)
        return decide(check_id, CheckState.WITHDRAWN, decided_by=withdrawn_by, now=now, origin=origin)


def _have_agreed(check: EntitlementCheck, approver: Account) -> bool:
    # Not for the caller to say: whoever forgot it would approve alone.
    if settings.PAIRS_OF_EYES < 2:  # noqa: PLR2004 - two are two
        return True
    if check.first_approved_by_id == approver.pk:
        raise AnotherHasToAgree
    return check.first_approved_by_id is not None


def _approved_first(
    check: EntitlementCheck, *, approved_by: Account, means: str, now: datetime, origin: Origin
) -> EntitlementCheck:
    check.first_approved_by, check.first_approved_at = approved_by, now
    check.save(update_fields=["first_approved_by", "first_approved_at"])
    audit.record(
        Event.ENTITLEMENT_CHECK_FIRST_APPROVAL,
        subject=check.account,
        actor=approved_by,
        now=now,
        origin=origin,
        check=check.pk,
        identity=means,
    )
    return check


def _refuse_what_does_not_show_it(check: EntitlementCheck, stated: Identity) -> None:
    # On the page nobody can ask who holds nothing that was sent to the account; by mail or telephone anybody can.
    if stated.means not in {*STATED, SHOWN_BY_ROUTE.get(Route(check.route))}:
        raise IdentityNotShown


def _refuse_what_needs_no_check(account: Account, *, now: datetime) -> None:
    expired = expired_access_of(account, now=now)
    if expired is None:
        raise NoCheckNeeded
    if expired.renewal is Renewal.BEING_CHECKED and expired.last_check is not None:
        raise AlreadyBeingChecked(expired.last_check.requested_at)
    if not expired.may_be_requested:
        raise NoCheckNeeded

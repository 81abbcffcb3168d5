from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.accounts.rules import normalised_address
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import Route as CheckRoute
from kundenportal.domain.mail import operations as mail
from kundenportal.domain.site.queries import current as current_site
from kundenportal.domain.support import operations as support
from kundenportal.domain.support.rules import Request
from kundenportal.domain.support.rules import Route as IntakeRoute
from kundenportal.kernel.chunks import some_of
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH
from kundenportal.kernel.origin import BY_ITSELF
from kundenportal.kernel.refusal import Refusal

from .models import TELLS_WHAT_WAS_WRITTEN, TELLS_WHO_WROTE, MailboxState, ReceivedMail
from .queries import TO_BE_LOOKED_AT, letters_of_a_day
from .rules.keeping import FAILURES_BEFORE_SET_ASIDE, LETTERS_A_DAY, TEXT_FORGOTTEN_AFTER, Outcome, SetAside, TakenFor
from .rules.reading import Ours, Reading, read

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.models import EntitlementCheck
    from kundenportal.kernel.origin import Origin

    from .rules.keeping import Place, Trouble

NOBODY = {"sender": "", "sender_name": "", "subject": "", "text": "", "message_id": ""}
BY_MAIL = BY_ITSELF  # a mail says where it was written, but only it says so


class AlreadySeenTo(Refusal):
    """Somebody has looked at it before, or there was nothing to look at."""


def mailbox_named(name: str, *, now: datetime) -> MailboxState:
    """How far that mailbox has been read; from its beginning if it is new to us."""
    return MailboxState.objects.get_or_create(name=name, defaults={"first_read_at": now})[0]


def meet(mailbox: MailboxState, uidvalidity: int) -> MailboxState:
    """How far the mailbox has been read if that is its number; under a new number it is looked through anew."""
    with transaction.atomic():
        state = MailboxState.objects.select_for_update().get(pk=mailbox.pk)
        if state.uidvalidity != uidvalidity:
            state.uidvalidity, state.uid, state.stumbled_at, state.stumbles = uidvalidity, 0, 0, 0
            state.save(update_fields=["uidvalidity", "uid", "stumbled_at", "stumbles"])
    return state


def begin(mailbox: MailboxState, place: Place) -> int:
    """Notes that the mail at this place is about to be taken in; how many times that has been begun in vain."""
    with transaction.atomic():
        state = MailboxState.objects.select_for_update().get(pk=mailbox.pk)
        begun_before = state.stumbles if state.stumbled_at == place.uid else 0
        state.stumbled_at, state.stumbles = place.uid, min(begun_before + 1, FAILURES_BEFORE_SET_ASIDE + 1)
        state.save(update_fields=["stumbled_at", "stumbles"])
    return begun_before


def take_in(mailbox: MailboxState, place: Place, raw: bytes, *, now: datetime) -> ReceivedMail:
    """The mail is in the log of what came in, and whatever follows from it has happened: both, or neither.

    The same mail a second time, wherever it lies by then, changes nothing.
    """
    with transaction.atomic():
        digest = hashlib.sha256(raw).hexdigest()
        received = _known(place, digest) or _taken_in(place, digest, raw, now=now)
        _advance(mailbox, place)
    return received


def set_aside(  # the same by name as `take_in`, for a mail that is not read
    mailbox: MailboxState, place: Place, head: bytes, reason: SetAside, *, size: int, now: datetime
) -> ReceivedMail:
    """The mail is shown to staff by what its head says, and the reader goes on after it."""
    with transaction.atomic():
        # There is no digest of what was not read. Head and size tell one large mail from another, wherever it lies.
        tells = b"" if reason is SetAside.TOO_LARGE else b"%d/%d" % (place.uidvalidity, place.uid)
        digest = hashlib.sha256(b"unread\0%d\0%b\0%b" % (size, tells, head)).hexdigest()
        received = _known(place, digest)
        if received is None:
            reading = read(head, _ours())
            received = ReceivedMail.objects.create(
                **_place_and_head(place, digest, reading, size=size, now=now),
                taken_for=TakenFor.UNREAD,
                outcome=Outcome.SET_ASIDE,
                set_aside=reason,
            )
        _advance(mailbox, place)
    return received


def note_read(mailbox: MailboxState, *, now: datetime) -> None:
    """The mailbox has been looked into, and there was nothing left to take in."""
    MailboxState.objects.filter(pk=mailbox.pk).update(read_at=now, unread_since=None, trouble="")


def note_trouble(mailbox: MailboxState, trouble: Trouble, *, now: datetime) -> None:
    """The mailbox cannot be read, and why; since when is noted once."""
    states = MailboxState.objects.filter(pk=mailbox.pk)
    states.filter(unread_since__isnull=True).update(unread_since=now, trouble=trouble)
    states.update(trouble=trouble)


def see_to(received_id: int, *, seen_to_by: Account, now: datetime, origin: Origin) -> ReceivedMail:
    """Somebody has looked at what was set aside; of two at one instant one has.

    Raises AlreadySeenTo or ReceivedMail.DoesNotExist.
    """
    with transaction.atomic():
        received = ReceivedMail.objects.select_for_update(of=("self",)).get(pk=received_id)
        if received.outcome != Outcome.SET_ASIDE or received.seen_to_at is not None:
            raise AlreadySeenTo
        received.seen_to_at, received.seen_to_by = now, seen_to_by
        received.save(update_fields=["seen_to_at", "seen_to_by"])
        audit.record(Event.RECEIVED_MAIL_SEEN_TO, actor=seen_to_by, now=now, origin=origin, received_mail=received.pk)
    return received


def forget_old_texts(*, now: datetime) -> None:
    """What people wrote long ago leaves the database; that a mail came in, and what came of it, stays."""
    old = ReceivedMail.objects.filter(TELLS_WHAT_WAS_WRITTEN, received_at__lte=now - TEXT_FORGOTTEN_AFTER)
    old.update(text="", subject="", sender_name="")


def forget_old_senders(*, keep_for: timedelta, now: datetime) -> int:
    """Who wrote long ago is forgotten, a chunk at a time; how many mails that was.

    The rows stay, or else the mails would be taken in once more should the mailbox be numbered anew.
    """
    old = ReceivedMail.objects.filter(TELLS_WHO_WROTE, received_at__lt=now - keep_for).exclude(TO_BE_LOOKED_AT)
    return some_of(old).update(**NOBODY)


def forget_sender(addresses: Collection[str]) -> None:
    """Of mails from these addresses nothing is left but that there were some, so that none is taken in twice."""
    ReceivedMail.objects.filter(sender__in=addresses).update(**NOBODY)


def _known(place: Place, digest: str) -> ReceivedMail | None:
    """The mail with this digest, which lies at that place if the mailbox has another number by now; None if unknown."""
    # Whatever was there under a number the mailbox has once more lies elsewhere, or nowhere.
    there = ReceivedMail.objects.filter(uidvalidity=place.uidvalidity, uid=place.uid)
    there.exclude(digest=digest).update(uid=None)
    received = ReceivedMail.objects.filter(digest=digest).first()
    if received is not None and received.uidvalidity != place.uidvalidity:
        received.uidvalidity, received.uid = place.uidvalidity, place.uid
        received.save(update_fields=["uidvalidity", "uid"])
    return received


def _advance(mailbox: MailboxState, place: Place) -> None:
    MailboxState.objects.filter(pk=mailbox.pk).update(uid=place.uid, stumbled_at=0, stumbles=0)


def _taken_in(place: Place, digest: str, raw: bytes, *, now: datetime) -> ReceivedMail:
    reading = read(raw, _ours())
    received = ReceivedMail(
        **_place_and_head(place, digest, reading, size=len(raw), now=now),
        text=reading.text,
        taken_for=reading.taken_for,
    )
    match reading.taken_for:
        case TakenFor.REPORT:
            _note_report(received, reading, now=now)
        case TakenFor.LETTER:
            _answer_letter(received, reading, now=now)
        case _:
            received.outcome = Outcome.IGNORED
    received.save(force_insert=True)
    return received


def _note_report(received: ReceivedMail, reading: Reading, *, now: datetime) -> None:
    if reading.report is None:
        _put_aside(received, SetAside.REPORT_UNCLEAR)
        return
    try:
        received.mail = mail.note_report(reading.key, reading.report, now=now)
    except mail.NamesNoMail:
        _put_aside(received, SetAside.REPORT_UNKNOWN)
    else:
        received.outcome = Outcome.MAIL_LOG


def _answer_letter(received: ReceivedMail, reading: Reading, *, now: datetime) -> None:
    if not reading.sender:
        _put_aside(received, SetAside.NO_SENDER)
        return
    if letters_of_a_day(received.sender, now=now) >= LETTERS_A_DAY:
        _put_aside(received, SetAside.TOO_MANY)
        return
    account = account_of(reading.sender)
    if account is not None and (check := _check_of(received, account, now=now)):
        received.entitlement_check = check
        return
    received.outcome = Outcome.INTAKE
    received.intake = support.take_down(
        Request(concern=_concern(reading), name=reading.sender_name, email=reading.sender),
        route=IntakeRoute.MAIL,
        account=account,
        now=now,
        origin=BY_MAIL,
    )


def _check_of(received: ReceivedMail, account: Account, *, now: datetime) -> EntitlementCheck | None:
    """The check the letter opens, or the open one it is added to; None where the account needs no check."""
    with suppress(entitlement.NoCheckNeeded):
        try:
            check = entitlement.request_check(account, route=CheckRoute.MAIL, now=now, origin=BY_MAIL)
        except entitlement.AlreadyBeingChecked:
            received.outcome = Outcome.CHECK_ADDED_TO
            expired = expired_access_of(account, now=now)
            return expired.last_check if expired else None
        else:
            received.outcome = Outcome.CHECK_OPENED
            return check
    return None


def _put_aside(received: ReceivedMail, reason: SetAside) -> None:
    received.outcome, received.set_aside = Outcome.SET_ASIDE, reason


def _concern(reading: Reading) -> str:
    return "\n\n".join(part for part in (reading.subject, reading.text) if part) or "–"


def _place_and_head(place: Place, digest: str, reading: Reading, *, size: int, now: datetime) -> dict[str, object]:
    return {
        "uidvalidity": place.uidvalidity,
        "uid": place.uid,
        "digest": digest,
        "size": size,
        "message_id": reading.message_id,
        "sender": normalised_address(reading.sender)[:ADDRESS_MAX_LENGTH],
        "sender_name": reading.sender_name,
        "subject": reading.subject,
        "received_at": now,
    }


def _ours() -> Ours:
    return Ours(settings.RETURN_ADDRESS, frozenset({current_site().email.rpartition("@")[2].lower()}))

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel.chunks import some_of
from kundenportal.kernel.copied import copy_in
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.text import on_one_line

from . import noticeboard
from .mails import WINDOW_NEWS
from .models import News, Subscription, Window
from .queries import subscribers, windows_not_over
from .rules.windows import ANNOUNCED_BEFORE, LONGEST, MESSAGE_MAX_LENGTH, NOT_BEGUN, UNDER_WAY, Message, stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin


class StartsInThePast(Refusal):
    """A window is planned for a time to come; what is to begin now is begun."""


class EndsBeforeItStarts(Refusal):
    """A window ends after it starts."""


class EndsInThePast(Refusal):
    """An expected end is one to come."""


class LastsTooLong(Refusal):
    """A window lasts LONGEST at most."""


class Overlaps(Refusal):
    """There is another window at that time."""

    def __init__(self, other: Window | None) -> None:
        super().__init__()
        self.other = other


class NothingUnderWay(Refusal):
    """There is no window that could end."""


class HasBegun(Refusal):
    """What has begun is ended, not cancelled, and its start stays what it was."""


class NoSuchWindow(Refusal):
    """There is no such window, or it is over or cancelled."""


def plan(
    *,
    starts_at: datetime,
    ends_at: datetime,
    message: Message,
    planned_by: Account | None,
    now: datetime,
    origin: Origin,
) -> Window:
    """A window to come; planned twice at the same instant by the same person, it is there once.

    Raises StartsInThePast, EndsBeforeItStarts, LastsTooLong or Overlaps.
    """
    if starts_at <= now:
        raise StartsInThePast
    found = windows_not_over().filter(starts_at=starts_at, ends_at=ends_at, planned_by=planned_by).first()
    if found is not None and found.message == _cut(message):
        return found
    return _open(Event.MAINTENANCE_PLANNED, starts_at, ends_at, message, by=planned_by, now=now, origin=origin)


def begin(*, ends_at: datetime, message: Message, begun_by: Account | None, now: datetime, origin: Origin) -> Window:
    """A window that begins at once. Raises EndsBeforeItStarts, LastsTooLong or Overlaps."""
    return _open(Event.MAINTENANCE_BEGUN, now, ends_at, message, by=begun_by, now=now, origin=origin)


def move(
    number: int,
    *,
    ends_at: datetime,
    starts_at: datetime | None = None,
    moved_by: Account | None,
    now: datetime,
    origin: Origin,
) -> Window:
    """The window is expected to end then, and to start then if a start is given that differs from what it was.

    Raises NoSuchWindow, HasBegun, StartsInThePast, EndsInThePast, EndsBeforeItStarts, LastsTooLong or Overlaps.
    """
    with _held(number, now=now) as window:
        before = window.times
        if starts_at is not None and starts_at != window.starts_at:
            if stage(before, now=now) not in NOT_BEGUN:
                raise HasBegun
            if starts_at <= now:
                raise StartsInThePast
            window.starts_at = starts_at
        if ends_at <= now:
            raise EndsInThePast
        window.ends_at = ends_at
        if window.times == before:
            return window
        _refuse_impossible(window)
        window.changed_at, window.changes = now, window.changes + 1
        with _alone(window):
            window.save()
        _tell_if_announced(window, News.Says.MOVED, now=now)
        _announce_if_due(window, now=now)
        _record(Event.MAINTENANCE_MOVED, window, by=moved_by, now=now, origin=origin)
    return window


def end(number: int | None = None, *, ended_by: Account | None, now: datetime, origin: Origin) -> Window:
    """The window is over, and with it whatever overran before it; without a number, whatever is under way.

    Raises NothingUnderWay.
    """
    with transaction.atomic():
        under_way = list(windows_not_over().select_for_update().filter(starts_at__lte=now))
        last = len(under_way)
        if number is not None:
            last = next((place for place, window in enumerate(under_way, start=1) if window.pk == number), 0)
        if not last:
            raise NothingUnderWay
        begun, go_on = under_way[:last], under_way[last:]
        # One that overran ended for everybody when the next one began.
        ends = [*(window.starts_at for window in under_way[1:]), now][:last]
        for window, ended_at in zip(begun, ends, strict=True):
            window.ended_at = window.changed_at = ended_at
            window.changes += 1
            window.save(update_fields=["ended_at", "changed_at", "changes"])
            _record(Event.MAINTENANCE_ENDED, window, by=ended_by, now=now, origin=origin)
        if not go_on:
            _tell(window, News.Says.OVER, now=now)
        _put_up(now=now)
    return window


def cancel(number: int, *, cancelled_by: Account | None, now: datetime, origin: Origin) -> Window:
    """The window does not take place. Raises NoSuchWindow or HasBegun."""
    with _held(number, now=now) as window:
        if stage(window.times, now=now) in UNDER_WAY:
            raise HasBegun
        window.cancelled_at = window.changed_at = now
        window.changes += 1
        window.save(update_fields=["cancelled_at", "changed_at", "changes"])
        _tell_if_announced(window, News.Says.CANCELLED, now=now)
        _record(Event.MAINTENANCE_CANCELLED, window, by=cancelled_by, now=now, origin=origin)
    return window


def announce_due(*, now: datetime) -> int:
    """Whoever asked for it is told of every window that has come near, once; how many windows that were."""
    with transaction.atomic():
        near = windows_not_over().filter(
            announced_at__isnull=True, starts_at__gt=now, starts_at__lte=now + ANNOUNCED_BEFORE
        )
        windows = list(near.select_for_update(skip_locked=True))
        for window in windows:
            _announce_if_due(window, now=now)
    return len(windows)


def subscribe(account: Account, *, now: datetime) -> None:
    """From now on the account is told of maintenance by mail; asking twice changes nothing."""
    Subscription.objects.get_or_create(account=account, defaults={"since": now})


def unsubscribe(account: Account) -> None:
    """From now on the account is not told of maintenance by mail."""
    Subscription.objects.filter(account=account).delete()


def forget_old_news(*, keep_for: timedelta, now: datetime) -> int:
    """Who was told what long ago is forgotten, a chunk at a time; how many mails that was."""
    deleted, _ = some_of(News.objects.filter(mail__queued_at__lt=now - keep_for)).delete()
    return deleted


def _open(
    event: Event,
    starts_at: datetime,
    ends_at: datetime,
    message: Message,
    *,
    by: Account | None,
    now: datetime,
    origin: Origin,
) -> Window:
    said = _cut(message)
    window = Window(
        starts_at=starts_at,
        ends_at=ends_at,
        message_de=said.german,
        message_en=said.english,
        planned_at=now,
        planned_by=by,
        changed_at=now,
    )
    _refuse_impossible(window)
    with transaction.atomic():
        with _alone(window):
            window.save(force_insert=True)
        _announce_if_due(window, now=now)
        _record(event, window, by=by, now=now, origin=origin)
        _put_up(now=now)
    return window


@contextmanager
def _held(number: int, *, now: datetime) -> Iterator[Window]:
    """The window, which nobody else changes meanwhile; the board tells of it afterwards."""
    with transaction.atomic():
        window = windows_not_over().select_for_update().filter(pk=number).first()
        if window is None:
            raise NoSuchWindow
        yield window
        _put_up(now=now)


@contextmanager
def _alone(window: Window) -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        others = windows_not_over().exclude(pk=window.pk)
        other = others.filter(starts_at__lt=window.ends_at, ends_at__gt=window.starts_at).first()
        if other is None:
            raise
        raise Overlaps(other) from clash


def _refuse_impossible(window: Window) -> None:
    if window.ends_at <= window.starts_at:
        raise EndsBeforeItStarts
    if window.ends_at - window.starts_at > LONGEST:
        raise LastsTooLong


def _announce_if_due(window: Window, *, now: datetime) -> None:
    if window.announced_at is None and now < window.starts_at <= now + ANNOUNCED_BEFORE:
        window.announced_at = now
        window.save(update_fields=["announced_at"])
        _tell(window, News.Says.ANNOUNCED, now=now)


def _tell_if_announced(window: Window, says: News.Says, *, now: datetime) -> None:
    if window.announced_at is not None or stage(window.times, now=now) in UNDER_WAY:
        _tell(window, says, now=now)


def _tell(window: Window, says: News.Says, *, now: datetime) -> None:
    accounts = [subscription.account for subscription in subscribers()]
    if not accounts:
        return
    mails = mail.queue_many(WINDOW_NEWS, recipients=[account.address for account in accounts], now=now)
    copy_in(
        News(window=window, account=account, says=says, mail=its_mail)
        for account, its_mail in zip(accounts, mails, strict=True)
    )


def _record(event: Event, window: Window, *, by: Account | None, now: datetime, origin: Origin) -> None:
    audit.record(
        event,
        actor=by,
        now=now,
        origin=origin,
        window=window.pk,
        starts_at=window.starts_at.isoformat(timespec="minutes"),
        ends_at=(window.ended_at or window.ends_at).isoformat(timespec="minutes"),
    )


def _put_up(*, now: datetime) -> None:
    transaction.on_commit(lambda: noticeboard.put_up_what_holds(now=now))


def _cut(message: Message) -> Message:
    return Message(*(on_one_line(words)[:MESSAGE_MAX_LENGTH] for words in (message.german, message.english)))

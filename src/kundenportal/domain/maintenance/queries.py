from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.site import queries as site
from kundenportal.kernel.leafing import newest_first

from .models import News, Subscription, Window
from .rules import windows as rules
from .rules.board import Board, Contact, Posted

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail
    from kundenportal.kernel.leafing import Page

PAGE_SIZE = 50


def board() -> Board:
    """What everybody may know of windows to come or under way."""
    contact = site.current()
    return Board(
        tuple(Posted(window.pk, window.times, window.message) for window in windows_not_over()),
        Contact(contact.portal_name, contact.email, contact.telephone, contact.telephone_uri),
    )


def windows_not_over() -> QuerySet[Window]:
    """The windows to come or under way, by their beginnings."""
    return Window.objects.filter(ended_at__isnull=True, cancelled_at__isnull=True).order_by("starts_at")


def is_under_way(*, now: datetime) -> bool:
    """Whether customers are kept out."""
    return windows_not_over().filter(starts_at__lte=now).exists()


def window_meant(*, now: datetime) -> Window | None:
    """What is meant by whoever names none: the one that keeps customers out, or else the next."""
    return windows_not_over().filter(starts_at__lte=now).last() or windows_not_over().first()


def windows_over(*, after: int | None = None, before: int | None = None) -> Page[Window]:
    """The windows that are over or were cancelled, the newest first."""
    found = Window.objects.exclude(pk__in=windows_not_over().values("pk")).select_related("planned_by")
    return newest_first(found, after=after, before=before, size=PAGE_SIZE)


def window_numbered(number: int) -> Window | None:
    """The window, with whoever planned it."""
    return Window.objects.select_related("planned_by").filter(pk=number).first()


def window_known_to_everybody(number: int, *, now: datetime) -> Window | None:
    """The window, once it is announced; whoever has it in a calendar is told what has become of it."""
    window = window_numbered(number)
    return window if window and (window.announced_at or rules.stage(window.times, now=now) in _KNOWN) else None


_KNOWN = rules.UNDER_WAY | {rules.Stage.ANNOUNCED, rules.Stage.OVER}


def pauses(*, now: datetime) -> tuple[rules.Pause, ...]:
    """When countdowns do not end, long ago and to come."""
    taking_place: Iterable[Window] = Window.objects.filter(cancelled_at__isnull=True).only(
        "starts_at", "ends_at", "ended_at"
    )
    return rules.pauses((window.times for window in taking_place), now=now)


def is_subscribed(account: Account) -> bool:
    """Whether the account is told of maintenance by mail."""
    return Subscription.objects.filter(account=account).exists()


def subscribers() -> QuerySet[Subscription]:
    """Who is told of maintenance by mail."""
    return Subscription.objects.filter(account__suspended_at__isnull=True).select_related("account").order_by("pk")


def news_still_worth_sending(mail: OutgoingMail) -> News | None:
    """What the mail is to tell; None if there is newer news, or nobody who wants to hear it at that address."""
    news = News.objects.select_related("window", "account").filter(mail=mail).first()
    if news is None or news.account.address != mail.recipient or not is_subscribed(news.account):
        return None
    newer = News.objects.filter(window=news.window_id, account=news.account_id, pk__gt=news.pk)
    return None if newer.exists() else news

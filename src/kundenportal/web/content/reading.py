"""What is noted about those who read: which news they have opened, and what they say of the help."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from kundenportal.kernel.refusal import Refusal

from .models import ArticleRead, HelpFeedback
from .models.help import REMARK_MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

    from .models import ArticlePage, HelpPage

# The help is read by everybody on the internet, whole offices of them behind one address. What one sender may say in
# each process, and what is kept of whoever is not signed in, however many they are.
WITHIN = timedelta(hours=1)
OF_ONE_SENDER, OF_STRANGERS = 40, 1_000
SENDERS_REMEMBERED = 10_000


class RemarkTooLong(Refusal):
    """A remark has at most REMARK_MAX_LENGTH characters."""


class SaidTooMuch(Refusal):
    """So much has come in WITHIN the last hour that no more is kept."""


class Senders:
    """Who has said something lately; threads may share it."""

    def __init__(self) -> None:
        self._said: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def has_room(self, sender: str, *, now: datetime) -> bool:
        """Whether the sender may say one thing more; then it is counted."""
        with self._lock:
            # Put back at the end, so that those come first that have been quiet for longest.
            said = self._said[sender] = self._said.pop(sender, deque())
            if len(self._said) > SENDERS_REMEMBERED:
                self._said.popitem(last=False)
            while said and said[0] <= now - WITHIN:
                said.popleft()
            if len(said) >= OF_ONE_SENDER:
                return False
            said.append(now)
            return True


senders = Senders()


def note_read(account: Account, articles: Iterable[ArticlePage], *, now: datetime) -> None:
    """From now on these are not new for the account; the first reading counts."""
    read = [ArticleRead(account=account, article=article.translation_key, read_at=now) for article in articles]
    ArticleRead.objects.bulk_create(read, ignore_conflicts=True)


def give_feedback(
    page: HelpPage, *, account: Account | None, network: str, has_helped: bool, remark: str, now: datetime
) -> None:
    """Keeps whether a help page has helped, and what was remarked; raises RemarkTooLong or SaidTooMuch."""
    remark = remark.strip()
    if len(remark) > REMARK_MAX_LENGTH:
        raise RemarkTooLong
    if not senders.has_room(f"account {account.pk}" if account else network, now=now):
        raise SaidTooMuch
    if account is None:
        of_strangers = HelpFeedback.objects.filter(account=None, given_at__gt=now - WITHIN)
        if of_strangers.count() >= OF_STRANGERS:
            raise SaidTooMuch
    HelpFeedback.objects.create(page=page, account=account, has_helped=has_helped, remark=remark, given_at=now)


def settle_remark(remark_id: int, *, now: datetime) -> None:
    """An editor has seen to a remark; twice changes nothing."""
    HelpFeedback.objects.filter(pk=remark_id, settled_at__isnull=True).update(settled_at=now)

"""What is noted about those who read: which news they have opened, and what they say of the help."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kundenportal.kernel.refusal import Refusal

from .models import ArticleRead, HelpFeedback
from .models.help import REMARK_MAX_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

    from .models import ArticlePage, HelpPage

# The help is read by everybody on the internet: what comes in beyond this is not kept.
REMARKS_KEPT, WITHIN = 50, timedelta(hours=1)


class RemarkTooLong(Refusal):
    """A remark has at most REMARK_MAX_LENGTH characters."""


def note_read(account: Account, articles: Iterable[ArticlePage], *, now: datetime) -> None:
    """From now on these are not new for the account; the first reading counts."""
    read = [ArticleRead(account=account, article=article.translation_key, read_at=now) for article in articles]
    ArticleRead.objects.bulk_create(read, ignore_conflicts=True)


def give_feedback(page: HelpPage, *, account: Account | None, has_helped: bool, remark: str, now: datetime) -> None:
    """Keeps whether a help page has helped, and what was remarked; raises RemarkTooLong."""
    remark = remark.strip()
    if len(remark) > REMARK_MAX_LENGTH:
        raise RemarkTooLong
    if HelpFeedback.objects.filter(page=page, given_at__gt=now - WITHIN).count() < REMARKS_KEPT:
        HelpFeedback.objects.create(page=page, account=account, has_helped=has_helped, remark=remark, given_at=now)


def settle_remark(remark_id: int, *, now: datetime) -> None:
    """An editor has seen to a remark; twice changes nothing."""
    HelpFeedback.objects.filter(pk=remark_id, settled_at__isnull=True).update(settled_at=now)

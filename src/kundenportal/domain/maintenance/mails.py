"""What this domain says by mail. Importing it makes its kind known to `mail.delivery`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.mails import rendered
from kundenportal.domain.mail import kinds
from kundenportal.kernel.links import link_to

from .queries import news_still_worth_sending
from .rules.windows import UNDER_WAY, stage

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.mail.models import OutgoingMail

WINDOW_NEWS = "window_news"


class WindowNewsKind(kinds.PlainKind):
    """Tells whoever asked for it that a window is announced, moved, cancelled or over."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """As the window stands now; not needed once there is newer news of it."""
        news = news_still_worth_sending(mail)
        if news is None:
            raise kinds.NotNeeded
        return rendered(
            "maintenance/window_news",
            news.account,
            says=news.says,
            window=news.window,
            has_begun=stage(news.window.times, now=now) in UNDER_WAY,
            calendar=link_to("maintenance-calendar", str(news.window_id)),
            page=link_to("maintenance"),
        )


kinds.register(WINDOW_NEWS, WindowNewsKind())

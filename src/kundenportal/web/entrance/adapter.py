from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.adapter import DefaultAccountAdapter

from kundenportal.kernel import clock
from kundenportal.web.shared import sessions

if TYPE_CHECKING:
    from django.http import HttpRequest

    from kundenportal.domain.accounts.models import Account


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is not typed
    """What we tell allauth: nobody registers here, and the pages speak for themselves."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: access is issued (R1)."""
        return False

    def add_message(self, *arguments: object, **options: object) -> None:
        """Says nothing: our pages say what happened in our words."""

    def login(self, request: HttpRequest, user: Account) -> None:
        """Begins the session under a new key, and notes when, and when the one before began."""
        before, last_visit_at = request.session.session_key, user.last_login
        super().login(request, user)
        if request.session.session_key == before:
            # Django keeps the key of somebody who signs in while signed in.
            request.session.cycle_key()
        sessions.begin(request, last_visit_at=last_visit_at, now=clock.now())

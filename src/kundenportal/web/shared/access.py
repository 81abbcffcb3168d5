"""Who may see a page. Nothing said means: whoever is signed in (SignInFirstMiddleware)."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Protocol, cast

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect
from django.urls import reverse

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec

    from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
    from django.http.response import HttpResponseBase

    from kundenportal.domain.accounts.models import Account

    P = ParamSpec("P")
    View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

everybody = login_not_required

# What stays open whatever else does not.
ALWAYS_OPEN = frozenset(
    {"session-prolong", "sign-out", "language"}
    # Every page is painted with these, and whoever is stuck may say so.
    | {"brand", "logo", "contact", "contact-taken"}
    # And nobody is kept from what the law wants everybody to find.
    | {"legal", "mails-we-send", "media"}
)

# What stays open to somebody who first has to choose an own password.
OPEN_BEFORE_OWN_PASSWORD = (
    ALWAYS_OPEN
    | {"first-sign-in", "password-strength", "sign-in-help"}
    # A link for a forgotten password leads to an own one, too.
    | {"reset-link", "reset-choose", "reset-strength", "reset-done"}
    # Maintenance is announced on every page, and whoever meets it may ask to be told when it is over.
    | {"maintenance", "maintenance-mails", "maintenance-calendar"}
)

# What only takes something in and shows no page: whoever has to sign in first is led to the page it was sent from.
SENT_FROM = {
    "help-remark-settle": "help-remarks",
    "news-read": "news",
    "organisation": "home",
    "desk-send-letter-again": "desk-accounts",
    "desk-send-link": "desk-accounts",
    "desk-take": "desk-today",
    "desk-send-mail-again": "desk-mails",
    "desk-import-start": "desk-imports",
    "desk-import-cancel": "desk-imports",
    "maintenance-mails": "maintenance",
    "password-strength": "profile",
    "session-prolong": "home",
}


def account_of_session(request: HttpRequest) -> Account:
    """The account that is signed in; only for pages that are not for everybody."""
    return cast("Account", request.user)


def has_to_choose_password(account: Account) -> bool:
    """Whether nothing is open to the account before it has chosen a password."""
    return account.needs_stronger_password or (settings.OWN_PASSWORD_REQUIRED and not account.own_password_chosen)


class Guard(Protocol):
    """Lets only those in who may see the page."""

    def __call__(self, view: View[P], /) -> View[P]: ...


def _only(is_let_in: Callable[[Account], bool]) -> Guard:
    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not is_let_in(account_of_session(request)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return guarded

    return guard


desk_only = _only(lambda account: account.may_use_desk)
takers_down_only = _only(lambda account: account.may_take_down_intakes)
leads_only = _only(lambda account: account.leads_desk)
speakers_only = _only(lambda account: account.speaks_for_the_portal)
editors_only = _only(lambda account: account.may_edit_content)


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Django's, but it leads nobody to an address that shows no page."""

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseRedirect:
        """Leads to the start page, and from there to what was asked for."""
        page = SENT_FROM.get(str(request.resolver_match and request.resolver_match.url_name))
        if page is None:
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(reverse(page), reverse(self.get_login_url(view_func)))


class OwnPasswordFirstMiddleware:
    """Whoever has to choose a password first, chooses it first: everything else waits."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        if not request.user.is_authenticated or not has_to_choose_password(account_of_session(request)):
            return None
        match = request.resolver_match
        if match is not None and match.url_name in OPEN_BEFORE_OWN_PASSWORD:
            return None
        return redirect("first-sign-in")

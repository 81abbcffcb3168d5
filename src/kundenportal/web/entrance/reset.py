"""A forgotten password: ask for a link, open it, choose a new password.

Opening the link changes nothing, so mail scanners may. It hands its token on in a cookie and leads to an address
without it: so the token is in no title bar, history or Referer. The page there sends it back as a hidden field, so that
two links opened side by side are not taken for one another.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import logout
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenportal.domain.accounts.operations import AddressMalformed
from kundenportal.domain.credentials.operations import resets
from kundenportal.domain.credentials.queries.resets import reset_link
from kundenportal.domain.credentials.rules.resets import RESET_LINK_LIFETIME, LinkState, looks_like_a_token
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import everybody
from kundenportal.web.shared.again import shows_what_was_typed, typed
from kundenportal.web.shared.browsers import new_id, remember_browser
from kundenportal.web.shared.cookies import keep_cookie
from kundenportal.web.shared.new_password import ENTRY_MAX_LENGTH, NewPasswordForm, strength_context
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.sentences import NOT_AN_ADDRESS

from .by_mail import by_mail
from .expired import expired_by_mail
from .forms import AddressForm, SignInForm

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.queries.resets import ResetLink

MINUTES = int(RESET_LINK_LIFETIME.total_seconds() // 60)
STATUS = {LinkState.UNKNOWN: HTTPStatus.NOT_FOUND, LinkState.SUSPENDED: HTTPStatus.FORBIDDEN}


@shows_what_was_typed
@never_cache
@everybody
@require_http_methods(["GET", "HEAD", "POST"])
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Asks for the address, and has a mail sent there; what is said is the same for every address."""
    if request.method != "POST":
        return _ask(request, AddressForm(initial=typed(request)))
    form = AddressForm(request.POST)
    if not form.is_valid():
        return _ask(request, form)
    try:
        recipient = resets.ask(form.cleaned_data["address"], now=clock.now(), origin=origin_of(request))
    except AddressMalformed:
        form.add_error("address", NOT_AN_ADDRESS)
        return _ask(request, form)
    return render(request, "entrance/reset_asked.html", {"address": recipient, "minutes": MINUTES})


@by_mail
@require_safe
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the mail leads: on to the page without the token. Nothing is changed, however often."""
    response = redirect("reset-choose")
    response["Referrer-Policy"] = "no-referrer"
    _hand_on(response, token if looks_like_a_token(token) else "")
    return response


@by_mail
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("new_password", "token")
def choose(request: HttpRequest) -> HttpResponse:
    """The page on which the new password is chosen; or what the link is worth instead."""
    token, now = _token_of(request), clock.now()
    try:
        account = resets.account_behind(token, now=now)
        form = NewPasswordForm.of(account, request.POST if request.POST.get("action") == "save" else None)
        if form.is_bound and form.is_valid():
            return _chosen(request, token, form)
    except resets.LinkWorthless as worthless:
        return _worthless(request, worthless.link, now=now)
    return _choose(request, account, token, form)


@never_cache
@everybody
@require_POST
@sensitive_post_parameters("new_password", "token")
def strength(request: HttpRequest) -> HttpResponse:
    """The meter for the account behind the link, as somebody types; nothing is judged for a link worth nothing."""
    entry = request.POST.get("new_password", "")[:ENTRY_MAX_LENGTH]
    link = reset_link(_token_of(request), now=clock.now())
    judged = strength_context(link.account, entry) if link.account and link.state is LinkState.LIVE else {}
    return render(request, "elements/strength.html", judged)


@by_mail
@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """For whoever holds the link that was used: what has changed; and from there the sign-in, with the address.

    Not both on one page: a password manager that sees a sign-in again takes what was chosen for refused. It would drop
    the new password, and fill in the old one.
    """
    link = reset_link(_token_of(request), now=clock.now())
    if link.account is None or link.state is not LinkState.USED:
        return redirect("reset-choose")
    if "sign-in" in request.GET:
        form = SignInForm(initial={"address": link.account.address, "next": ""})
        return render(request, "entrance/start.html", {"form": form})
    return render(request, "entrance/reset_done.html")


@everybody
@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where password managers send people who want another password (W3C: a well-known URL)."""
    if request.user.is_authenticated:
        return redirect(f"{reverse('profile')}#password")
    return redirect("password-forgotten")


def _ask(request: HttpRequest, form: AddressForm) -> HttpResponse:
    return render(request, "entrance/password_forgotten.html", {"form": form, "minutes": MINUTES})


def _choose(request: HttpRequest, account: Account, token: str, form: NewPasswordForm) -> HttpResponse:
    context = {"form": form, "token": token, **strength_context(account, form["new_password"].value() or "")}
    return render(request, "entrance/reset_choose.html", context)


def _chosen(request: HttpRequest, token: str, form: NewPasswordForm) -> HttpResponse:
    """The way on once the password is chosen; the form again if the policy refuses it, and the link stays live."""
    # A new one: whoever is the reason for this reset may know the old one.
    browser_id = new_id()
    try:
        account = resets.choose(token, form.entry(), browser_id=browser_id, now=clock.now(), origin=origin_of(request))
    except resets.LinkWorthless:
        raise
    except Refusal as refusal:
        form.say_why_not(refusal)
        return _choose(request, form.account, token, form)
    if request.user == account:
        logout(request)  # this browser's session is over, too, and a sign of life must not be written to it
    response = redirect("reset-done")
    remember_browser(request, response, browser_id)
    _hand_on(response, token)
    return response


def _worthless(request: HttpRequest, link: ResetLink, *, now: datetime) -> HttpResponse:
    if link.account and link.state is LinkState.CHECK_FIRST:
        return expired_by_mail(request, link.account, now=now)
    # A broken link hands on an empty cookie. None at all is refused, or over together with the link.
    missing = settings.RESET_COOKIE_NAME not in request.COOKIES and not _token_of(request)
    address = link.account.address if link.account else ""
    context = {"state": "missing" if missing else link.state.value, "address": address, "minutes": MINUTES}
    return render(request, "entrance/reset_link.html", context, status=STATUS.get(link.state, HTTPStatus.GONE))


def _token_of(request: HttpRequest) -> str:
    return request.POST.get("token") or request.COOKIES.get(settings.RESET_COOKIE_NAME, "")


def _hand_on(response: HttpResponse, token: str) -> None:
    """For as long as a link lives; not Strict, because mail programs in the browser lead here from elsewhere."""
    path = reverse("reset-choose")
    keep_cookie(response, settings.RESET_COOKIE_NAME, token, keep_for=RESET_LINK_LIFETIME, path=path)

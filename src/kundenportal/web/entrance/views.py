from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from kundenportal.domain.credentials.guard import Locked
from kundenportal.domain.credentials.operations import passwords
from kundenportal.domain.credentials.operations import sign_in as credentials
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal, TooBusy
from kundenportal.web.shared import browsers, errors, sessions
from kundenportal.web.shared.access import account_of_session, everybody, has_to_choose_password
from kundenportal.web.shared.again import shows_what_was_typed, typed
from kundenportal.web.shared.language import remember_language
from kundenportal.web.shared.maintenance import board_of
from kundenportal.web.shared.new_password import NewPasswordForm, strength_context
from kundenportal.web.shared.origin import origin_of

from . import expired
from .forms import SignInForm
from .front import locked_page, refused_page, start_page

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account


@never_cache
@everybody
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """The start page: how access is obtained, and the sign-in."""
    return start_page(request) or _start(request, SignInForm(initial={"next": request.GET.get("next", "")}))


@shows_what_was_typed
@never_cache
@everybody
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    """Lets in whoever enters the right address and password; everybody else reads why not."""
    if request.method != "POST":
        # During maintenance the start page gives way, and staff come in here.
        if typed(request) or board_of(request).under_way(now=clock.now()):
            return _start(request, SignInForm(initial={"next": "", **typed(request)}))
        return redirect("home")
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _start(request, form)
    browser_id, new_browser_id = browsers.known_id(request, form.cleaned_data["address"]), browsers.new_id()
    try:
        account = credentials.sign_in(
            address=form.cleaned_data["address"],
            password=form.cleaned_data["password"],
            browser_id=browser_id,
            new_browser_id=new_browser_id,
            now=clock.now(),
            origin=origin_of(request),
        )
    except Refusal as refusal:
        return _refused(request, form, refusal)
    response = _let_in(request, account, wish=form.cleaned_data["next"])
    browsers.remember_browser(request, response, browser_id or new_browser_id)
    return response


@sensitive_post_parameters("new_password", "current_password")
def first_sign_in(request: HttpRequest) -> HttpResponse:
    """Asks for an own password once somebody has come in with the one we sent, or with one too weak for staff."""
    account, now = account_of_session(request), clock.now()
    if account.own_password_chosen and not account.needs_stronger_password:
        return redirect("home")
    form = NewPasswordForm.of(account, request.POST if request.POST.get("action") == "save" else None)
    signed_in_at = sessions.signed_in_at(request)
    if current_password_is_asked_for(signed_in_at=signed_in_at, now=now):
        form.ask_for_current_password()
    if form.is_bound and form.is_valid():
        try:
            passwords.choose_password(
                account,
                form.entry(),
                signed_in_at=signed_in_at,
                browser_id=browsers.known_id(request, account.address),
                now=now,
                origin=origin_of(request),
            )
        except Refusal as refusal:
            form.say_why_not(refusal)
        else:
            update_session_auth_hash(request, account)
            messages.success(request, _("Your own password is now active."))
            return redirect("home")
    context = {
        "form": form,
        "is_compulsory": has_to_choose_password(account),
        **strength_context(account, form["new_password"].value() or ""),
    }
    return render(request, "entrance/first_sign_in.html", context)


@everybody
def sign_out(request: HttpRequest) -> HttpResponse:
    """Ends the session; without one, or without the button, it just leads home."""
    response = redirect("home")
    if request.method == "POST" and request.user.is_authenticated:
        account = account_of_session(request)
        credentials.sign_out(account, now=clock.now(), origin=origin_of(request))
        logout(request)
        messages.success(request, _("You have signed out."))
        remember_language(response, account.language)
    return response


def _start(request: HttpRequest, form: SignInForm) -> HttpResponse:
    context = {"form": form, "sent_here": not form.is_bound and not typed(request) and bool(form.initial["next"])}
    return render(request, "entrance/start.html", context)


def _refused(request: HttpRequest, form: SignInForm, refusal: Refusal) -> HttpResponse:
    match refusal:
        case EntryWrong():
            return refused_page(request, address=form.cleaned_data["address"], wish=form.cleaned_data["next"])
        case Locked():
            return locked_page(request, address=form.cleaned_data["address"])
        case credentials.InitialPasswordExpired():
            return expired.expired(request, refusal.account, now=clock.now())
        case credentials.AccountIsSuspended():
            # An error, like the expired one: otherwise password managers offer to keep what was entered.
            return render(request, "entrance/suspended.html", status=HTTPStatus.FORBIDDEN)
        case TooBusy():
            return errors.too_busy()
        case _:
            raise refusal


def _let_in(request: HttpRequest, account: Account, *, wish: str) -> HttpResponse:
    if url_has_allowed_host_and_scheme(wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        destination = wish
    else:
        destination = resolve_url("home")
    if not account.own_password_chosen or account.needs_stronger_password:
        destination = resolve_url("first-sign-in")
    response: HttpResponse = perform_login(request, account, redirect_url=destination)
    return response

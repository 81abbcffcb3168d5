from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.credentials.operations import caller_codes
from kundenportal.domain.credentials.operations import profile as credentials
from kundenportal.domain.credentials.rules.identity import CODE_LIFETIME
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared import sessions
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.browsers import known_id
from kundenportal.web.shared.colours import remember_colour_scheme
from kundenportal.web.shared.language import remember_language
from kundenportal.web.shared.new_password import NewPasswordForm, strength_context
from kundenportal.web.shared.origin import origin_of

from . import confirming
from .forms import ProfileForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account


@sensitive_post_parameters("new_password", "current_password")
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Colour scheme, name, language and password: looked at, or saved all at once."""
    account = account_of_session(request)
    if request.method != "POST":
        return _profile(request, ProfileForm.of(account), None)
    form, password_form = ProfileForm(request.POST), _password_part(request, account)
    if request.POST.get("action", "save") != "save":
        # Opening or closing the password part saves nothing, finds no fault and loses nothing typed.
        typed = {name: request.POST.get(name, "") for name in form.fields}
        return _profile(request, ProfileForm(initial=typed), password_form)
    # Both are validated, so that every fault is named at once.
    if not all([form.is_valid(), password_form is None or password_form.is_valid()]):
        return _profile(request, form, password_form)
    try:
        credentials.update_profile(
            account,
            **form.cleaned_data,
            new_password=password_form.entry() if password_form else None,
            signed_in_at=sessions.signed_in_at(request),
            browser_id=known_id(request, account.address),
            now=clock.now(),
            origin=origin_of(request),
        )
    except (accounts.NameMissing, accounts.NameTooLong) as refusal:
        form.say_why_not(refusal)
        return _profile(request, form, password_form)
    except Refusal as refusal:
        if password_form is None:
            raise
        password_form.say_why_not(refusal)
        return _profile(request, form, password_form)
    return _saved(request, account, password_changed=password_form is not None)


@sensitive_post_parameters("current_password")
@require_http_methods(["GET", "HEAD", "POST"])
def caller_code(request: HttpRequest) -> HttpResponse:
    """A code to read out on the telephone; made at the press of a button, shown once and kept nowhere."""
    account, now = account_of_session(request), clock.now()
    form, code = confirming.form_of(request, now=now), ""
    if confirming.is_confirmed(request, form, now=now):
        code = caller_codes.make(account, now=now, origin=origin_of(request))
    minutes = CODE_LIFETIME // timedelta(minutes=1)
    return render(request, "customer/caller_code.html", {"form": form, "code": code, "minutes": minutes})


def _password_part(request: HttpRequest, account: Account) -> NewPasswordForm | None:
    """The password part as the pressed button leaves it; None while it is closed."""
    action = request.POST.get("action", "save")
    if action in {"new-password", "another-suggestion"}:
        form = NewPasswordForm.of(account)
    elif action == "save" and "new_password" in request.POST:
        form = NewPasswordForm.of(account, request.POST)
    else:
        return None
    if current_password_is_asked_for(signed_in_at=sessions.signed_in_at(request), now=clock.now()):
        form.ask_for_current_password()
    return form


def _profile(request: HttpRequest, form: ProfileForm, password_form: NewPasswordForm | None) -> HttpResponse:
    context: dict[str, object] = {
        "form": form,
        "password_form": password_form,
        "password_open": password_form is not None,
    }
    if password_form is not None:
        account = account_of_session(request)
        context |= strength_context(account, password_form["new_password"].value() or "")
    return render(request, "customer/profile.html", context)


def _saved(request: HttpRequest, account: Account, *, password_changed: bool) -> HttpResponse:
    with translation.override(account.language):
        if password_changed:
            update_session_auth_hash(request, account)
            messages.success(
                request, _("Your profile has been updated. From now on you sign in with your new password.")
            )
        else:
            messages.success(request, _("Your profile has been updated."))
    response = redirect("profile")
    remember_colour_scheme(response, account.colour_scheme)
    remember_language(response, account.language)
    return response

"""Whoever is signed in takes along what is kept about them (Art. 15 GDPR)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kundenportal.domain.credentials.operations import passwords
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.domain.privacy import operations as privacy
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.content.own_data import download
from kundenportal.web.shared import sessions
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.browsers import known_id
from kundenportal.web.shared.new_password import CurrentPasswordForm
from kundenportal.web.shared.origin import origin_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@sensitive_post_parameters("current_password")
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """What is in the file, and the button for it; the password first if the sign-in is a while ago."""
    account, now = account_of_session(request), clock.now()
    signed_in_at = sessions.signed_in_at(request)
    form = CurrentPasswordForm(request.POST if request.method == "POST" else None)
    if current_password_is_asked_for(signed_in_at=signed_in_at, now=now):
        form.ask_for_current_password()
    if form.is_bound and form.is_valid():
        try:
            passwords.confirm_current_password(
                account,
                form.cleaned_data.get("current_password", ""),
                signed_in_at=signed_in_at,
                browser_id=known_id(request, account.address),
                now=now,
                origin=origin_of(request),
            )
        except Refusal as refusal:
            form.say_why_not(refusal)
        else:
            return download(account, privacy.hand_out(account, now=now, origin=origin_of(request)), now=now)
    return render(request, "customer/own_data.html", {"form": form})

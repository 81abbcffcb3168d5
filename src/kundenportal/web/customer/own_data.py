"""Whoever is signed in takes along what is kept about them (Art. 15 GDPR)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kundenportal.domain.privacy import operations as privacy
from kundenportal.kernel import clock
from kundenportal.web.content.own_data import download
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.origin import origin_of

from . import confirming

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@sensitive_post_parameters("current_password")
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest) -> HttpResponse:
    """What is in the file, and the button for it; the password first if the sign-in is a while ago."""
    account, now = account_of_session(request), clock.now()
    form = confirming.form_of(request, now=now)
    if confirming.is_confirmed(request, form, now=now):
        return download(account, privacy.hand_out(account, now=now, origin=origin_of(request)), now=now)
    return render(request, "customer/own_data.html", {"form": form})

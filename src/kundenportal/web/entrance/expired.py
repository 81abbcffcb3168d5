"""The way on for whoever holds the right initial password, but too late (rule R4)."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from kundenportal.domain.credentials import proofs
from kundenportal.domain.credentials.operations import entitlement
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import everybody
from kundenportal.web.shared.origin import origin_of

from .by_mail import by_mail

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.queries.expired import ExpiredAccess


def expired(request: HttpRequest, account: Account, *, now: datetime) -> HttpResponse:
    """The page for whoever has just entered this account's expired password."""
    page = _expired(request, expired_access_of(account, now=now), Route.PAGE, now=now)
    # Password managers offer to keep what was entered, unless the answer is an error.
    page.status_code = HTTPStatus.FORBIDDEN
    return page


def expired_by_mail(request: HttpRequest, account: Account, *, now: datetime) -> HttpResponse:
    """The same page for whoever reads this account's mail."""
    return _expired(request, expired_access_of(account, now=now), Route.LINK, now=now)


@by_mail
@require_safe
def expired_access(request: HttpRequest, token: str) -> HttpResponse:
    """The same page for whoever was sent its address by mail. Opening it changes nothing, however often."""
    now = clock.now()
    try:
        access, route = proofs.proven_by(token, now=now)
    except proofs.ProofWorthless:
        return _worthless(request)
    return _expired(request, access, route, now=now)


@never_cache
@everybody
@sensitive_post_parameters("proof")
def request_new_access(request: HttpRequest) -> HttpResponse:
    """Asks for new access once, however often the button is pressed or the page is sent again."""
    if request.method != "POST":
        return redirect("home")
    now = clock.now()
    try:
        access, route = proofs.proven_by(request.POST.get("proof", ""), now=now)
    except proofs.ProofWorthless:
        return _worthless(request)
    try:
        entitlement.request_check(access.account, route=route, now=now, origin=origin_of(request))
    except Refusal:
        # Somebody was faster, be it the same finger: the page says how things stand now.
        return _expired(request, expired_access_of(access.account, now=now), route, now=now)
    return render(request, "entrance/access_requested.html", {"address": access.account.address})


def _expired(request: HttpRequest, access: ExpiredAccess | None, route: Route, *, now: datetime) -> HttpResponse:
    if access is None:
        return _worthless(request)
    context = {
        "password_entered": route is Route.PAGE,
        "address": access.account.address,
        "expires_at": access.expired_at,
        "renewal": access.renewal,
        "check": access.last_check,
        "proof": proofs.proof_for_page(access, route, now=now) if access.may_be_requested else "",
    }
    return render(request, "entrance/expired.html", context)


def _worthless(request: HttpRequest) -> HttpResponse:
    return render(request, "entrance/expired_page_too_old.html", status=HTTPStatus.GONE)

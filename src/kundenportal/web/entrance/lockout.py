"""Where the mail about a lockout leads: opening the page changes nothing, its button does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from kundenportal.domain.credentials import proofs
from kundenportal.domain.credentials.operations import lockouts
from kundenportal.domain.credentials.queries.door import state_of
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.queries.lockouts import lockout_told_of, owner_at_the_door
from kundenportal.kernel import clock
from kundenportal.kernel.browsers import browser_named
from kundenportal.web.shared.origin import origin_of

from .by_mail import by_mail

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@by_mail
@require_http_methods(["GET", "HEAD", "POST"])
def lockout(request: HttpRequest, token: str) -> HttpResponse:
    """When and from where the wrong entries came, a button that says: that was not me, and the way back in there is."""
    told_of = lockout_told_of(token)
    if told_of is None:
        return render(request, "entrance/lockout_unknown.html", status=404)
    now = clock.now()
    if request.method == "POST":
        lockouts.disown(told_of, now=now, origin=origin_of(request))
    account = owner_at_the_door(told_of)
    expired = expired_access_of(account, now=now) if account else None
    context = {
        "lockout": told_of,
        "state": state_of(account, now=now).value if account else "",
        "request_address": proofs.link_to_page(expired, now=now) if expired else "",
        "browser": browser_named(told_of.user_agent),
        "disowned": request.method == "POST" or told_of.disowned_at is not None,
    }
    return render(request, "entrance/lockout.html", context)

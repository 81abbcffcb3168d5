"""Somebody calls or writes and wants to know what is kept about them (Art. 15 GDPR)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kundenportal.domain.privacy import operations as privacy
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.content.own_data import download
from kundenportal.web.shared.access import account_of_session, leads_only
from kundenportal.web.shared.origin import origin_of

from .account import file_of
from .calls import send_code
from .forms import IdentityForm
from .kept import kept_entries
from .words import BEYOND_ROLE

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@leads_only
@require_http_methods(["GET", "HEAD", "POST"])
def own_data(request: HttpRequest, account_id: int) -> HttpResponse:
    """What is handed out, how the caller was verified, and the button."""
    now, staff = clock.now(), account_of_session(request)
    file = file_of(account_id)
    if not staff.may_act_on(file.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    form = IdentityForm(request.POST) if request.method == "POST" else IdentityForm(initial=kept_entries(request))
    form.be_about(file.account)
    if "send-code" in request.POST:
        return send_code(request, account_id, form)
    if form.is_bound and form.is_valid():
        try:
            data = privacy.hand_out_to_caller(
                file.account, stated=form.identity(), handed_out_by=staff, now=now, origin=origin_of(request)
            )
        except Refusal as refusal:
            form.say_why_not(refusal)
        else:
            return download(file.account, data, now=now)
    context = {
        "form": form,
        "account": file.account,
        "title": _("Hand out own data"),
        "what_happens": _(
            "A file with everything the portal keeps about this person, without passwords and without names of staff. "
            "Give it to nobody else."
        ),
        "asks_identity": True,
        "step": "own-data",
    }
    return render(request, "desk/step.html", context)

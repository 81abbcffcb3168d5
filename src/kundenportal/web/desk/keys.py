"""The single keys of the desk: which there are, and whether somebody wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kundenportal.domain.accounts import operations as accounts
from kundenportal.web.shared.access import account_of_session, desk_only

from .leafing import way_back

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """All of them, and the button that switches them off or on."""
    if request.method != "POST":
        return render(request, "desk/keys.html")
    wanted = request.POST.get("wanted") == "yes"
    accounts.use_shortcuts(account_of_session(request), wanted=wanted)
    messages.success(request, _("The keyboard shortcuts are on.") if wanted else _("The keyboard shortcuts are off."))
    return redirect(way_back(request, "desk-keys"))

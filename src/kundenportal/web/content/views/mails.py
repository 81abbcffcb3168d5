from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kundenportal.domain.mail import kinds
from kundenportal.web.content.mails import MAILS_WE_SEND
from kundenportal.web.shared.access import everybody

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@everybody
@require_safe
def mails_we_send(request: HttpRequest) -> HttpResponse:
    """Which mails come from the portal, so that others can be told from them."""
    sent = [MAILS_WE_SEND[kind] for kind in MAILS_WE_SEND if kind in kinds.kind_names()]
    return render(request, "content/mails_we_send.html", {"mails": sent, "portal_address": settings.BASE_URL})

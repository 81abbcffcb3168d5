"""Somebody is on the telephone: a code goes to the address we know, and whoever calls reads it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from kundenportal.domain.accounts.operations import RoleNotYours
from kundenportal.domain.credentials.operations import caller_codes
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.origin import origin_of

from .kept import keep_entries
from .words import BEYOND_ROLE

if TYPE_CHECKING:
    from django import forms
    from django.http import HttpRequest, HttpResponse


def send_code(request: HttpRequest, account_id: int, form: forms.Form) -> HttpResponse:
    """Sends one and leads back to the page the button is on, where everything typed is still there.

    Whoever may no longer act on the account is led to the page of the account.
    """
    try:
        sent = caller_codes.send(
            account_id, sent_by=account_of_session(request), now=clock.now(), origin=origin_of(request)
        )
    except RoleNotYours:
        # Said on the account's own page, which shows itself: that of a step would refuse, and say the same once more.
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    except caller_codes.CodeOnItsWay as refusal:
        said = _("A code is on its way to %(address)s already. The caller reads it out, and you enter it here.")
        messages.info(request, said % {"address": refusal.address})
    else:
        said = _("A code goes to %(address)s. The caller reads it out, and you enter it here.")
        messages.success(request, said % {"address": sent.address})
    keep_entries(request, form)
    return redirect(request.path)

"""Before something is handed out that is worth something: the password once more, if the sign-in is a while ago."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.credentials.operations import passwords
from kundenportal.domain.credentials.rules.reauthentication import current_password_is_asked_for
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared import sessions
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.browsers import known_id
from kundenportal.web.shared.new_password import CurrentPasswordForm
from kundenportal.web.shared.origin import origin_of

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest


def form_of(request: HttpRequest, *, now: datetime) -> CurrentPasswordForm:
    """The button, and the field for the password where it is asked for."""
    form = CurrentPasswordForm(request.POST if request.method == "POST" else None)
    if current_password_is_asked_for(signed_in_at=sessions.signed_in_at(request), now=now):
        form.ask_for_current_password()
    return form


def is_confirmed(request: HttpRequest, form: CurrentPasswordForm, *, now: datetime) -> bool:
    """Whether the button was pressed, by whoever owns the account; if not, the form says why not."""
    if not (form.is_bound and form.is_valid()):
        return False
    account = account_of_session(request)
    try:
        passwords.confirm_current_password(
            account,
            form.cleaned_data.get("current_password", ""),
            signed_in_at=sessions.signed_in_at(request),
            browser_id=known_id(request, account.address),
            now=now,
            origin=origin_of(request),
        )
    except Refusal as refusal:
        form.say_why_not(refusal)
        return False
    return True

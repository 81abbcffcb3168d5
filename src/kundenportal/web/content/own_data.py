"""One person's data as one file to take along: a page to read, and the same for machines."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from kundenportal.kernel.browsers import browser_named
from kundenportal.web.shared.language import LANGUAGES
from kundenportal.web.shared.words import CHECKS, COLOUR_SCHEMES, EVENTS, KINDS, ROLES

from .mails import MAILS_WE_SEND
from .queries import own_traces

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.privacy.queries import Rows

SECTIONS = {
    "account": gettext_lazy("Your access"),
    "organisations": gettext_lazy("Organisations you act for"),
    "former_addresses": gettext_lazy("Former e-mail addresses"),
    "access_letters": gettext_lazy("Access letters"),
    "mails_sent": gettext_lazy("E-mails we have sent you"),
    "mails_received": gettext_lazy("E-mails we have received from you"),
    "requests_for_new_access": gettext_lazy("Requests for new access"),
    "questions_asked_back": gettext_lazy("What we have asked back"),
    "intakes": gettext_lazy("What you have asked us for"),
    "lockouts": gettext_lazy("Locks after wrong entries"),
    "known_browsers": gettext_lazy("Known browsers"),
    "sessions": gettext_lazy("Signed in now"),
    "news_read": gettext_lazy("News you have opened"),
    "remarks": gettext_lazy("Remarks on help pages"),
    "history": gettext_lazy("History of your access"),
}
FIELDS = {
    "address": gettext_lazy("E-mail address"),
    "name": gettext_lazy("Name"),
    "telephone": gettext_lazy("Telephone number"),
    "kind": gettext_lazy("Kind"),
    "role": gettext_lazy("Role"),
    "language": gettext_lazy("Language"),
    "colour_scheme": gettext_lazy("Colour scheme"),
    "opened_at": gettext_lazy("Opened"),
    "first_signed_in_at": gettext_lazy("First sign-in"),
    "signed_in_at": gettext_lazy("Last sign-in"),
    "own_password_chosen_at": gettext_lazy("Own password chosen"),
    "suspended_at": gettext_lazy("Suspended"),
    "changed_at": gettext_lazy("Changed"),
    "issued_at": gettext_lazy("Issued"),
    "expires_at": gettext_lazy("Valid until"),
    "queued_at": pgettext_lazy("e-mail", "Written"),
    "handed_over_at": pgettext_lazy("e-mail", "Sent"),
    "mail_kind": gettext_lazy("What it is about"),
    "received_at": pgettext_lazy("e-mail", "Received"),
    "sender_name": gettext_lazy("Sender"),
    "subject": gettext_lazy("Subject"),
    "text": gettext_lazy("Text"),
    "requested_at": gettext_lazy("Requested"),
    "decided_at": gettext_lazy("Decided"),
    "reason": gettext_lazy("Reason"),
    "request_state": gettext_lazy("State"),
    "asked_at": gettext_lazy("Asked"),
    "reference": gettext_lazy("Your reference"),
    "taken_down_at": gettext_lazy("Taken down"),
    "call_back_number": gettext_lazy("Number for calling back"),
    "preferred_time": gettext_lazy("Preferred time"),
    "concern": gettext_lazy("Concern"),
    "done_at": gettext_lazy("Done"),
    "begun_at": gettext_lazy("Begun"),
    "lifted_at": gettext_lazy("Lifted"),
    "network_address": gettext_lazy("Network address"),
    "browser": gettext_lazy("Browser"),
    "known_since": gettext_lazy("Known since"),
    "last_used_at": gettext_lazy("Last used"),
    "title": gettext_lazy("Page"),
    "read_at": pgettext_lazy("news", "Opened"),
    "given_at": pgettext_lazy("remark", "Written"),
    "happened_at": gettext_lazy("Time"),
    "event": gettext_lazy("Event"),
    "by_yourself": gettext_lazy("By yourself"),
}
WORDS: dict[str, dict[Any, Any]] = {
    "kind": KINDS,
    "role": ROLES,
    "language": dict(LANGUAGES),
    "colour_scheme": COLOUR_SCHEMES,
    "request_state": CHECKS,
    "mail_kind": {kind: mail.name for kind, mail in MAILS_WE_SEND.items()},
    "event": EVENTS,
}


def download(account: Account, data: dict[str, Rows], *, now: datetime) -> HttpResponse:
    """What is kept about the account's owner, as a file in their language."""
    data = data | own_traces(account)
    with translation.override(account.language):
        name = _("my-data")
        page = render_to_string("content/own_data.html", {"account": account, "now": now, "sections": _readable(data)})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.html", page)
        archive.writestr(f"{name}.json", json.dumps(data, default=datetime.isoformat, ensure_ascii=False, indent=2))
    title = f"{name}-{localtime(now):%Y-%m-%d}.zip"
    return HttpResponse(
        file.getvalue(),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{title}"'},
    )


def _readable(data: dict[str, Rows]) -> list[tuple[Any, list[list[tuple[Any, str]]]]]:
    """The sections in their order, each with its rows of label and value; what is empty is left out."""
    return [
        (title, [[(FIELDS[name], told) for name, value in row.items() if (told := _told(name, value))] for row in rows])
        for section, title in SECTIONS.items()
        if (rows := data[section])
    ]


def _told(name: str, value: object) -> str:
    if isinstance(value, datetime):
        return date_format(localtime(value), pgettext("date and time, short", "d/m/Y, H:i"))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "browser":
        return browser_named(str(value)) or str(value)
    return str(WORDS.get(name, {}).get(value, value or ""))

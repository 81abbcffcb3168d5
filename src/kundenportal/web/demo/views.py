"""Reads the demonstration's captured mail; these pages exist in the demonstration only (config.urls)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csp.constants import NONE, UNSAFE_INLINE
from csp.decorators import csp
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kundenportal.domain.mail import capture
from kundenportal.web.shared.access import everybody

if TYPE_CHECKING:
    from django.http import HttpRequest


@never_cache
@everybody
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """Every captured mail, the newest first."""
    captured = [_row(mail) for mail in capture.captured_mails()]
    return render(request, "demo/mails.html", {"mails": captured})


@never_cache
@everybody
@require_safe
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One captured mail, as a terminal would show it."""
    return render(request, "demo/mail.html", {"mail": {**_row(_mail_or_404(key))}})


@never_cache
@everybody
@require_safe
@csp({"default-src": [NONE], "style-src": [UNSAFE_INLINE], "sandbox": []})  # type: ignore[arg-type]  # it passes arguments on
def mail_as_html(request: HttpRequest, key: str) -> HttpResponse:
    """One captured mail, as a mail program would show it; mail programs need styles in the text."""
    return HttpResponse(_mail_or_404(key).html)


def _mail_or_404(key: str) -> capture.CapturedMail:
    found = capture.captured_mail(key)
    if found is None:
        raise Http404
    return found


def _row(mail: capture.CapturedMail) -> dict[str, object]:
    return {
        "subject": mail.subject,
        "sender": mail.sender,
        "recipient": mail.recipient,
        "sent_at": mail.sent_at,
        "text": mail.text,
        "url": reverse("demo-mail", args=[mail.key]),
        "html_url": reverse("demo-mail-html", args=[mail.key]),
    }

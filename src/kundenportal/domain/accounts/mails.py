"""What all mails to accounts have in common: whom they greet, in which language, and who sends them."""

from __future__ import annotations

from email.utils import formataddr
from functools import partial
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from kundenportal.domain.mail import kinds
from kundenportal.domain.site.queries import current as current_site
from kundenportal.domain.site.words import hours_lines

if TYPE_CHECKING:
    from .models import Account


def rendered(name: str, account: Account | None, *, secrets: tuple[str, ...] = (), **context: object) -> kinds.Letter:
    """The three texts of a mail, in the account's language; to somebody without an account, in the portal's."""
    service, language = current_site(), _language_of(account)
    context |= {"account": account, "language": language, "service": service, "portal_address": settings.BASE_URL}
    # Called by the template, in the language of the mail.
    context |= {"service_hours": partial(hours_lines, service.week)}
    return kinds.Letter(
        sender=formataddr((service.portal_name, settings.MAIL_FROM or service.email)),
        reply_to=service.email,
        subject=_text_of(name, "subject.txt", language, context).strip(),
        text=_text_of(name, "txt", language, context),
        html=_text_of(name, "html", language, context),
        secrets=secrets,
    )


def subject_of(name: str, account: Account) -> str:
    """What stands above a mail of that name, for another mail to refer to."""
    context: dict[str, object] = {"account": account, "service": current_site()}
    return _text_of(name, "subject.txt", _language_of(account), context).strip()


def _language_of(account: Account | None) -> str:
    return account.language if account else settings.LANGUAGE_CODE


def _text_of(name: str, part: str, language: str, context: dict[str, object]) -> str:
    with translation.override(language):
        return render_to_string(f"{name}/{language}.{part}", context)

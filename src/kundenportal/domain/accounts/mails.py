"""What all mails to accounts have in common: whom they greet, in which language, and who sends them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.utils import formataddr
from functools import partial
from html import escape
from typing import TYPE_CHECKING

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from kundenportal.domain.mail import kinds
from kundenportal.domain.site.queries import current as current_site
from kundenportal.domain.site.words import hours_lines
from kundenportal.kernel.randomness import random_token

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kundenportal.domain.mail.models import OutgoingMail

    from .models import Account

# Where somebody's own words will stand in a text that is made once for many; nobody can know them beforehand.
_NAME, _ADDRESS, _PASSWORD = (random_token() for _ in range(3))
_PLACES = re.compile("|".join(map(re.escape, (_NAME, _ADDRESS, _PASSWORD))))


@dataclass(frozen=True)
class _Anybody:
    """An account as far as a text that is made once for many may speak of it."""

    language: str
    name: str = _NAME
    address: str = _ADDRESS


def rendered(
    name: str, account: Account | _Anybody | None, *, secrets: tuple[str, ...] = (), **context: object
) -> kinds.Letter:
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


def must_still_reach(account: Account, mail: OutgoingMail) -> None:
    """Raises NotNeeded if the mail goes to an address the account has no more: it may always have been a stranger's."""
    if account.address != mail.recipient:
        raise kinds.NotNeeded


def rendered_for_many(name: str, passwords: Iterable[tuple[Account, str]], **context: object) -> list[kinds.Letter]:
    """The same to each account with its password, made once in each language; name and address are then put in."""
    for_anybody: dict[str, kinds.Letter] = {}
    letters = []
    for account, password in passwords:
        if account.language not in for_anybody:
            for_anybody[account.language] = rendered(
                name, _Anybody(account.language), secrets=(), password=_PASSWORD, **context
            )
        letter = for_anybody[account.language]
        own = {_NAME: account.name, _ADDRESS: account.address, _PASSWORD: password}
        escaped = {place: escape(words) for place, words in own.items()}
        letters.append(
            replace(
                letter,
                subject=_filled_in(letter.subject, own),
                text=_filled_in(letter.text, own),
                html=_filled_in(letter.html, escaped),
                secrets=(password,),
            )
        )
    return letters


def _filled_in(text: str, own: Mapping[str, str]) -> str:
    return _PLACES.sub(lambda place: own[place[0]], text)


def subject_of(name: str, account: Account) -> str:
    """What stands above a mail of that name, for another mail to refer to."""
    context: dict[str, object] = {"account": account, "service": current_site()}
    return _text_of(name, "subject.txt", _language_of(account), context).strip()


def _language_of(account: Account | _Anybody | None) -> str:
    return account.language if account else settings.LANGUAGE_CODE


def _text_of(name: str, part: str, language: str, context: dict[str, object]) -> str:
    with translation.override(language):
        return render_to_string(f"{name}/{language}.{part}", context)

"""Pages, and parts of them, made once for all who are shown the same: their templates would take most of their time.

Such a page is made of what it is given and of nothing else: no request, no context processor. By that it is known
again, so that whatever could change it makes it another page. What differs from reader to reader is given as a mark and
filled in for each; of the reader for whom a page happened to be made there is nothing in it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape  # as Django's does, in a third of its time
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from kundenportal.domain.accounts.queries import shown_as
from kundenportal.kernel.randomness import random_token

from . import context
from .form_tokens import form_token

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from django.http import HttpRequest

# Nobody can write a mark who does not know it.
MARK = random_token()
MARKED = re.compile(rf"{MARK}\.([0-9]+)\.")


class Differing:
    """What differs from reader to reader on one page."""

    def __init__(self) -> None:
        self.values: list[object] = []

    def __call__(self, value: object) -> str:
        """The mark that stands for the value until it is filled in, escaped as in a template unless it is HTML."""
        self.values.append(value)
        return f"{MARK}.{len(self.values) - 1}."

    def written(self) -> list[str]:
        """The values as they stand on the page."""
        return [value if isinstance(value, SafeString) else escape(str(value)) for value in self.values]


@dataclass(frozen=True)
class Place:
    """Where a page is, as far as templates ask the request for it."""

    url_name: str
    get_full_path: str

    @property
    def resolver_match(self) -> Place:
        """Itself, which knows its name."""
        return self


class SessionRest(NamedTuple):
    """What is left of a session: a mark, and whether it is the end of it."""

    seconds: str
    final: bool


class Reader(NamedTuple):
    """Who is signed in, as far as pages show it: marks, and what they may do."""

    address: str
    name: str
    role: str
    uses_shortcuts: bool


class MadeOnce:
    """One page, kept as it was made for each of the kinds of readers that were here last; threads may share it."""

    def __init__(
        self, template: str, *, most: int, more: Callable[[Mapping[str, Any]], Mapping[str, object]] = lambda _: {}
    ) -> None:
        """`most` is how many are kept; `more` is made of what is given, for the template alone."""
        self._template, self._more = template, more
        self._kept = lru_cache(maxsize=most)(self._made)

    def answer(self, request: HttpRequest, url_name: str, differing: Differing, **given: Hashable) -> HttpResponse:
        """The page for whoever asks; what every page shows is given it as well."""
        given |= _layout(request, url_name, differing)
        messages = get_messages(request)
        # These are said once; and only whoever looks at them has them taken out of the cookie.
        parts = self._made(*given.items(), ("messages", messages)) if len(messages) else self._kept(*given.items())
        values = [value.encode() for value in differing.written()]
        return HttpResponse(b"".join(values[part] if isinstance(part, int) else part for part in parts))

    def forget(self) -> None:
        """Every page is made anew."""
        self._kept.cache_clear()

    def _made(self, *given: tuple[str, object]) -> list[bytes | int]:
        known: dict[str, Any] = dict(given)
        reader: Reader | None = known.pop("reader")
        known["user"] = shown_as(**reader._asdict()) if reader else AnonymousUser()
        pieces = _pieces(render_to_string(self._template, {**known, **self._more(known)}))
        return [piece if isinstance(piece, int) else piece.encode() for piece in pieces]


class PartMadeOnce:
    """What stands on a page many times, as a row of a table, kept for each of the kinds there are of it."""

    def __init__(self, template: str, *, most: int) -> None:
        """`most` is how many are kept."""
        self._template = template
        self._kept = lru_cache(maxsize=most)(self._made)

    def filled(self, differing: Differing, **given: Hashable) -> SafeString:
        """The part in the language of the page."""
        parts = self._kept(get_language(), *given.items())
        values = differing.written()
        return SafeString("".join(values[part] if isinstance(part, int) else part for part in parts))

    def forget(self) -> None:
        """Every part is made anew."""
        self._kept.cache_clear()

    def _made(self, _language: str | None, *given: tuple[str, object]) -> list[str | int]:
        return _pieces(render_to_string(self._template, dict(given)).strip())


def _pieces(made: str) -> list[str | int]:
    """What stands between the marks, and, in turn, the numbers of these."""
    return [int(piece) if number % 2 else piece for number, piece in enumerate(MARKED.split(made))]


def _layout(request: HttpRequest, url_name: str, differing: Differing) -> dict[str, Hashable]:
    shown = context.portal(request)
    rest, user = shown.pop("session_rest"), request.user
    reader = None
    if user.is_authenticated:
        reader = Reader(differing(user.address), differing(user.name), user.role, user.uses_shortcuts)
    return {
        **shown,
        "reader": reader,
        "LANGUAGE_CODE": get_language(),
        "session_rest": rest and SessionRest(differing(rest.seconds), rest.final),
        "request": Place(url_name, differing(request.get_full_path())),
        "csrf_token": differing(form_token(request)),
    }

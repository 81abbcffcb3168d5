"""What there is to be sent: each domain registers the kinds of mail it writes, `delivery` calls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime

    from .models import OutgoingMail


class NotNeeded(Exception):  # noqa: N818 - a turn of events, not an error
    """Raised while writing: what the mail was to say no longer holds, so it must not go out."""


@dataclass(frozen=True)
class Letter:
    """A mail as it will be read: plain text first, the same as HTML beside it."""

    sender: str
    reply_to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    # Must not appear anywhere else; blotted out of whatever the mail server answers.
    secrets: tuple[str, ...] = field(default=(), repr=False)


class Kind(Protocol):
    """One kind of mail, from its text to what follows from its delivery."""

    # Whether staff may have a mail that did not arrive written and sent once more, as it stands in the mail log.
    may_be_sent_again: bool

    def write(self, mail: OutgoingMail, *, now: datetime) -> Letter:
        """The text, made afresh for every attempt; runs in a transaction that holds the mail's row."""

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Called in the transaction that records the hand-over."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Called in the transaction that records that the mail will not be tried again."""

    def bounced(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Called in the transaction that records that the mail came back after the hand-over."""


class PlainKind:
    """A kind whose delivery has no consequences: the mail log says enough."""

    may_be_sent_again = True

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Nothing follows."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Nothing follows."""

    def bounced(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Nothing follows."""


_KINDS: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Makes the kind known to `delivery`; called once, when the domain that writes it is loaded."""
    _KINDS[name] = kind


def kind_named(name: str) -> Kind:
    """The registered kind; KeyError if nothing writes it."""
    return _KINDS[name]


def kind_names() -> list[str]:
    """Every kind there is, in alphabetical order."""
    return sorted(_KINDS)

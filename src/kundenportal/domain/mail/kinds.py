"""What there is to be sent: each domain registers the kinds of mail it writes, `delivery` calls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event

from .rules import meaning_of, trouble_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser

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

    def concerns(self, mail: OutgoingMail) -> AbstractBaseUser | None:
        """The account in whose history trouble with this mail belongs; None if it belongs in nobody's."""

    def write(self, mail: OutgoingMail, *, now: datetime) -> Letter:
        """The text, made afresh for every attempt; runs in a transaction that holds the mail's row."""

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Called in the transaction that records the hand-over."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Called in the transaction that records that the mail will not be tried again."""

    def bounced(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Called in the transaction that records that the mail came back after the hand-over."""


@runtime_checkable
class KindOfMany(Kind, Protocol):
    """A kind of which there are thousands at times, and which does for many at once what it does for one."""

    def write_many(self, mails: Sequence[OutgoingMail], *, now: datetime) -> dict[OutgoingMail, Letter]:
        """The letters of those that are needed, as `write` makes them; runs in a transaction that holds the rows."""

    def many_handed_over(self, mails: Sequence[OutgoingMail], *, now: datetime) -> None:
        """Called in the transaction that records the hand-overs."""


class PlainKind:
    """A kind whose delivery has no consequences but that whoever it concerns had trouble with it."""

    may_be_sent_again = True

    def concerns(self, mail: OutgoingMail) -> AbstractBaseUser | None:
        """Nobody, unless the kind says who."""
        return None

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Nothing follows: the mail log says enough."""

    def gave_up(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Part of the account's history."""
        note_trouble(Event.MAIL_FAILED, mail, self.concerns(mail), now=now)

    def bounced(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Likewise."""
        note_trouble(Event.MAIL_BOUNCED, mail, self.concerns(mail), now=now)


def note_trouble(event: Event, mail: OutgoingMail, concerned: AbstractBaseUser | None, *, now: datetime) -> None:
    """What became of the mail, and why, in the history of the account; in nobody's it is in the mail log only."""
    if concerned is not None:
        why = meaning_of(mail.reported_status, bounced=event is Event.MAIL_BOUNCED) or trouble_in(mail.server_answer)
        audit.record(event, subject=concerned, now=now, mail=mail.pk, kind=mail.kind, why=why)


_KINDS: dict[str, Kind] = {}


def register(name: str, kind: Kind) -> None:
    """Makes the kind known to `delivery`; called once, when the domain that writes it is loaded."""
    _KINDS[name] = kind


def kind_named(name: str) -> Kind:
    """The registered kind; KeyError if nothing writes it."""
    return _KINDS[name]


def kind_of_many(name: str) -> KindOfMany | None:
    """The registered kind if it writes many at once."""
    kind = _KINDS.get(name)
    return kind if isinstance(kind, KindOfMany) else None


def kind_names() -> list[str]:
    """Every kind there is, in alphabetical order."""
    return sorted(_KINDS)

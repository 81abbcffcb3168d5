"""The trail in words: what happened, who did it, from where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.credentials.rules.identity import Means
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.support.rules import Route as IntakeRoute
from kundenportal.web.shared.words import EVENTS, ROLES

from .mail_words import kind_label, why_in_words, why_it_did_not_arrive
from .words import DETAILS, INTAKE_ROUTES, MEANS, REASONS, ROUTES, SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from kundenportal.domain.audit.models import Entry

PAIRED = ("setting", "was", "became", "before", "after", "starts_at", "ends_at")
DAY = re.compile(r"(?<![\w-])([0-9]{4}|-)-([0-9]{2})-([0-9]{2})(?![\w-])")
A_LEAP_YEAR = 2024

BAD_NEWS = frozenset(
    {
        Event.ACCESS_LETTER_FAILED,
        Event.ACCESS_LETTER_BOUNCED,
        Event.MAIL_FAILED,
        Event.MAIL_BOUNCED,
        Event.SIGN_IN_REFUSED,
        Event.LOCKOUT_BEGUN,
        Event.LOCKOUT_DISOWNED,
        Event.CALLER_CODE_WRONG,
        Event.ACCOUNT_SUSPENDED,
        Event.ACCOUNT_TO_BE_DELETED,
        Event.ENTITLEMENT_CHECK_DECLINED,
        Event.BACKUP_FAILED,
    }
)


@dataclass
class Happening:
    """An entry of the trail as it is read, or several that are alike and follow one another."""

    happened_at: datetime
    event: str
    label: str
    details: list[str]
    actor: str
    subject: str
    subject_id: int | None
    network_address: str
    is_bad_news: bool
    at_command_line: bool = False
    times: int = 1

    @property
    def whence(self) -> str:
        """Where it came from, as far as that is kept; what nobody did, the portal did by itself."""
        if self.network_address:
            return self.network_address
        if self.at_command_line:
            return _("at the command line")
        return "" if self.actor else _("by the portal itself")

    @property
    def is_told_by_a_program(self) -> bool:
        """Whether what is told of it are a program's own words, in English."""
        return self.event == Event.BACKUP_FAILED

    def is_like(self, other: Happening) -> bool:
        """Whether the two are told as one."""
        return (self.event, self.details, self.actor, self.subject_id, self.whence) == (
            other.event,
            other.details,
            other.actor,
            other.subject_id,
            other.whence,
        )


def happenings(entries: Iterable[Entry]) -> list[Happening]:
    """The entries in their order; alike ones that follow one another are told once, with their number."""
    told: list[Happening] = []
    for entry in entries:
        happening = happening_of(entry)
        if told and told[-1].is_like(happening):
            told[-1].times += 1
        else:
            told.append(happening)
    return told


def with_expiries(
    told: Sequence[Happening], expired_at: Iterable[datetime], *, is_newest: bool, is_oldest: bool
) -> list[Happening]:
    """The same, and when access expired among them: that happens by itself, so the trail has no entry for it."""
    begin = told[-1].happened_at if told and not is_oldest else None
    end = told[0].happened_at if told and not is_newest else None
    expired = [_expiry(at) for at in expired_at if (begin is None or at > begin) and (end is None or at <= end)]
    return sorted([*expired, *told], key=lambda each: each.happened_at, reverse=True)


def _expiry(at: datetime) -> Happening:
    return Happening(at, "", _("Initial password expired"), [], "", "", None, "", is_bad_news=True)


def happening_of(entry: Entry) -> Happening:
    """The entry in words; an event nobody knows any more keeps its own name."""
    label = str(EVENTS[Event(entry.event)]) if entry.event in EVENTS else entry.event
    return Happening(
        happened_at=entry.happened_at,
        event=entry.event,
        label=label,
        details=details_of(entry),
        actor=entry.actor.name if entry.actor else _gone(entry.actor_id),
        subject=entry.subject.address if entry.subject else _gone(entry.subject_id),
        subject_id=entry.subject_id if entry.subject else None,
        network_address=entry.network_address,
        is_bad_news=entry.event in BAD_NEWS,
        at_command_line="at_command_line" in entry.details,
    )


def _gone(number: int | None) -> str:
    """What is left of an account that was deleted; nothing where there never was one."""
    return _("deleted account %(number)s") % {"number": number} if number else ""


def details_of(entry: Entry) -> list[str]:
    """What the entry says beyond its event, in words."""
    told = (_detail(name, entry.details[name], entry.event) for name in _in_order(entry.details))
    return [words for words in told if words]


def _in_order(names: Iterable[str]) -> list[str]:
    # The database keeps them by length: what was comes before what became of it all the same.
    kept = list(names)
    paired = iter(sorted((name for name in kept if name in PAIRED), key=PAIRED.index))
    return [next(paired) if name in PAIRED else name for name in kept]


def _detail(name: str, value: object, event: str) -> str:
    known: dict[str, Callable[[], str]] = {
        "identity": lambda: str(MEANS[Means(str(value))]),
        "route": lambda: _route(value, event),
        "reason": lambda: str(REASONS.get(str(value), value)),
        "days_before": lambda: (
            ngettext("%(number)d day before", "%(number)d days before", int(str(value))) % {"number": value}
        ),
        "before": lambda: _before(value),
        "after": lambda: _("now: %(role)s") % {"role": ROLES[Role(str(value))]},
        "details": lambda: ", ".join(str(DETAILS[each]) for each in str(value).split()),
        "joined": lambda: _("acts for %(name)s, too") % {"name": value},
        "left": lambda: _("acts no longer for %(name)s") % {"name": value},
        "import_run": lambda: _("import %(number)s") % {"number": value},
        "intake": lambda: str(value),
        "status": lambda: why_it_did_not_arrive(state=MailState.BOUNCED, server_answer="", reported_status=str(value)),
        "why": lambda: why_in_words(str(value or "")),
        "kind": lambda: kind_label(str(value)),
        "due_at": lambda: _("for %(moment)s") % {"moment": _moment(value)},
        "starts_at": lambda: _("from %(moment)s") % {"moment": _moment(value)},
        "ends_at": lambda: _("until %(moment)s") % {"moment": _moment(value)},
        "setting": lambda: str(SETTINGS.get(str(value), value)),
        "was": lambda: _("before: %(value)s") % {"value": _with_days_written_out(value) or "–"},
        "became": lambda: _("now: %(value)s") % {"value": _with_days_written_out(value) or "–"},
        "number": lambda: _("number: %(number)s") % {"number": value},
        "file_format": lambda: str(value).upper(),
        "trouble": lambda: str(value),
        "made_at": lambda: _("as it was on %(moment)s") % {"moment": _moment(value)},
        "held": lambda: (
            ngettext("%(number)d e-mail held", "%(number)d e-mails held", int(str(value))) % {"number": value}
        ),
    }
    return known[name]() if name in known else ""


def _moment(value: object) -> str:
    return date_format(localtime(datetime.fromisoformat(str(value))), pgettext("date and time, short", "d/m/Y, H:i"))


def _with_days_written_out(value: object) -> str:
    """The value of a setting; days stand in it as 2026-12-24, or as --12-24 where they are meant every year."""
    return DAY.sub(_day, str(value or ""))


def _day(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    form = pgettext("date, short", "d/m") if year == "-" else pgettext("date, short", "d/m/Y")
    try:
        return date_format(date(A_LEAP_YEAR if year == "-" else int(year), int(month), int(day)), form)
    except ValueError:  # it only looks like a day
        return found.group()


def _route(value: object, event: str) -> str:
    if event == Event.INTAKE_TAKEN_DOWN:
        return str(INTAKE_ROUTES[IntakeRoute(str(value))])
    return str(ROUTES[Route(str(value))])


def _before(value: object) -> str:
    was = str(ROLES[Role(str(value))]) if value in list(Role) else str(value)
    return _("before: %(value)s") % {"value": was}

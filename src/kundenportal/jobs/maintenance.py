"""kundenportal maintenance: begun, planned, moved and ended without the web application running."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kundenportal.domain.maintenance.rules import local_times
from kundenportal.domain.maintenance.rules.windows import LASTS_UNLESS_SAID, LONGEST, Message, stage
from kundenportal.jobs.moments import TIMES, NotUnderstood, instant_in, told

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.maintenance.models import Window
    from kundenportal.kernel.refusal import Refusal

HELP = "tell customers of maintenance, and keep them out meanwhile"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.epilog = TIMES
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    begin = actions.add_parser("begin", help="begin at once", description=f"Begin at once. {TIMES}")
    _add_end(begin)
    _add_messages(begin)
    plan = actions.add_parser("plan", help="plan it; announced seven days before", description=f"Plan it. {TIMES}")
    plan.add_argument("start", metavar="START", help="when it begins")
    plan.add_argument("until", metavar="END", help="when it is expected to end")
    plan.set_defaults(length=None)
    _add_messages(plan)
    move = actions.add_parser("move", help="give it another time", description=f"Give it another time. {TIMES}")
    move.add_argument(
        "number", metavar="NUMBER", type=_number, nargs="?", help="default: the one under way, or the next"
    )
    move.add_argument("--start", metavar="TIME", help="when it begins, unless it has")
    _add_end(move)
    actions.add_parser("end", help="end what is under way", description="End what is under way.")
    cancel = actions.add_parser("cancel", help="it does not take place", description="It does not take place.")
    cancel.add_argument("number", metavar="NUMBER", type=_number)
    listing = actions.add_parser("list", help="list what is to come and under way", description="List what is to come.")
    listing.add_argument("--json", action="store_true", help="one JSON object per line, times in UTC")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Does what was asked; 1 and one sentence if it is refused."""
    from kundenportal.kernel.refusal import Refusal

    actions = {"begin": _begin, "plan": _plan, "move": _move, "end": _end, "cancel": _cancel, "list": _list}
    try:
        actions[arguments.action](arguments, now=now)
    except NotUnderstood as fault:
        print(fault, file=sys.stderr)
        return 1
    except Refusal as refusal:
        print(_sentence_for(refusal), file=sys.stderr)
        return 1
    return 0


def _number(word: str) -> int:
    if not (word.isascii() and word.isdigit()):
        raise argparse.ArgumentTypeError(f"{word!r} is no number; `kundenportal maintenance list` lists them")
    return int(word)


def _add_end(parser: argparse.ArgumentParser) -> None:
    end = parser.add_mutually_exclusive_group()
    end.add_argument("--until", metavar="TIME", help="when it is expected to end")
    end.add_argument("--for", metavar="LENGTH", dest="length", help="how long it is expected to last: 2h, 90m, 1h30m")


def _add_messages(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--message", metavar="TEXT", default="", help="what is being done, in German")
    parser.add_argument("--message-en", metavar="TEXT", default="", help="the same in English")


def _begin(arguments: argparse.Namespace, *, now: datetime) -> None:
    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.kernel.origin import COMMAND_LINE

    window = countdowns.begin(
        ends_at=_end_in(arguments, begins_at=now, now=now) or now + LASTS_UNLESS_SAID,
        message=_message_in(arguments),
        begun_by=None,
        now=now,
        origin=COMMAND_LINE,
    )
    print(f"Maintenance {window.pk} has begun; it is expected to end {told(window.ends_at)}.")


def _plan(arguments: argparse.Namespace, *, now: datetime) -> None:
    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.kernel.origin import COMMAND_LINE

    window = countdowns.plan(
        starts_at=instant_in(arguments.start, now=now),
        ends_at=instant_in(arguments.until, now=now),
        message=_message_in(arguments),
        planned_by=None,
        now=now,
        origin=COMMAND_LINE,
    )
    print(f"Maintenance {window.pk} is planned from {told(window.starts_at)} to {told(window.ends_at)}.")


def _move(arguments: argparse.Namespace, *, now: datetime) -> None:
    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.kernel.origin import COMMAND_LINE

    window = _window_meant(arguments.number, now=now)
    starts_at = instant_in(arguments.start, now=now) if arguments.start else None
    begins_at = starts_at or window.starts_at
    ends_at = _end_in(arguments, begins_at=begins_at, now=now)
    if ends_at is None and starts_at is None:
        raise NotUnderstood("Say what changes: --until TIME, --for LENGTH or --start TIME.")
    moved = countdowns.move(
        window.pk,
        starts_at=starts_at,
        ends_at=ends_at or begins_at + (window.ends_at - window.starts_at),
        moved_by=None,
        now=now,
        origin=COMMAND_LINE,
    )
    print(f"Maintenance {moved.pk} is from {told(moved.starts_at)} to {told(moved.ends_at)} now.")


def _end(arguments: argparse.Namespace, *, now: datetime) -> None:
    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.kernel.origin import COMMAND_LINE

    window = countdowns.end(ended_by=None, now=now, origin=COMMAND_LINE)
    print(f"Maintenance {window.pk} is over.")


def _cancel(arguments: argparse.Namespace, *, now: datetime) -> None:
    from kundenportal.domain.credentials.operations import countdowns
    from kundenportal.kernel.origin import COMMAND_LINE

    window = countdowns.cancel(arguments.number, cancelled_by=None, now=now, origin=COMMAND_LINE)
    print(f"Maintenance {window.pk} does not take place.")


def _list(arguments: argparse.Namespace, *, now: datetime) -> None:
    from kundenportal.domain.maintenance.queries import windows_not_over

    windows = [_Row.of(window, now=now) for window in windows_not_over()]
    if arguments.json:
        for row in windows:
            print(json.dumps(row.as_json(), ensure_ascii=False))
        return
    for row in windows:
        print(f"{row.window.pk}  {row.stage}  {told(row.window.starts_at)} to {told(row.window.ends_at)}")
    if not windows:
        print("No maintenance is planned.")


@dataclass(frozen=True)
class _Row:
    window: Window
    stage: str

    @classmethod
    def of(cls, window: Window, *, now: datetime) -> _Row:
        return cls(window, stage(window.times, now=now).value)

    def as_json(self) -> dict[str, object]:
        return {
            "number": self.window.pk,
            "stage": self.stage,
            "starts_at": self.window.starts_at.isoformat(),
            "ends_at": self.window.ends_at.isoformat(),
            "message": self.window.message_de,
            "message_en": self.window.message_en,
        }


def _window_meant(number: int | None, *, now: datetime) -> Window:
    from kundenportal.domain.maintenance.operations import NoSuchWindow
    from kundenportal.domain.maintenance.queries import window_meant, windows_not_over

    window = window_meant(now=now) if number is None else windows_not_over().filter(pk=number).first()
    if window is None:
        raise NoSuchWindow
    return window


def _end_in(arguments: argparse.Namespace, *, begins_at: datetime, now: datetime) -> datetime | None:
    if arguments.until:
        return instant_in(arguments.until, now=now)
    if not arguments.length:
        return None
    try:
        return begins_at + local_times.length_in(arguments.length)
    except local_times.NotATime:
        raise NotUnderstood(f"{arguments.length!r} is no length; it looks like 2h, 90m or 1h30m.") from None


def _message_in(arguments: argparse.Namespace) -> Message:
    return Message(arguments.message, arguments.message_en)


def _sentence_for(refusal: Refusal) -> str:
    from kundenportal.domain.maintenance import operations

    match refusal:
        case operations.StartsInThePast():
            sentence = "It cannot begin in the past; `kundenportal maintenance begin` begins at once."
        case operations.EndsBeforeItStarts():
            sentence = "It has to end after it begins."
        case operations.EndsInThePast():
            sentence = "The expected end is past; `kundenportal maintenance end` ends it now."
        case operations.LastsTooLong():
            sentence = f"It can last {LONGEST.days} days at most."
        case operations.Overlaps(other=other) if other is not None:
            sentence = f"Maintenance {other.pk} is at that time; move or cancel it first."
        case operations.NothingUnderWay():
            sentence = "No maintenance is under way."
        case operations.HasBegun():
            sentence = "It has begun already; `kundenportal maintenance end` ends it."
        case operations.NoSuchWindow():
            sentence = "There is no such maintenance to come or under way; `kundenportal maintenance list` lists it."
        case _:
            sentence = f"That is refused: {type(refusal).__name__}."
    return sentence

"""How a line of the log is written: as text or JSON, with the request's reference, and without what people entered.

What an exception says may quote a row, a form or an address; which one it is and where it was raised quotes nothing.
Of an address asked for only the page's name is told: links for a forgotten password are secrets.
"""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from kundenportal.kernel.reasons import first_line
from kundenportal.kernel.request_reference import request_reference

if TYPE_CHECKING:
    from collections.abc import Iterator

# Those speak of the machine, in the words of the system.
SPEAK_OF_THE_MACHINE = (OSError, SystemError, MemoryError)
NAMELESS = "a page without a name"


class TextLine(logging.Formatter):
    """A line for people: when, how bad, who says it, the request's reference if there is one, and what."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, tz=UTC).astimezone()
        reference = request_reference()
        said = f"{at:%Y-%m-%d %H:%M:%S} {record.levelname} {record.name}: {message_of(record)}"
        line = f"{said} [{reference}]" if reference else said
        return "\n".join([line, *fault_in(record)])


class JsonLine(logging.Formatter):
    """The same as one JSON object, with whatever else the record says of a request."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message_of(record),
        }
        if reference := request_reference():
            line["reference"] = reference
        line |= getattr(record, "facts", {})
        if fault := list(fault_in(record)):
            line["fault"] = "\n".join(fault)
        return json.dumps(line, ensure_ascii=False, default=str)


def message_of(record: logging.LogRecord) -> str:
    """What the record says, with the page's name in place of an address that was asked for."""
    request = getattr(record, "request", None)
    if request is not None:  # one of Django's, which ends in the path
        match = getattr(request, "resolver_match", None)
        page = (match and match.url_name) or NAMELESS
        return f"{record.name} {getattr(record, 'status_code', '')}: {page}"
    if record.name == "gunicorn.error" and "request %s" in str(record.msg):  # likewise
        return str(record.msg).replace("%s", NAMELESS)
    return record.getMessage()


def fault_in(record: logging.LogRecord) -> Iterator[str]:
    """Which exceptions led to the record, and where each was raised; what they say only if it is the system's word."""
    fault = record.exc_info[1] if record.exc_info else None
    for each in _chain(fault):
        yield from "".join(traceback.format_tb(each.__traceback__)).splitlines()
        kind = type(each)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        words = first_line(each) if isinstance(each, SPEAK_OF_THE_MACHINE) else ""
        yield f"{name}: {words}" if words else name


def _chain(fault: BaseException | None) -> list[BaseException]:
    """What was raised, after what led to it."""
    found: list[BaseException] = []
    while fault is not None and fault not in found:
        found.append(fault)
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return found[::-1]

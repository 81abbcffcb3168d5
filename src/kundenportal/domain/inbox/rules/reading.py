"""A mail as it came in, read without ever failing: whatever is wrong with it, there is an answer."""

from __future__ import annotations

import email.policy
import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from email.parser import BytesParser
from email.utils import parseaddr
from typing import TYPE_CHECKING, cast

from kundenportal.domain.mail.rules import STATUS, UNKNOWN_STATUS, Action, Report
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH

from .keeping import TakenFor
from .plain_text import text_of_html
from .secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message

    Mail = Message[str, str]

# A report and the words of a letter stand at the beginning; attachments follow. What is beyond is not taken apart, so
# that nobody can make us build millions of parts.
READ_AT_MOST = 256 * 1024
HEADER_MAX_LENGTH = 2_000
SUBJECT_MAX_LENGTH = 200
MESSAGE_ID_MAX_LENGTH = 250
TEXT_MAX_LENGTH = 20_000
DIAGNOSTIC_MAX_LENGTH = 1_000
PARTS_LOOKED_AT = 100

# Whoever delivered the mail wrote here to whom it really went.
DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
AUTOMATIC_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})
SIGNS_OF_A_MACHINE = (
    "list-id",
    "list-unsubscribe",
    "x-autoreply",
    "x-autorespond",
    "x-auto-response",
    "x-auto-response-suppress",
)
GRAVITY = (Action.FAILED, Action.DELAYED, Action.EXPANDED, Action.RELAYED, Action.DELIVERED)


@dataclass(frozen=True)
class Ours:
    """By what mail of our own is known."""

    return_address: str | None
    # Domains after the @ in the Message-IDs of the mails we send.
    message_id_domains: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reading:
    """What a mail says, as far as it can be read; a key only if it came back to the address that carries it."""

    taken_for: TakenFor
    sender: str = ""
    sender_name: str = ""
    subject: str = ""
    text: str = ""
    message_id: str = ""
    key: str = ""
    report: Report | None = None


class _Bounded(email.policy.EmailPolicy):
    """The standard policy, for which no header is longer than any honest one."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name[:HEADER_MAX_LENGTH], value[:HEADER_MAX_LENGTH]


def read(raw: bytes, ours: Ours) -> Reading:
    """What the mail is and says. Any bytes whatsoever have a reading."""
    try:
        message = _parsed(raw)
    except Exception:  # noqa: BLE001 - the parser has faults of its own, and a mail must not stop the reader
        return Reading(TakenFor.LETTER)
    key = _key(message, ours)
    taken_for = _taken_for(message, ours, came_back=bool(key))
    reports = list(_reports(message)) if taken_for is TakenFor.REPORT else []
    return Reading(
        taken_for=taken_for,
        sender=_sender(message),
        sender_name=_sender_name(message),
        subject=without_secrets(_clean(_header(message, "subject")))[:SUBJECT_MAX_LENGTH],
        # What machines send may quote a letter of ours in whatever shape; nobody needs to read it.
        text=without_secrets(_text(message)) if taken_for is TakenFor.LETTER else "",
        message_id=_clean(_header(message, "message-id"))[:MESSAGE_ID_MAX_LENGTH],
        key=key,
        report=min(reports, key=lambda report: GRAVITY.index(report.action), default=None),
    )


def _parsed(raw: bytes) -> Mail:
    return BytesParser(policy=_Bounded()).parsebytes(raw[:READ_AT_MOST])


def _taken_for(message: Mail, ours: Ours, *, came_back: bool) -> TakenFor:
    if _content_type(message) == "multipart/report":
        # Receipts and complaints are reports, too, but not about a delivery.
        return TakenFor.REPORT if _delivery_statuses(message) else TakenFor.AUTOMATIC
    if _is_own(message, ours):
        return TakenFor.OWN
    if _is_automatic(message):
        return TakenFor.AUTOMATIC
    # To the address of one mail only machines write, such as one that knows no reports.
    return TakenFor.REPORT if came_back else TakenFor.LETTER


def _is_own(message: Mail, ours: Ours) -> bool:
    domain = _header(message, "message-id").strip().rstrip(">").rpartition("@")[2].lower()
    # Answers of people at the same domain have Message-IDs of it, too; what we send says that a machine wrote it.
    return domain in ours.message_id_domains and _header(message, "auto-submitted").lower().startswith("auto-generated")


def _is_automatic(message: Mail) -> bool:
    submitted = _header(message, "auto-submitted").partition(";")[0].strip().lower()
    if submitted and submitted != "no":
        return True
    if _header(message, "precedence").strip().lower() in AUTOMATIC_PRECEDENCE:
        return True
    if any(_header(message, name).strip() for name in SIGNS_OF_A_MACHINE):
        return True
    return _header(message, "return-path").strip() == "<>"


# Delivery reports


def _key(message: Mail, ours: Ours) -> str:
    if ours.return_address is None:
        return ""
    local_part, _, domain = ours.return_address.rpartition("@")
    carries_key = re.compile(
        rf"(?<![^\s<,:;\"]){re.escape(local_part)}\+([a-z0-9]{{26}})@{re.escape(domain)}(?![^\s>,;\"])",
        re.ASCII | re.IGNORECASE,
    )
    for name in DELIVERED_TO:
        for value in _headers(message, name):
            if found := carries_key.search(value):
                return found[1].lower()
    return ""


def _reports(message: Mail) -> Iterator[Report]:
    """One for each recipient the report speaks of."""
    for part in _delivery_statuses(message):
        with suppress(Exception):
            # The parser makes a message of each block of fields; the first is about the whole mail.
            for block in _payloads(part):
                if report := _report_in(block):
                    yield report


def _delivery_statuses(message: Mail) -> list[Mail]:
    return [part for part in _parts(message) if _content_type(part) == "message/delivery-status"]


def _report_in(block: Mail) -> Report | None:
    said = _header(block, "action").strip().lower()
    if said not in set(Action):
        return None
    action = Action(said)
    found = STATUS.search(_header(block, "status"))
    return Report(
        action=action,
        status=found[0] if found else UNKNOWN_STATUS.get(action, "2.0.0"),
        diagnostic=" ".join(_header(block, "diagnostic-code").split())[:DIAGNOSTIC_MAX_LENGTH],
    )


# Letters


def _sender(message: Mail) -> str:
    for name in ("from", "reply-to"):
        with suppress(Exception):
            address = parseaddr(_header(message, name))[1].strip()
            if re.fullmatch(r"[^\s@<>]+@[^\s@<>]+", address) and len(address) <= ADDRESS_MAX_LENGTH:
                return _clean(address)
    return ""


def _sender_name(message: Mail) -> str:
    with suppress(Exception):
        return _clean(parseaddr(_header(message, "from"))[0])[:NAME_MAX_LENGTH]
    return ""


def _text(message: Mail) -> str:
    """The words of the mail: its plain text, or else its HTML as plain text."""
    for subtype in ("plain", "html"):
        for part in _parts(message):
            if _content_type(part) != f"text/{subtype}" or _is_attachment(part):
                continue
            words = _tidied(_content(part, as_html=subtype == "html"))
            if words:
                return words
    return ""


def _content(part: Mail, *, as_html: bool) -> str:
    content = b""
    with suppress(Exception):
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
    charset = "utf-8"
    with suppress(Exception):
        charset = part.get_content_charset() or charset
    try:
        text = content.decode(charset, "replace")
    except (LookupError, ValueError):  # no encoding anybody knows
        text = content.decode("utf-8", "replace")
    return text_of_html(text) if as_html else text


def _is_attachment(part: Mail) -> bool:
    return _header(part, "content-disposition").strip().lower().startswith("attachment")


def _tidied(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    whole = re.sub(r"\n{3,}", "\n\n", "\n".join(map(_seen, lines))).strip()
    return whole[:TEXT_MAX_LENGTH]


def _seen(line: str) -> str:
    # Neither what the database cannot hold nor what turns the direction of the text around it.
    return "".join(sign for sign in line if sign == "\t" or unicodedata.category(sign) not in {"Cc", "Cf", "Cs"})


def _clean(text: str) -> str:
    return " ".join(_seen(text.replace("\r", " ").replace("\n", " ")).split())


# The parser's message, asked in ways that do not fail


def _parts(message: Mail) -> list[Mail]:
    """The parts of the mail itself, in their order; not those of mails attached to it."""
    found: list[Mail] = []
    waiting = [message]
    while waiting and len(found) < PARTS_LOOKED_AT:
        part = waiting.pop()
        if _content_type(part).startswith("multipart/") and part.is_multipart():
            waiting.extend(reversed(_payloads(part)[:PARTS_LOOKED_AT]))
        else:
            found.append(part)
    return found


def _payloads(part: Mail) -> list[Mail]:
    return cast("list[Mail]", part.get_payload()) if part.is_multipart() else []


def _content_type(part: Mail) -> str:
    with suppress(Exception):
        return part.get_content_type()
    return ""


def _header(message: Mail, name: str) -> str:
    return next(iter(_headers(message, name)), "")


def _headers(message: Mail, name: str) -> Sequence[str]:
    values: list[str] = []
    with suppress(Exception):
        raw = [str(value) for header, value in message.raw_items() if header.lower() == name]
        values = [_decoded(name, value) for value in raw[:10]]
    return values


def _decoded(name: str, value: str) -> str:
    with suppress(Exception):
        return str(email.policy.default.header_factory(name, value))
    return value.encode("utf-8", "replace").decode()

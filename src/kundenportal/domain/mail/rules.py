from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=2)
# A worker that has not finished a mail within this time is taken for dead. The mail server may be silent for
# SMTP_TIMEOUT at each of the handful of steps of a delivery, so the lease is several times that.
SMTP_TIMEOUT = timedelta(seconds=20)
LEASE = timedelta(minutes=5)
# So long a worker delivers without looking whether something else waits for it.
TURN = timedelta(seconds=5)
# So soon nobody has missed a mail that was taken: whoever asks for another one has clicked twice.
MISSED_AFTER = timedelta(minutes=1)
# So many mails, of which there are many, are claimed and written together …
WRITTEN_TOGETHER = 60
# … and so many noted together; what has been handed over by then bears a mark.
NOTED_TOGETHER = 20
# So long they are handed over, long before the lease is over; the others are given back.
TOGETHER_AT_MOST = timedelta(seconds=30)
# RFC 5321, 4.2.1: after the one the same command may succeed later, after the other it will fail again.
POSTPONEMENTS = range(400, 500)
PERMANENT_REFUSALS = range(500, 600)
# RFC 4954, 4 to 6: the portal was not let in; that says nothing about the mail or its address.
NO_ENTRY = frozenset({530, 534, 535, 538})
# In place of an answer: the portal was brought back to a moment at which the mail still waited.
HELD_AFTER_RESTORE = "held after a restore"


class State(StrEnum):
    """Where an outgoing mail stands."""

    WAITING = "waiting"
    SENDING = "sending"
    HANDED_OVER = "handed_over"
    BOUNCED = "bounced"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


UNDER_WAY = frozenset({State.WAITING, State.SENDING})
ENDED = frozenset(State) - UNDER_WAY


class Trouble(StrEnum):
    """What kept a mail from being handed over."""

    NO_CONNECTION = "no_connection"
    POSTPONED = "postponed"
    REFUSED = "refused"
    OTHER = "other"
    HELD = "held"


def trouble_in(answer: str) -> Trouble | None:
    """What the mail server's answer amounts to, or what stands in its place where it said nothing; None if empty."""
    if not answer:
        return None
    if answer == HELD_AFTER_RESTORE:
        return Trouble.HELD
    found = re.match(r"\d{3}(?!\d)", answer, re.ASCII)
    if not found:
        return Trouble.NO_CONNECTION
    code = int(found[0])
    if code in POSTPONEMENTS:
        return Trouble.POSTPONED
    return Trouble.REFUSED if code in PERMANENT_REFUSALS and code not in NO_ENTRY else Trouble.OTHER


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts: a minute, then twice as long each time, up to two hours."""
    doublings = min(attempts - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def is_on_its_way(state: State, *, is_live: bool, asked_for_at: datetime, now: datetime) -> bool:
    """Whether a mail with a secret has yet to arrive: one that failed, has been missed, or whose secret was used, not.

    A second one would make the secret in the first worthless while somebody reads it.
    """
    if state in UNDER_WAY:
        return True
    return state is State.HANDED_OVER and is_live and now < asked_for_at + MISSED_AFTER


def next_attempt_at(*, attempts: int, queued_at: datetime, now: datetime) -> datetime | None:
    """When to try again; None once trying has gone on for GIVE_UP_AFTER."""
    if now >= queued_at + GIVE_UP_AFTER:
        return None
    return min(now + pause_after(attempts), queued_at + GIVE_UP_AFTER)


def envelope_sender(return_address: str, key: str) -> str:
    """The return address that names one mail, local+KEY@domain: whatever comes back to it is about that mail."""
    local_part, _, domain = return_address.rpartition("@")
    return f"{local_part}+{key}@{domain}"


class Action(StrEnum):
    """What a delivery report says became of a mail (RFC 3464, 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True)
class Report:
    """A delivery report about one mail: what became of it, its status such as 5.1.1, and the other server's words."""

    action: Action
    status: str
    diagnostic: str = field(default="", repr=False)


class Standing(StrEnum):
    """Where a mail stands for whoever reads the mail log."""

    WAITING = "waiting"
    DEFERRED = "deferred"
    SENDING = "sending"
    HANDED_OVER = "handed_over"
    BOUNCED = "bounced"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


class Pile(StrEnum):
    """Where a mail lies that has not been handed over, or has come back, for whoever watches over the portal."""

    DUE = "due"
    LATER = "later"
    DEFERRED = "deferred"
    SENDING = "sending"
    BOUNCED = "bounced"
    FAILED = "failed"


class Meaning(StrEnum):
    """What the status in a delivery report means for whoever wants the mail to arrive (RFC 3463)."""

    ADDRESS_WRONG = "address_wrong"
    MAILBOX_CLOSED = "mailbox_closed"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    UNREACHABLE = "unreachable"
    REFUSED_BY_POLICY = "refused_by_policy"
    NOT_IN_TIME = "not_in_time"
    STILL_TRYING = "still_trying"
    UNCLEAR = "unclear"


STATUS = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}", re.ASCII)
UNKNOWN_STATUS = {Action.FAILED: "5.0.0", Action.DELAYED: "4.0.0"}
# What a status that is not in here means is said by its subject, and what that is not in here is unclear.
# The sender's address (5.1.7, 5.1.8) is ours: a wrong one says nothing about the reader's.
_MEANINGS = {
    "1.7": Meaning.REFUSED_BY_POLICY,
    "1.8": Meaning.REFUSED_BY_POLICY,
    "2.1": Meaning.MAILBOX_CLOSED,
    "2.2": Meaning.MAILBOX_FULL,
    "2.3": Meaning.TOO_LARGE,
    "3.4": Meaning.TOO_LARGE,
    "4.7": Meaning.NOT_IN_TIME,
    "1": Meaning.ADDRESS_WRONG,
    "4": Meaning.UNREACHABLE,
    "7": Meaning.REFUSED_BY_POLICY,
}
DID_NOT_ARRIVE = frozenset({State.BOUNCED, State.FAILED})
MAY_STILL_BOUNCE = UNDER_WAY | {State.HANDED_OVER}


def state_after(state: State, report: Report) -> State:
    """A report of failure ends what was under way; nothing else a report says changes where a mail stands."""
    return State.BOUNCED if report.action is Action.FAILED and state in MAY_STILL_BOUNCE else state


def standing(state: State, *, attempts: int, reported_status: str) -> Standing:
    """Where a mail stands: deferred is one that was tried in vain, or that another server could not pass on yet."""
    if state is State.WAITING and attempts:
        return Standing.DEFERRED
    if state is State.HANDED_OVER and reported_status.startswith("4."):
        return Standing.DEFERRED
    return Standing(state)


def meaning_of(status: str, *, bounced: bool) -> Meaning | None:
    """What a reported status means; None for none, and for good news."""
    if not STATUS.fullmatch(status) or status.startswith("2."):
        return None
    if status.startswith("4."):
        return Meaning.NOT_IN_TIME if bounced else Meaning.STILL_TRYING
    _, subject, detail = status.split(".")
    return _MEANINGS.get(f"{subject}.{detail}") or _MEANINGS.get(subject) or Meaning.UNCLEAR


def blames_address(*, server_answer: str, reported_status: str) -> bool:
    """Whether what kept a mail from arriving speaks against its address; a full mailbox or a spam filter does not."""
    if reported_status:
        return meaning_of(reported_status, bounced=True) in {Meaning.ADDRESS_WRONG, Meaning.UNCLEAR}
    return trouble_in(server_answer) is Trouble.REFUSED


# Words in which mail servers say why they do not take a mail. No other word of theirs is kept, because they may quote
# the mail, and a mail may hold a secret.
_SERVERS_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
    a able about accept accepted accepting access account action active activated address addresses administrator again
    allowed an and another any are as at authenticated authentication back bad banned be because been before block
    blocked blacklisted bounce but by can cannot check command complaint configuration configured connect connecting
    connection contact content could couldn't deactivated delayed deleted deliver delivered delivery denied destination
    did directory disabled discarded dkim dmarc dns does doesn't domain due email empty enough error errors exceed
    exceeded exceeds exist existing exists expired failed failure fatal few filter for format found from full gave get
    greylisted greylisting has have here host hours however if in inactive incoming insufficient internal invalid is
    it its later limit limited line list listed local longer lookup loop loops mail mailbox mailbox's mailboxes many
    match maximum message messages minutes misspelled more moved mx name network never no nobody non-existent
    nonexistent not now number of off on only open or order originator other our out over overquota parameters
    permanent permanently permission permitted please policy possible postmaster prohibited protocol provided queue
    quota rate reached reason receive received receiving recipient recipient's recipients record recorded records
    refused reject rejected rejecting relay relaying repeatedly reply reputation requested required resolve restricted
    result retry return returned rfc route said security seems send sender sender's sending server service session
    set size smtp so some sorry space spam spf status storage such support syntax system table temporarily temporary
    than that the there this time timed timeout to too transaction transient tried try trying unable unavailable
    undeliverable unknown unreachable unrouteable until us use used user usernames users valid verification verify
    version virtual virus was we were when while will with within without work wrong you your
    """,
    )
)
_SERVERS_CODE = re.compile(r"[245][0-9]{2}|[245]\.[0-9]{1,2}\.[0-9]{1,2}|(?:x-)?(?:smtp|unix|postfix|lmtp|dns)")
LEFT_OUT = "…"


def words_worth_keeping(diagnostic: str, *, recipient: str) -> str:
    """What a server said, without any word it might have quoted from the mail; the recipient's address may stay."""
    kept: list[str] = []
    for word in diagnostic.split():
        bare = word.strip("<>()[]{}\"'`.,:;!?*-–#").lower()
        known = bare in _SERVERS_WORDS or bare == recipient.lower() or _SERVERS_CODE.fullmatch(bare)
        sign = bare if known else LEFT_OUT
        if sign != LEFT_OUT or kept[-1:] != [LEFT_OUT]:
            kept.append(sign)
    return " ".join(kept)

"""One mail, from its writing to what becomes of it; `delivery` says whose turn it is, and looks after many."""

from __future__ import annotations

import logging
import re
import smtplib
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import make_msgid
from django.db import OperationalError, transaction

from kundenportal.domain.audit.events import Event
from kundenportal.kernel.composed import UNHURRIED, Statement
from kundenportal.kernel.domain_names import as_sent

from . import rules
from .kinds import NotNeeded, kind_named, note_trouble
from .message import Message
from .models import SERVER_ANSWER_MAX_LENGTH, OutgoingMail
from .rules import PERMANENT_REFUSALS, State

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from .kinds import Kind, Letter

logger = logging.getLogger(__name__)

SHORTEST_TRACE = 4  # signs of a secret in a row; fewer tell nothing
HEADERS = {
    "Auto-Submitted": "auto-generated",  # RFC 3834: asks automatic repliers to keep quiet
    "X-Auto-Response-Suppress": "OOF, AutoReply",
}
# Not waited for until it is on the disk: a worker that is killed takes no database with it. With a database that is
# killed, the marks since a worker last noted may be lost, for what is noted is waited for.
# Not before the claim, whatever the clocks say: an earlier mark is that of an earlier claim.
_MARK = Statement(
    f"""
    UPDATE mail_outgoingmail SET taken_at = greatest(%s, claimed_at)
    WHERE id = %s AND state = '{State.SENDING.value}' AND claimed_at = %s
    RETURNING {UNHURRIED}
    """  # noqa: S608 - nobody else's words
)


class MailServerAway(Exception):  # noqa: N818 - reads as what happened
    """The mail server cannot be talked to at all: no use in trying the next mail now."""


class MailRefused(Exception):  # noqa: N818
    """The mail server will never take this mail."""


class MailPostponed(Exception):  # noqa: N818
    """The mail server did not take this mail now."""


def deliver(mail: OutgoingMail, connection: BaseEmailBackend, *, clock: Callable[[], datetime]) -> bool:
    """Writes the mail and hands it over; whether it was taken, and noted as such. Raises MailServerAway."""
    try:
        # First, because writing an access letter replaces the password of the one before it, which may have arrived.
        reach_mail_server(connection)
        letter = _write(mail, now=clock())
    except _LeaseLost:
        return False
    except NotNeeded:
        settle(mail, State.NOT_NEEDED, "", now=clock())
        return False
    except MailServerAway as reason:
        _postpone(mail, _answer(reason, None), now=clock())
        raise
    except Exception:
        # A fault of ours in one mail must not keep the others from going out.
        logger.exception("mail %s (%s) could not be written", mail.pk, mail.kind)
        _postpone(mail, "", now=clock())
        return False
    return hand_over(mail, letter, connection, clock=clock) and note_hand_over(mail, now=clock())


class _LeaseLost(Exception):  # noqa: N818
    """Another worker took this one for dead, and the mail with it."""


def _write(mail: OutgoingMail, *, now: datetime) -> Letter:
    with transaction.atomic():
        if not _still_ours(mail).select_for_update().exists():
            raise _LeaseLost
        return kind_named(mail.kind).write(mail, now=now)


def reach_mail_server(connection: BaseEmailBackend) -> None:
    """A connection that is open already stays as it is. Raises MailServerAway."""
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        close(connection)
        raise MailServerAway(error) from error


def hand_over(
    mail: OutgoingMail, letter: Letter, connection: BaseEmailBackend, *, clock: Callable[[], datetime]
) -> bool:
    """Whether the mail server has taken it, and it is ours still; then it is marked, so that nobody sends it again."""
    try:
        reach_mail_server(connection)
        _send(mail, letter, connection)
    except MailRefused as refusal:
        _give_up(mail, _answer(refusal, letter), now=clock())
        return False
    except (MailPostponed, MailServerAway) as reason:
        _postpone(mail, _answer(reason, letter), now=clock())
        if isinstance(reason, MailServerAway):
            raise
        return False
    except Exception:
        logger.exception("mail %s (%s) could not be handed over", mail.pk, mail.kind)
        _postpone(mail, "", now=clock())
        return False
    # If the database is gone by now, nobody knows of this one, and nothing else may be handed over: the run ends here.
    return _MARK.returned(clock(), mail.pk, mail.claimed_at) is not None


def _send(mail: OutgoingMail, letter: Letter, connection: BaseEmailBackend) -> None:
    message = Message(
        subject=letter.subject,
        body=letter.text,
        html=letter.html,
        from_email=_envelope_sender(mail, letter),
        to=[as_sent(mail.recipient)],
        reply_to=[letter.reply_to],
        headers={
            **HEADERS,
            "From": letter.sender,
            "Message-ID": make_msgid(domain=letter.reply_to.rpartition("@")[2]),
        },
        connection=connection,
    )
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as error:
        # Whatever the matter was (421 announces the end), the next mail begins with a connection of its own.
        close(connection)
        raise (MailRefused if _is_refused_for_good(error) else MailPostponed)(error) from error


def _envelope_sender(mail: OutgoingMail, letter: Letter) -> str:
    return_address = settings.RETURN_ADDRESS
    return rules.envelope_sender(return_address, mail.key) if return_address else letter.sender


def _is_refused_for_good(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, _ = next(iter(error.recipients.values()))
        return code in PERMANENT_REFUSALS
    # A refused sender is a wrong setting, and the mail itself may still go out.
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code in PERMANENT_REFUSALS


def close(connection: BaseEmailBackend) -> None:
    """Ends the connection, whatever has become of it."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        logger.info("the mail server ended the connection first")


def _answer(reason: Exception, letter: Letter | None) -> str:
    cause = reason.args[0]
    if isinstance(cause, smtplib.SMTPRecipientsRefused):
        code, reply = next(iter(cause.recipients.values()))
        answer = f"{code} {_decoded(reply)}"
    elif isinstance(cause, smtplib.SMTPResponseException):
        answer = f"{cause.smtp_code} {_decoded(cause.smtp_error)}"
    else:
        answer = str(cause)
    for secret in letter.secrets if letter else ():
        answer = _blotted_out(secret, answer)
    return answer.replace("\0", "�")[:SERVER_ANSWER_MAX_LENGTH]  # PostgreSQL cannot hold a NUL


def _blotted_out(secret: str, answer: str) -> str:
    # A filter may quote a line in another case, without its hyphens, broken in two, or in part.
    signs = [re.escape(sign) for sign in secret if sign.isalnum()]
    traces = (
        r"[\W_]*".join(signs[start : start + SHORTEST_TRACE])
        for start in range(max(1, len(signs) - SHORTEST_TRACE + 1))
    )
    return re.sub("|".join(traces), "…", answer, flags=re.IGNORECASE)


def _decoded(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply


def note_hand_over(mail: OutgoingMail, *, now: datetime) -> bool:
    """The mail has been handed over, and its kind knows; whether it was ours still."""
    with transaction.atomic():
        noted = _still_ours(mail).update(**once_handed_over(now))
        if noted:
            tell_handed_over(mail, now=now)
    return bool(noted)


def once_handed_over(now: datetime) -> dict[str, object]:
    """What then stands in its row."""
    return {
        "state": State.HANDED_OVER,
        "handed_over_at": now,
        "claimed_at": None,
        "next_attempt_at": None,
        "server_answer": "",
    }


def _postpone(mail: OutgoingMail, answer: str, *, now: datetime) -> None:
    again_at = rules.next_attempt_at(attempts=mail.attempts, queued_at=mail.sent_again_at or mail.queued_at, now=now)
    if again_at is None:
        _give_up(mail, answer, now=now)
        return
    with transaction.atomic():
        ours = _still_ours(mail).update(
            state=State.WAITING, claimed_at=None, next_attempt_at=again_at, server_answer=answer
        )
        mail.server_answer = answer
        if ours and mail.attempts == 1:  # the mail log says how often it was tried since
            tell(mail, lambda kind: note_trouble(Event.MAIL_DEFERRED, mail, kind.concerns(mail), now=now))


def _give_up(mail: OutgoingMail, answer: str, *, now: datetime) -> None:
    if settle(mail, State.FAILED, answer, now=now):
        # What the server said names the address it was for, and stands in the mail log.
        logger.warning("mail %s (%s) failed for good", mail.pk, mail.kind)


def settle(mail: OutgoingMail, state: State, answer: str, *, now: datetime) -> bool:
    """The mail is not tried again; whether it was ours still."""
    with transaction.atomic():
        settled = _still_ours(mail).update(state=state, claimed_at=None, next_attempt_at=None, server_answer=answer)
        mail.server_answer = answer
        if settled and state == State.FAILED:
            tell(mail, lambda kind: kind.gave_up(mail, now=now))
    return bool(settled)


def tell_handed_over(mail: OutgoingMail, *, now: datetime) -> None:
    """The mail's kind learns that it was taken."""
    tell(mail, lambda kind: kind.handed_over(mail, now=now))


def tell(mail: OutgoingMail, news: Callable[[Kind], None]) -> None:
    """The mail's kind learns what became of it; a fault of ours in there changes nothing about that."""
    try:
        with transaction.atomic():
            news(kind_named(mail.kind))
    except OperationalError:
        raise
    except Exception:
        # Or else the mail would go out again and again.
        logger.exception("mail %s (%s) is settled, and its kind did not take it", mail.pk, mail.kind)


def _still_ours(mail: OutgoingMail) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(pk=mail.pk, state=State.SENDING, claimed_at=mail.claimed_at)

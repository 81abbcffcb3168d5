"""The mail server: whether it is there, lets us in and takes letters from our address. No letter is sent."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING

from kundenportal.config.addresses import LOOPBACK
from kundenportal.config.doctor.findings import ok, problem
from kundenportal.kernel.domain_names import as_sent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.addresses import MailServer
    from kundenportal.config.doctor.findings import Finding

SECONDS_OF_PATIENCE = 10
TAKEN = 250
ABOUT = "Mail server"


def findings(server: MailServer, *, sender: str | None) -> Iterator[Finding]:
    """What a delivery would come across, up to the letter itself."""
    where = f"{server.host}:{server.port}"
    try:
        smtp = _connected(server)
    except smtplib.SMTPAuthenticationError as fault:
        yield problem(
            ABOUT,
            f"{where} refuses our user and password ({fault.smtp_code}).",
            "Correct them in KUNDENPORTAL_SMTP_URL, with %2F %3F %23 %40 for / ? # @ in the password.",
        )
    except smtplib.SMTPNotSupportedError as fault:
        yield problem(
            ABOUT,
            f"{where} does not offer what KUNDENPORTAL_SMTP_URL asks for: {fault}",
            "Ask its operator for the port that does.",
        )
    except ssl.SSLError as fault:
        yield problem(
            ABOUT,
            f"The encryption with {where} fails: {getattr(fault, 'verify_message', '') or fault.reason}.",
            "Use the name in its certificate, and smtps:// only where it is encrypted from the first byte.",
        )
    except (OSError, smtplib.SMTPException) as fault:
        yield problem(
            ABOUT,
            f"{where} cannot be talked to: {getattr(fault, 'strerror', None) or fault}.",
            "Correct KUNDENPORTAL_SMTP_URL, or start it; letters wait for two days meanwhile.",
        )
    else:
        yield from _conversation(smtp, server, where, sender)
        with suppress(OSError, smtplib.SMTPException):
            smtp.quit()


def _connected(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS_OF_PATIENCE, context=context)
    else:
        smtp = smtplib.SMTP(server.host, server.port, timeout=SECONDS_OF_PATIENCE)
    try:
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _conversation(smtp: smtplib.SMTP, server: MailServer, where: str, sender: str | None) -> Iterator[Finding]:
    way = "unencrypted" if server.security == "none" else "encrypted"
    entry = f" as {server.user}" if server.user else ""
    if server.security == "none" and server.host not in LOOPBACK:
        advice = "Add ?starttls=yes to" if smtp.has_extn("starttls") else "Ask its operator for an encrypted port for"
        yield problem(
            ABOUT, f"Letters, and passwords in them, travel to {where} unencrypted.", f"{advice} KUNDENPORTAL_SMTP_URL."
        )
    else:
        yield ok(ABOUT, f"{where} lets us in{entry}, {way}.")
    if sender is None:
        return
    try:
        code, answer = smtp.mail(as_sent(sender))
    except (OSError, smtplib.SMTPException, UnicodeError) as fault:
        code, answer = -1, str(fault).encode()
    if code == TAKEN:
        yield ok("Sender", f"The mail server takes letters from {sender}.")
    else:
        said = answer.decode(errors="replace")
        yield problem(
            "Sender",
            f"The mail server takes no letters from {sender}: {code} {said}.",
            "Have it allowed, or set KUNDENPORTAL_MAIL_FROM or KUNDENPORTAL_RETURN_ADDRESS to an address that is.",
        )

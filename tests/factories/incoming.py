"""Mails as they come into the mailbox: letters of people, reports in the manner of real servers, machines' own."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import make_msgid

RETURN_ADDRESS = "return@portal.example.org"
SERVICE_ADDRESS = "service@portal.example.org"


def letter(
    sender: str = "Anna Beispiel <anna@example.org>",
    subject: str = "Mein Zugang",
    text: str = "Guten Tag,\n\nmein Zugang ist abgelaufen.\n",
    **headers: str,
) -> bytes:
    """A letter somebody has written."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = SERVICE_ADDRESS
    mail["Subject"] = subject
    mail["Message-ID"] = make_msgid(domain="example.org")
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def html_letter(html: str, sender: str = "anna@example.org") -> bytes:
    """A letter that is HTML and nothing else."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["Message-ID"] = make_msgid(domain="example.org")
    mail.set_content(html, subtype="html")
    return mail.as_bytes()


POSTFIX_REPORT = """\
Return-Path: <>
Delivered-To: {to}
Received: by mx.example.org (Postfix) id 4XyZ; Mon, 23 Nov 2026 10:00:00 +0100 (CET)
Date: Mon, 23 Nov 2026 10:00:00 +0100 (CET)
From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="4XyZ.1764000000/mx.example.org"
Message-Id: <20261123090000.4XyZ@mx.example.org>

This is a MIME-encapsulated message.

--4XyZ.1764000000/mx.example.org
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.example.org.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

--4XyZ.1764000000/mx.example.org
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org
X-Postfix-Queue-ID: 4XyZ
Arrival-Date: Mon, 23 Nov 2026 09:59:59 +0100 (CET)

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Remote-MTA: dns; mail.example.org
Diagnostic-Code: {diagnostic}

--4XyZ.1764000000/mx.example.org
Content-Description: Undelivered Message
Content-Type: message/rfc822

From: Kundenportal <dienst@example.org>
To: {recipient}
Subject: Ihre Zugangsdaten
Auto-Submitted: auto-generated
Message-ID: <1@portal.example.org>

Passwort: fkmr-wy34-567f-kmrw-y345-67fk-mrwy

--4XyZ.1764000000/mx.example.org--
"""


def report(
    key: str,
    *,
    recipient: str = "anna@example.org",
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <anna@example.org>: Recipient address\n    rejected: User unknown",
    to: str | None = None,
) -> bytes:
    """A delivery report as Postfix writes it, about the mail with that key."""
    local_part, _, domain = RETURN_ADDRESS.partition("@")
    return POSTFIX_REPORT.format(
        to=f"{local_part}+{key}@{domain}" if to is None else to,
        recipient=recipient,
        action=action,
        status=status,
        diagnostic=diagnostic,
    ).encode()


VACATION = b"""\
Return-Path: <anna@example.org>
From: Anna Beispiel <anna@example.org>
To: service@portal.example.org
Subject: Abwesend: Ihre Zugangsdaten
Auto-Submitted: auto-replied (vacation)
X-Auto-Response-Suppress: All
Message-ID: <vacation@example.org>

Ich bin bis Montag nicht im Haus.

> Passwort: fkmr-wy34-567f-kmrw-y345-67fk-mrwy
"""

EXCHANGE_REPORT = """\
From: <postmaster@outlook.example.org>
To: <return+{key}@portal.example.org>
Date: Mon, 23 Nov 2026 09:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status;
 boundary="_a_"
X-MS-Exchange-Message-Is-Ndr:
Message-ID: <ndr@outlook.example.org>
Subject: Undeliverable: Ihre Zugangsdaten
Auto-Submitted: auto-replied

--_a_
Content-Type: multipart/alternative; boundary="_b_"

--_b_
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

WW91ciBtZXNzYWdlIGNvdWxkbid0IGJlIGRlbGl2ZXJlZC4=

--_b_--
--_a_
Content-Type: message/delivery-status

Reporting-MTA: dns;FR0P281.example.org
Received-From-MTA: dns;mail.example.org
Arrival-Date: Mon, 23 Nov 2026 08:59:58 +0000

Final-Recipient: rfc822;anna@example.org
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException

--_a_
Content-Type: message/rfc822

From: dienst@example.org
Subject: Ihre Zugangsdaten

Passwort: fkmr-wy34-567f-kmrw-y345-67fk-mrwy
--_a_--
"""

"""The examination as a whole: from what needs nothing to what needs others."""

from __future__ import annotations

import argparse
import ipaddress
import os
from typing import TYPE_CHECKING

from kundenportal.config.addresses import Endpoint, NotAnAddress, endpoint_in
from kundenportal.config.backups.unfinished import unfinished
from kundenportal.config.commands import database_at_hand
from kundenportal.config.doctor import daily_backups, machine, mail_server
from kundenportal.config.doctor.findings import problem, report, warning
from kundenportal.config.postgres import DatabaseUnavailable, places
from kundenportal.config.upgrade import moving
from kundenportal.kernel import clock
from kundenportal.kernel.randomness import random_token

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from kundenportal.config.doctor.findings import Finding
    from kundenportal.config.env import Environment

HELP = "examine settings, machine, database and mail, and say what to do; changes nothing and sends nothing"
PORT_OF_NAME_SERVERS = 53


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument(
        "--dkim-selector",
        action="append",
        default=[],
        metavar="SELECTOR",
        help="under which the mail server's key is published; may be given several times",
    )
    parser.add_argument(
        "--nameserver",
        type=nameserver_in,
        metavar="ADDRESS",
        help="the name server to ask, where this machine's own do not know what the world sees",
    )


def nameserver_in(text: str) -> Endpoint:
    """The name server at `192.0.2.53`, or at `192.0.2.53:5353`."""
    try:
        return Endpoint(str(ipaddress.ip_address(text)), PORT_OF_NAME_SERVERS)
    except ValueError:
        pass
    try:
        return endpoint_in(text)
    except NotAnAddress as fault:
        raise argparse.ArgumentTypeError(f"{text!r} {fault}; it looks like 9.9.9.9 or 192.0.2.53:5353") from None


def examine(environment: Environment, arguments: argparse.Namespace) -> int:
    """Tells what is in order and what is not; 1 if something is a problem."""
    return report(_findings(environment, arguments))


def _findings(environment: Environment, arguments: argparse.Namespace) -> Iterator[Finding]:
    yield from machine.findings(environment)
    yield from daily_backups.findings(environment, now=clock.now())
    if environment.uploads is not None:
        from kundenportal.config.doctor import uploads  # noqa: PLC0415 - what it needs may not be installed

        yield from uploads.findings(environment.uploads)
    service_address = yield from _database(environment)
    if environment.demonstration:
        yield warning("Mail server", "Mail is captured, not sent.", "KUNDENPORTAL_SMTP_URL ends the demonstration.")
    else:
        yield from _mail(environment, environment.mail_from or service_address, arguments)


def _database(environment: Environment) -> Generator[Finding, None, str | None]:
    """What the database says; the address letters come from where no other is set, if it says that."""
    backup = unfinished(environment)
    if backup is not None:
        yield problem(
            "Restore",
            "One is under way or was broken off, and no other command does anything.",
            f"Finish it with: kundenportal restore {backup}",
        )
    if environment.database is None and not places.cluster(environment.data_dir).is_dir():
        yield warning("Database", "There is none yet.", "The first start makes it.")
        return None
    if moving.is_untidy(environment.data_dir):
        yield warning("Upgrade", "One was broken off before its end.", "Stop the portal and run: kundenportal upgrade")
    if environment.secret_key is None and not environment.kept_secret_key.exists():
        # Django would make one, and a directory for it.
        os.environ["KUNDENPORTAL_SECRET_KEY"] = random_token() + random_token()
    try:
        with database_at_hand(environment):
            from kundenportal.config.doctor import running  # noqa: PLC0415 - needs Django to be set up

            return (yield from running.findings(environment, now=clock.now()))
    except DatabaseUnavailable as refusal:
        advice = "docs/incidents.md, “The database is away”, says where to look."
        yield problem("Database", str(refusal), advice)
        return None


def _mail(environment: Environment, sender: str | None, arguments: argparse.Namespace) -> Iterator[Finding]:
    yield from mail_server.findings(environment.mail_server, sender=environment.return_address or sender)
    if sender is None:
        yield warning(
            "DNS",
            "Which address letters come from is known to the database only, which cannot be asked.",
            "Set KUNDENPORTAL_MAIL_FROM, or run this again once the database answers.",
        )
        return
    from kundenportal.config.doctor import dns_records  # noqa: PLC0415 - brings a whole library along

    yield from dns_records.findings(
        sender=sender,
        return_address=environment.return_address or sender,
        selectors=arguments.dkim_selector,
        nameserver=arguments.nameserver,
    )

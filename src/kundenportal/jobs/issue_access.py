"""kundenportal issue-access: the same as the desk's form, for a terminal or a script."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from kundenportal.domain.accounts.rules import Kind, Language, Role, normalised_address

if TYPE_CHECKING:
    import argparse
    from datetime import datetime

    from kundenportal.kernel.refusal import Refusal

HELP = "issue access to an address; the letter with the initial password goes out by itself"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("address", metavar="ADDRESS", help="the e-mail address; it becomes the sign-in name")
    parser.add_argument("--name", required=True, help="whom the letter greets: a person, or an office")
    parser.add_argument("--organisation", required=True, help="whom the account acts for; added if not yet known")
    parser.add_argument("--telephone", default="", help="where the service desk calls back to make sure who is calling")
    parser.add_argument(
        "--institutional", action="store_true", help="the address belongs to an office, not to a person"
    )
    parser.add_argument(
        "--role", choices=[role.value for role in Role], default=Role.CUSTOMER.value, help="default: customer"
    )
    parser.add_argument(
        "--language",
        choices=[each.value for each in Language],
        default=None,
        help="of the letter and the pages; default: KUNDENPORTAL_LANGUAGE",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Issues access; 1 and one sentence if it is refused."""
    from django.conf import settings

    from kundenportal.domain.credentials.operations import access
    from kundenportal.kernel.origin import COMMAND_LINE
    from kundenportal.kernel.refusal import Refusal

    try:
        account = access.issue_access(
            address=arguments.address,
            name=arguments.name,
            organisation=arguments.organisation,
            kind=Kind.INSTITUTIONAL if arguments.institutional else Kind.PERSONAL,
            role=Role(arguments.role),
            language=Language(arguments.language or settings.LANGUAGE_CODE),
            telephone=arguments.telephone,
            issued_by=None,
            now=now,
            origin=COMMAND_LINE,
        )
    except Refusal as refusal:
        return _say_why_not(refusal, arguments)
    if arguments.json:
        print(json.dumps({"address": account.address, "letter": "queued"}, ensure_ascii=False))
    else:
        fate = "will be captured, not sent: this is a demonstration" if settings.DEMONSTRATION else "is queued"
        print(f"Access is issued to {account.address}; the letter {fate}.")
    return 0


def _say_why_not(refusal: Refusal, arguments: argparse.Namespace) -> int:
    sentence = _sentence_for(refusal, arguments.address)
    if arguments.json:
        print(json.dumps({"refused": sentence}, ensure_ascii=False))
    print(sentence, file=sys.stderr)
    return 1


def _sentence_for(refusal: Refusal, address: str) -> str:
    from kundenportal.domain.accounts import operations as accounts
    from kundenportal.domain.organisations import operations as organisations

    match refusal:
        case accounts.AddressMalformed():
            sentence = f"{address!r} is not an e-mail address."
        case accounts.AddressTaken():
            sentence = f"{normalised_address(address)} already has access."
        case accounts.NameMissing():
            sentence = "The name is empty."
        case accounts.NameTooLong():
            sentence = "The name is too long."
        case accounts.TelephoneMalformed():
            sentence = "That is not a telephone number."
        case organisations.OrganisationNameMissing():
            sentence = "The organisation's name is empty."
        case organisations.OrganisationNameTooLong():
            sentence = "The organisation's name is too long."
        case _:
            sentence = f"Access is not issued: {type(refusal).__name__}."
    return sentence

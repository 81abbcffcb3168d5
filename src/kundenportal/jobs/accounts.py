"""kundenportal accounts: who has access, and how it stands."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from kundenportal.jobs.moments import told

if TYPE_CHECKING:
    import argparse

    from kundenportal.domain.credentials.queries.desk import AccountOnTheDesk

HELP = "list the accounts: address, kind, state, expiry of the initial password"

WIDEST_CELL = 50  # one long address must not widen every line; --json cuts nothing


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("--json", action="store_true", help="one JSON object per line, times in UTC")


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Prints every account in alphabetical order of its address."""
    from kundenportal.domain.credentials.queries.desk import accounts_on_the_desk

    accounts = accounts_on_the_desk().order_by("address").iterator(chunk_size=2000)
    if arguments.json:
        for account in accounts:
            print(json.dumps(_row(account, now=now), default=datetime.isoformat, ensure_ascii=False))
    elif rows := [_row(account, now=now) for account in accounts]:
        _print_table(rows)
    else:
        print("No account yet. Issue the first one: kundenportal issue-access --help")
    return 0


def _print_table(rows: list[dict[str, object]]) -> None:
    from django.utils import timezone

    headings = [name.upper() for name in rows[0]]
    headings[headings.index("EXPIRES_AT")] = f"EXPIRES ({timezone.get_default_timezone_name()})"
    cells = [[_cell(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    for line in [headings, *cells]:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return told(value)
    text = str(value or "–")
    return text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"


def _row(account: AccountOnTheDesk, *, now: datetime) -> dict[str, object]:
    from kundenportal.domain.credentials.queries.desk import NewestLetter
    from kundenportal.domain.credentials.queries.door import state_of

    return {
        "address": account.address,
        "name": account.name,
        "kind": account.kind,
        "role": account.role,
        "state": state_of(account, now=now).value,
        "expires_at": account.initial_password_expires_at,
        "letter": NewestLetter.of(account).state or None,
    }

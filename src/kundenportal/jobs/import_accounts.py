"""kundenportal import: a whole table of accounts at once, in the foreground; the same as the desk's pages."""

from __future__ import annotations

import argparse
import errno
import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from kundenportal.domain.imports.chunks import Claim
    from kundenportal.domain.imports.models import ImportRun
    from kundenportal.kernel.refusal import Refusal

HELP = "import accounts from a table (XLSX or CSV); their letters go out by themselves"
NOW, NEVER = "now", "never"


def configure(parser: argparse.ArgumentParser) -> None:
    """Describes the command line."""
    parser.add_argument("file", metavar="FILE", type=Path, help="the table; its columns are told from their headings")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done: no account, no letter")
    parser.add_argument(
        "--letters",
        type=_letters,
        default=NOW,
        metavar="now|never|DATE",
        help="when the access letters go out; on a DATE such as 2027-01-04 at eight in the morning; default: now",
    )
    parser.add_argument("--organisation", default="", help="whom the rows act for that name no organisation")
    parser.add_argument("--result", metavar="FILE", type=Path, help="write the table with the result of each row here")
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")


def _letters(word: str) -> str | date:
    if word in (NOW, NEVER):
        return word
    try:
        return date.fromisoformat(word)
    except ValueError as no_date:
        raise argparse.ArgumentTypeError(
            f"{word!r} is neither now nor never nor a date such as 2027-01-04"
        ) from no_date


def run(arguments: argparse.Namespace, *, now: datetime) -> int:
    """Imports; 1 if the table is refused or a row is."""
    from django.utils import translation

    from kundenportal.kernel.refusal import Refusal

    try:
        content = arguments.file.read_bytes()
        if arguments.result:
            _refuse_what_cannot_be_written(arguments.result)
        with translation.override("en"):
            imported = _import(content, arguments, now=now)
    except (Refusal, OSError) as refusal:
        return _say_why_not(refusal, arguments)
    if arguments.result:
        _write_result(imported, arguments.result)
    counts = imported.checked if arguments.dry_run else imported.imported
    with translation.override("en"):
        (_answer_in_json if arguments.json else _answer)(imported, counts, arguments)
    return 1 if counts["error"] else 0


def _refuse_what_cannot_be_written(result: Path) -> None:
    # Known before anybody has an account: the result is written last.
    if result.is_dir() or not os.access(result if result.exists() else result.parent, os.W_OK):
        raise OSError(errno.EACCES, "The result cannot be written there; nothing is imported", str(result))


def _import(content: bytes, arguments: argparse.Namespace, *, now: datetime) -> ImportRun:
    from kundenportal.domain.imports import operations, queries
    from kundenportal.domain.imports.rules.runs import Letters
    from kundenportal.kernel.origin import COMMAND_LINE

    day = arguments.letters if isinstance(arguments.letters, date) else None
    letters = Letters.ON_A_DATE if day else Letters(arguments.letters)
    operations.refuse_day_gone(letters, day, now=now)
    current = operations.upload(content, file_name=arguments.file.name, uploaded_by=None, now=now, origin=COMMAND_LINE)
    try:
        _go_on(
            operations.check(
                current,
                chosen=queries.layout_of(current).columns,
                organisation=arguments.organisation,
                now=now,
                claimed=True,
            ),
            "checked",
            total=current.row_count,
        )
        if arguments.dry_run:
            operations.cancel(current, cancelled_by=None, now=now, origin=COMMAND_LINE)
        else:
            _go_on(
                operations.start(
                    current, letters=letters, on=day, started_by=None, claimed=True, now=now, origin=COMMAND_LINE
                ),
                "imported",
                total=current.row_count,
            )
    except BaseException:
        # Refused or interrupted: what is imported stays, and no worker goes on with the rest.
        operations.cancel_if_not_ended(current, cancelled_by=None, now=now, origin=COMMAND_LINE)
        raise
    current.refresh_from_db()
    return current


def _go_on(claim: Claim, deed: str, *, total: int) -> None:
    from kundenportal.domain.imports import chunks
    from kundenportal.kernel import clock

    chunks.go_on(claim, clock=clock.now, may_go_on=_progress(claim.run_id, deed, total))
    if sys.stderr.isatty():
        print(file=sys.stderr)


def _progress(run_id: int, deed: str, total: int) -> Callable[[], bool]:
    from kundenportal.domain.imports.queries import run_numbered

    told = 0

    def tell() -> bool:
        nonlocal told
        current = run_numbered(run_id)
        done = current.done if current else total
        # A terminal shows the line growing; a log gets a line for each tenth.
        if sys.stderr.isatty():
            print(f"\r{deed} {done} of {total} rows", end="", file=sys.stderr, flush=True)
        elif done * 10 // total > told:
            told = done * 10 // total
            print(f"{deed} {done} of {total} rows", file=sys.stderr, flush=True)
        return True

    return tell


def _answer(imported: ImportRun, counts: dict[str, int], arguments: argparse.Namespace) -> None:
    from kundenportal.domain.imports import words
    from kundenportal.domain.imports.queries import rows_in_error
    from kundenportal.domain.imports.rules.verdicts import Verdict, read

    print(f"Import {imported.pk}: {imported.file_name}, {imported.row_count} rows")
    for verdict in Verdict:
        print(f"  {words.verdict_in_words(verdict):<14} {counts[verdict.value]:>7}")
    for row in rows_in_error(imported).iterator(chunk_size=2000):
        print(f"row {row.number}: {row.address or '–'}: {words.reasons_in_words(read(row.reasons))}")
    if arguments.dry_run:
        print("This was a dry run: nothing is imported, no letter is queued.")


def _answer_in_json(imported: ImportRun, counts: dict[str, int], arguments: argparse.Namespace) -> None:
    from kundenportal.domain.imports.queries import rows_in_error
    from kundenportal.domain.imports.rules.verdicts import read

    errors = [
        {"row": row.number, "address": row.address, "reasons": [finding.reason.value for finding in read(row.reasons)]}
        for row in rows_in_error(imported)
    ]
    answer = {
        "import": imported.pk,
        "dry_run": arguments.dry_run,
        "rows": imported.row_count,
        "counts": counts,
        "errors": errors,
    }
    print(json.dumps(answer, ensure_ascii=False))


def _write_result(imported: ImportRun, path: Path) -> None:
    from django.conf import settings
    from django.utils import translation

    from kundenportal.domain.imports import queries, words

    with translation.override(settings.LANGUAGE_CODE):
        content = queries.marked_file(imported, headings=words.headings(), word=words.result_in_words)
    path.write_bytes(content or b"")


def _say_why_not(refusal: Refusal | OSError, arguments: argparse.Namespace) -> int:
    sentence = _sentence_for(refusal, arguments)
    if arguments.json:
        print(json.dumps({"refused": sentence}, ensure_ascii=False))
    print(sentence, file=sys.stderr)
    return 1


def _sentence_for(refusal: Refusal | OSError, arguments: argparse.Namespace) -> str:
    from django.utils import translation

    from kundenportal.domain.imports import operations, words
    from kundenportal.domain.imports.rules.files import TableRefused
    from kundenportal.domain.organisations import operations as organisations

    with translation.override("en"):
        match refusal:
            case OSError():
                sentence = f"{refusal.filename}: {refusal.strerror}."
            case TableRefused():
                sentence = words.refusal_in_words(refusal)
            case operations.ColumnsMissing():
                names = ", ".join(words.column_in_words(column) for column in refusal.missing)
                sentence = f"No column is recognised as: {names}. Rename its heading, or import on the desk's page."
            case operations.DayGone():
                sentence = "The letters cannot go out on a day that has gone by."
            case organisations.OrganisationNameTooLong():
                sentence = "The organisation's name is too long."
            case operations.NotThere():
                sentence = f"Somebody else has ended import {refusal.run.pk}: {refusal.run.state}."
            case _:
                sentence = f"Nothing is imported: {type(refusal).__name__}."
    return sentence

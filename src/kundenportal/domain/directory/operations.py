from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin


def note_export(number: int, *, file_format: str, exported_by: Account, now: datetime, origin: Origin) -> None:
    """The trail says who took so many accounts along as a file; not by what they were sought, which may name people."""
    audit.record(
        Event.ACCOUNTS_EXPORTED, actor=exported_by, now=now, origin=origin, number=number, file_format=file_format
    )


def forget_words() -> None:
    """Words no entry has any more are not kept, for they may be names; those written twice are kept once."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM directory_word AS word
            WHERE EXISTS (SELECT FROM directory_word AS other WHERE other.word = word.word AND other.id < word.id)
                OR NOT EXISTS (
                    SELECT FROM directory_entry AS entry
                    WHERE entry.words @@ (quote_literal(word.word) || '|' || quote_literal('/' || word.word))::tsquery
                )
            """
        )

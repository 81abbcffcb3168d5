"""Goes on with an import and is killed at one step of it; run like dying_worker.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kill.dying import die_after, die_before
from kill.dying_worker import main
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.imports import chunks
from kundenportal.domain.mail import operations as mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

CHUNK = 10

STEPS: dict[str, Callable[[int], None]] = {
    "claimed": lambda nth: die_after(chunks, "claim_run", nth=nth),
    "rows decided": lambda nth: die_after(chunks, "_decided", nth=nth),
    "rows written, not committed": lambda nth: die_after(chunks, "copy_in", nth=nth),
    "rows chosen": lambda nth: die_before(chunks, "_import", nth=nth),
    "accounts opened, not committed": lambda nth: die_after(accounts, "open_many", nth=nth),
    "mails queued, not committed": lambda nth: die_after(mail, "queue_many", nth=nth),
    "letters queued, not committed": lambda nth: die_after(access, "issue_access_to_many", nth=nth),
    "results noted, not committed": lambda nth: die_after(chunks, "_note", nth=nth),
    "between two chunks": lambda nth: die_before(chunks, "_wait_for_other_imports", nth=nth),
    "ended, not committed": lambda nth: die_after(chunks, "end", nth=nth),
}


def work(step: str, nth: int, now: datetime, run_id: int) -> None:
    """Checks or imports, up to the step."""
    chunks.CHUNK = CHUNK
    STEPS[step](nth)
    chunks.work_on(run_id, clock=lambda: now)


if __name__ == "__main__":
    main(work)

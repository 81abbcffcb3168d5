from __future__ import annotations

from typing import TYPE_CHECKING

from procrastinate.contrib.django import app

from kundenportal.kernel import clock
from kundenportal.kernel.connections import own_connection

from . import chunks

if TYPE_CHECKING:
    from procrastinate import JobContext


@app.task(queue="imports", name="imports.work_on", pass_context=True)
def work_on(context: JobContext, run_id: int) -> None:
    """Goes on with an import, if nobody else does; stops after a chunk where the worker is told to end."""
    with own_connection():
        chunks.work_on(run_id, clock=clock.now, may_go_on=lambda: not context.should_abort())

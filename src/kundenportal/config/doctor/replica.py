"""The read replica: whether it would be asked, and what to do if not. Nothing is written, and nothing depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connections

from kundenportal.config.doctor.findings import ok, warning
from kundenportal.kernel.replica import REPLICA, Unfit, unfit_because

if TYPE_CHECKING:
    from kundenportal.config.doctor.findings import Finding

ABOUT = "Replica"
# Of what is read there; a role of its own may lack the one or the other.
UNREADABLE = """
    SELECT coalesce(string_agg(relname, ', ' ORDER BY relname), '') FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT has_table_privilege(oid, 'SELECT')
"""
ADVICE = {
    Unfit.AWAY: "Start it, or correct KUNDENPORTAL_DATABASE_REPLICA_URL; pg_hba.conf there must let the portal in.",
    Unfit.ANOTHERS: "Name a streaming replica of KUNDENPORTAL_DATABASE_URL, and the same database in it.",
    Unfit.ITSELF_A_DATABASE: "Name the replica, not the database; one that took over is no replica any more.",
    Unfit.BEHIND: (
        "Look at pg_stat_replication on the database, and on the replica for recovery_min_apply_delay, for a paused "
        "replay, and for long statements that it waits for."
    ),
}


def finding() -> Finding:
    """How it is with the replica; the database itself answers."""
    try:
        unfit, words = unfit_because()
        if unfit is not None:
            return warning(ABOUT, f"The database answers in its place: {words}.", ADVICE[unfit])
        with connections[REPLICA].cursor() as cursor:
            cursor.execute(UNREADABLE)
            (unreadable,) = cursor.fetchone()
    finally:
        connections[REPLICA].close()
    if unreadable:
        return warning(
            ABOUT, f"Its role may not read {unreadable}.", "On the database, run: GRANT pg_read_all_data TO that role."
        )
    return ok(ABOUT, "It has all that the database has; long lists are read from it when they are saved as files.")

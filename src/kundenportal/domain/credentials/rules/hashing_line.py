"""How many entries are checked at a time, and how many may wait for it."""

from datetime import timedelta

# For each hashing thread: two entries may be at work, so that one is hashed while another asks the database …
AT_WORK_PER_THREAD = 2
# … and so many may wait. A hundred right entries at the same instant must all lead in, even if the system hands most of
# them to one process. At some forty hashes a second the last of them waits less than three seconds.
WAITING_PER_THREAD = 100
# On a machine that is busy with something else it may take longer; nobody looks at a page that does not come for longer
# than this, and the lease of a guess (`lockout.LEASE`) must not be spent on waiting.
LONGEST_WAIT = timedelta(seconds=10)


def places(threads: int) -> int:
    """How many entries a process with so many hashing threads takes on at once."""
    return threads * (AT_WORK_PER_THREAD + WAITING_PER_THREAD)


def at_work(threads: int) -> int:
    """How many of them are worked on at once."""
    return threads * AT_WORK_PER_THREAD

"""Runs the command `kundenportal` in a process whose clock stands still at another instant.

python moved_clock.py 2027-01-31T12:00:00+00:00 web
"""

from __future__ import annotations

import sys
from datetime import datetime

import time_machine

from kundenportal.config import cli

if __name__ == "__main__":
    instant, *words = sys.argv[1:]
    # Gunicorn's workers are forks of this process and live in the same instant.
    time_machine.travel(datetime.fromisoformat(instant), tick=False).start()
    sys.exit(cli.main(words))

"""Runs commands of `kundenportal` in children of a process that has loaded them already: each starts a second sooner.

python -P prepared_commands.py

Reads a line of JSON for each: its words and the files it writes to. Answers with its exit code.
"""

from __future__ import annotations

import json
import os
import sys
import traceback

from kundenportal.config import cli, commands
from kundenportal.jobs import issue_access  # noqa: F401 - the command most journeys begin with

with commands.django_set_up():
    from django.core.management.commands import shell  # noqa: F401 - likewise


def _run(words: list[str], output: str, complaints: str) -> int:
    child = os.fork()
    if child == 0:
        for path, stream in ((output, sys.stdout), (complaints, sys.stderr)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream.fileno())
        code = 1
        try:
            code = cli.main(words)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - whatever it is, it is told like that of any command
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


for line in sys.stdin:
    sys.stdout.write(f"{_run(*json.loads(line))}\n")
    sys.stdout.flush()

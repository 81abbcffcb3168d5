"""Runs commands of `kundenportal` in children of a process that has loaded most of what they need.

python -P loaded_program.py [as-set-up]

Loaded is whatever needs no settings, or all that commands of a portal need whose settings are this process's own.
Reads a line of JSON for each command: its words, the files it writes to, and its environment, if it is not this one.
Answers with its exit code.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module

from kundenportal.config import cli, commands
from kundenportal.kernel.absent import load_without

# Half of what a command loads. The rest asks Django's settings.
NEEDS_NO_SETTINGS = (
    "PIL.Image",
    "django.contrib.admin.sites",
    "django.contrib.postgres.fields",
    "django.core.management.commands.migrate",
    "django.db.backends.postgresql.base",
    "holidays.countries.germany",
    "procrastinate",
    "pyrage",
    "wsgiref.handlers",
)
# What most journeys begin with.
NEEDS_SETTINGS = ("kundenportal.jobs.issue_access", "django.core.management.commands.shell")


def _become(words: list[str], output: str, complaints: str, environment: dict[str, str] | None) -> int:
    if environment is not None:
        os.environ.clear()
        os.environ.update(environment)
    for path, number in ((os.devnull, 0), (output, 1), (complaints, 2)):
        os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
    return cli.main(words)


if "as-set-up" in sys.argv:
    with commands.django_set_up():
        for name in NEEDS_SETTINGS:
            import_module(name)
else:
    load_without("bs4", "charset_normalizer", "chardet", "cchardet")  # as a command does
    for name in NEEDS_NO_SETTINGS:
        import_module(name)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        sys.exit(_become(*json.loads(line)))
    sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
    sys.stdout.flush()

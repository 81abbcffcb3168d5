"""The bare site beside a portal: the same server, processes, threads and connections, and the same PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench.served import PASSWORD, PEOPLE
from bench.visitors import Door, Visitor
from journeys.serving import free_port
from kundenportal.config.env import read_environment
from kundenportal.config.postgres import database_of
from kundenportal.config.variables import CONNECTIONS_PER_WEB_PROCESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from journeys.serving import Portal

SECONDS_TO_START = 60
PREPARE = """
import django
django.setup()
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.core.management import call_command
call_command("migrate", verbosity=0)
User.objects.bulk_create(
    User(username=f"person{{number}}", email=f"person{{number}}@example.org", password=make_password({password!r}))
    for number in range({people})
)
"""


@contextmanager
def served_bare(portal: Portal) -> Iterator[Door]:
    """The door of the bare site, which answers meanwhile."""
    environment = read_environment(portal.environment())
    address = database_of(environment)
    with psycopg.connect(address.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bare")
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "bench.bare.settings",
        "BARE_DATABASE_HOST": address.host,
        "BARE_DATABASE_USER": address.user,
        "BARE_CONNECTIONS": str(CONNECTIONS_PER_WEB_PROCESS),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    code = PREPARE.format(password=PASSWORD, people=PEOPLE)
    subprocess.run([sys.executable, "-c", code], env=variables, check=True)
    place = f"127.0.0.1:{free_port()}"
    door = Door(f"http://{place}", "/accounts/login/", "/accounts/login/", "login", "password")
    words = ["--config", "python:bench.bare.server", "--bind", place]
    words += ["--workers", str(environment.web_processes), "--threads", str(environment.threads_per_web_process)]
    server = subprocess.Popen([sys.executable, "-m", "gunicorn", *words, "bench.bare.wsgi"], env=variables)
    try:
        _wait_for(door)
        yield door
    finally:
        server.terminate()
        server.wait()


def _wait_for(door: Door) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with Visitor(door.url) as visitor:
                assert visitor.get(door.page).status == 200
        except OSError:
            assert time.monotonic() < deadline, "the bare site does not start"
            time.sleep(0.05)
        else:
            return

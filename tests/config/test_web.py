"""Gunicorn takes requests as they come: what a header says of the client is judged by the portal."""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from django.db import connection
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from kundenportal.config.commands import set_up_django
from kundenportal.config.web import _Believing

from .workers import configuration

if TYPE_CHECKING:
    from collections.abc import Mapping

# For the test that asks a database; nothing else in this folder needs it.
set_up_django()

PEERS = [("127.0.0.1", 50_000), ("192.0.2.7", 50_000), ""]


@pytest.fixture(autouse=True)
def _nothing_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")


def _environ(peer: Any, *headers: str) -> Mapping[str, Any]:
    """What our gunicorn would hand to the portal."""
    settings = configuration()
    request = "\r\n".join(["GET /x/ HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()
    message = next(RequestParser(settings, iter([request]), peer))
    with socket.socket() as client:
        _, environ = create(message, client, peer, ("127.0.0.1", 8000), settings)
    found: Mapping[str, Any] = environ
    return found


@pytest.mark.parametrize("peer", PEERS)
@pytest.mark.parametrize(
    "headers",
    [
        ["X-Forwarded-Proto: https"],
        ["X-Forwarded-Ssl: on"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Ssl: off"],
        ["X-Forwarded-Proto: https", "X-Forwarded-Protocol: plain"],
    ],
)
def test_no_header_says_how_a_request_arrived(peer: Any, headers: list[str]) -> None:
    assert _environ(peer, *headers)["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize("peer", PEERS)
def test_no_header_moves_the_portal_or_passes_for_another(peer: Any) -> None:
    environ = _environ(peer, "SCRIPT_NAME: /x", "PATH_INFO: /y/", "X_Forwarded_For: 203.0.113.1", "REMOTE_ADDR: x")
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == ("", "/x/")
    assert environ["REMOTE_ADDR"] == (peer[0] if peer else "")
    assert "HTTP_X_FORWARDED_FOR" not in environ


def test_what_is_forwarded_reaches_the_portal_whole() -> None:
    environ = _environ(("192.0.2.7", 1), "X-Forwarded-For: 203.0.113.1", "X-Forwarded-For: 203.0.113.2, ::1")
    assert environ["HTTP_X_FORWARDED_FOR"] == "203.0.113.1,203.0.113.2, ::1"


def test_what_a_web_process_has_no_use_for_is_not_loaded() -> None:
    program = (
        "import sys\n"
        "from kundenportal.config.commands import set_up_django\n"
        "set_up_django()\n"
        "from kundenportal.config import web, worker, wsgi\n"
        "print(*sorted({'yaml', 'pycparser', 'pillow_heif', 'jinja2', 'chardet', 'charset_normalizer', 'requests',"
        " 'pygments', 'openpyxl', 'rapidfuzz', 'holidays.countries.france',"
        " 'holidays.calendars.islamic', 'pyrage'} & set(sys.modules)))\n"
    )
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert loaded.stdout == "\n"


@pytest.mark.django_db
def test_a_connection_that_is_believed_in_is_not_asked_and_missed_all_the_same_once_it_ends() -> None:
    believing = _Believing()
    parameters: dict[str, Any] = connection.get_connection_params()
    with psycopg.connect(**parameters) as ours, psycopg.connect(**parameters, autocommit=True) as other:
        for _ in range(2):
            believing.check(ours)
        ours.autocommit = True
        asked = "SELECT state_change FROM pg_stat_activity WHERE pid = %s"
        before = other.execute(asked, [ours.info.backend_pid]).fetchone()
        believing.check(ours)
        assert other.execute(asked, [ours.info.backend_pid]).fetchone() == before
        # It waits until the process is gone.
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [ours.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            believing.check(ours)

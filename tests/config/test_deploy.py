"""What lies in deploy/ does what it promises: nginx really stands in front of a portal, systemd takes the unit."""

from __future__ import annotations

import base64
import getpass
import hashlib
import http.client
import os
import pwd
import re
import shutil
import signal
import ssl
import stat
import subprocess
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from kundenportal.config.doctor.machine import WHO_GETS_LARGE_PAGES

from .processes import Portal, command, eventually, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

DEPLOY = Path(__file__).parents[2] / "deploy"
NGINX = "/usr/sbin/nginx"
SITE = "portal.example.org"
PAGE_WHILE_AWAY = (DEPLOY / "nginx/portal-is-away.html").read_text(encoding="utf-8")
# Everything nginx would otherwise keep in places of the system's.
AROUND = """
worker_processes 1;
user {user};
pid {place}/pid;
error_log {place}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    include {place}/site.conf;
}}
"""


class Answer(NamedTuple):
    status: int
    headers: Message
    text: str


class Front:
    """nginx with the site of deploy/, on loopback, in front of a portal."""

    def __init__(self, place: Path, portal: Portal) -> None:
        self.http, self.https = free_port(), free_port()
        self.log = place / "access.log"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-subj", f"/CN={SITE}", "-keyout", place / "privkey.pem", "-out", place / "fullchain.pem"],
            check=True, capture_output=True,
        )  # fmt: skip
        shutil.copy(DEPLOY / "nginx/portal-is-away.html", place)
        (place / "site.conf").write_text(_on_loopback(place, portal, http=self.http, https=self.https))
        (place / "nginx.conf").write_text(AROUND.format(place=place, user=getpass.getuser()))
        words = [NGINX, "-c", str(place / "nginx.conf"), "-e", str(place / "error.log")]
        verdict = subprocess.run([*words, "-t"], check=False, capture_output=True, text=True)
        assert verdict.returncode == 0, verdict.stderr
        self.process = subprocess.Popen([*words, "-g", "daemon off;"])
        eventually(lambda: self.ask("/").status == http.client.OK)

    def ask(self, path: str, *, method: str = "GET", body: bytes = b"") -> Answer:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.https, context=context, timeout=30)
        return _answer(connection, method, path, body)

    def ask_in_clear(self, path: str) -> Answer:
        return _answer(http.client.HTTPConnection("127.0.0.1", self.http, timeout=30), "GET", path, b"")


def _answer(connection: http.client.HTTPConnection, method: str, path: str, body: bytes) -> Answer:
    with closing(connection):
        connection.request(method, path, body, {"Host": SITE})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read().decode())


def _on_loopback(place: Path, portal: Portal, *, http: int, https: int) -> str:
    site = (DEPLOY / "nginx/kundenportal.conf").read_text(encoding="utf-8")
    for before, after in (
        ("127.0.0.1:8000", f"127.0.0.1:{portal.port}"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ", f"listen 127.0.0.1:{https} "),
        (f"/etc/letsencrypt/live/{SITE}", str(place)),
        ("/usr/share/kundenportal", str(place)),
        ("/var/lib/kundenportal", str(portal.settings["DATA_DIR"])),
        ("/var/log/nginx/kundenportal.log", str(place / "access.log")),
        ("/var/log/nginx/error.log", str(place / "error.log")),
    ):
        assert before in site
        site = site.replace(before, after)
    return re.sub(r"^ +listen \[::\].*\n", "", site, flags=re.MULTILINE)


@contextmanager
def served(data_dir: Path) -> Iterator[Portal]:
    portal = Portal(data_dir, BASE_URL=f"https://{SITE}", DAILY_BACKUPS="0")
    yield portal
    portal.clean_up()


@contextmanager
def standing_before(portal: Portal, place: Path) -> Iterator[Front]:
    front = Front(place, portal)
    yield front
    front.process.send_signal(signal.SIGTERM)
    front.process.wait()


@pytest.fixture(scope="module")
def front(lasting_data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with served(lasting_data_dir) as portal, standing_before(portal, tmp_path_factory.mktemp("nginx")) as front:
        yield front


def test_pages_come_through_encrypted_and_with_the_portals_own_headers(front: Front) -> None:
    answer = front.ask("/")

    assert (answer.status, "Passwort vergessen" in answer.text) == (200, True)
    for header in ("Strict-Transport-Security", "Content-Security-Policy", "X-Content-Type-Options"):
        assert len(answer.headers.get_all(header, [])) == 1
    assert "__Host-" in (answer.headers["Set-Cookie"] or "__Host-")
    assert "nginx/" not in answer.headers["Server"]


def test_whoever_comes_in_clear_is_sent_on(front: Front) -> None:
    answer = front.ask_in_clear("/help/?a=b")

    assert (answer.status, answer.headers["Location"]) == (301, f"https://{SITE}/help/?a=b")


def test_no_secret_of_a_link_is_written_into_its_log(front: Front) -> None:
    front.ask("/password/choose/s3cret/?also=s3cret")
    front.ask("/sign-in/lockout/s3cret/")
    front.ask("/sign-in/expired/s3cret/")
    front.ask("/help/registration/?also=s3cret")
    eventually(lambda: "/help/registration/" in front.log.read_text())
    assert "/password/choose/..." in front.log.read_text()
    assert "/sign-in/..." in front.log.read_text()
    assert "s3cret" not in front.log.read_text()


def test_a_customers_largest_table_comes_through_and_nothing_larger(front: Front) -> None:
    assert front.ask("/", method="POST", body=bytes(20 * 1024 * 1024)).status == 403  # the portal's: no CSRF token
    assert front.ask("/", method="POST", body=bytes(25 * 1024 * 1024)).status == 413


def test_what_is_not_there_is_told_by_the_portal(front: Front) -> None:
    assert front.ask("/nowhere/").status == 404
    assert front.ask("/portal-is-away.html").status == 404


def test_where_the_portal_is_away_a_calm_page_says_so(ready_data_dir: Path, tmp_path: Path) -> None:
    kept = ready_data_dir / "maintenance/unavailable.html"
    with served(ready_data_dir) as portal, standing_before(portal, tmp_path) as front:
        done = command("maintenance", "begin", "--message", "Wir bauen neue Platten ein.", **portal.settings)
        assert done.returncode == 0, done.stderr
        portal.end(signal.SIGTERM)

        answer = front.ask("/")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert "Wir bauen neue Platten ein." in answer.text
        style = hashlib.sha256(re.findall("<style>(.*?)</style>", answer.text, re.DOTALL)[0].encode()).digest()
        assert base64.b64encode(style).decode() in answer.headers["Content-Security-Policy"]

        front.ask("/password/choose/s3cret/")
        assert "s3cret" not in (tmp_path / "error.log").read_text()

        kept.unlink()
        answer = front.ask("/sign-in/", method="POST", body=b"address=somebody@example.org")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "60")
        assert answer.text == PAGE_WHILE_AWAY


def test_whoever_runs_the_proxy_may_read_the_page_for_it(ready_data_dir: Path) -> None:
    before = os.umask(0o077)  # as the unit of systemd's sets it
    try:
        command("maintenance", "begin", DATA_DIR=ready_data_dir)
    finally:
        os.umask(before)
    page = ready_data_dir / "maintenance/unavailable.html"
    assert [stat.S_IMODE(each.stat().st_mode) for each in (page, page.parent)] == [0o644, 0o755]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze on this machine")
@pytest.mark.parametrize(
    ("unit", "instance"),
    [("kundenportal.service", "kundenportal.service"), ("kundenportal@.service", "kundenportal@web.service")],
)
def test_systemd_takes_the_units(tmp_path: Path, unit: str, instance: str) -> None:
    written = (DEPLOY / "systemd" / unit).read_text(encoding="utf-8")
    copy = tmp_path / instance
    copy.write_text(written.replace("/opt/kundenportal/bin/kundenportal", shutil.which("true") or "/usr/bin/true"))

    verdict = subprocess.run(["systemd-analyze", "verify", copy], check=False, capture_output=True, text=True)

    ours = [line for line in verdict.stderr.splitlines() if instance in line]
    assert (verdict.returncode, ours) == (0, []), verdict.stderr


@pytest.mark.skipif(not shutil.which("systemd-tmpfiles"), reason="there is no systemd-tmpfiles on this machine")
def test_systemd_gives_large_pages_to_every_program(tmp_path: Path) -> None:
    switch = tmp_path / WHO_GETS_LARGE_PAGES.relative_to("/")
    switch.parent.mkdir(parents=True)
    switch.touch()  # systemd writes over what is there, and the kernel takes what is written

    subprocess.run(
        ["systemd-tmpfiles", "--create", f"--root={tmp_path}", DEPLOY / "tmpfiles.d/kundenportal.conf"], check=True
    )

    assert switch.read_text().strip() == "always"


def test_both_units_are_locked_up_alike() -> None:
    one, part = (
        (DEPLOY / "systemd" / unit).read_text(encoding="utf-8").partition("StateDirectory=")[2]
        for unit in ("kundenportal.service", "kundenportal@.service")
    )
    assert one == part


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder in which another user may read."""
    with tempfile.TemporaryDirectory(prefix="kundenportal-") as directory:
        Path(directory).chmod(0o755)
        yield Path(directory)


@pytest.fixture
def script(open_to_all: Path) -> str:
    """The script for commands, which runs as nobody what says how it was called."""
    (open_to_all / "kundenportal").write_text(
        '#!/bin/sh\nid -un\npwd\numask\nenv | grep -E "KUNDENPORTAL|OTHER|HOME" | sort\nprintf "<%s>" "$@"\ncat\n'
    )
    (open_to_all / "kundenportal").chmod(0o755)
    script = (DEPLOY / "systemd/kundenportal").read_text(encoding="utf-8")
    for there, here in (
        ("/etc/kundenportal/environment", str(open_to_all / "environment")),
        ("/opt/kundenportal/bin/kundenportal", str(open_to_all / "kundenportal")),
        ("--reuid=kundenportal --regid=kundenportal", f"--reuid=nobody --regid={pwd.getpwnam('nobody').pw_gid}"),
    ):
        assert there in script
        script = script.replace(there, here)
    return script


def run(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "-c", script, "kundenportal", *words],
        env={"PATH": os.environ["PATH"], "HOME": "/root", "KUNDENPORTAL_DATA_DIR": "/var/tmp/trial"},
        input="typed",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_any_command_is_run_as_the_portals_user_with_its_settings(open_to_all: Path, script: str) -> None:
    address = "KUNDENPORTAL_DATABASE_URL=postgresql://u:a$HOME%20'b@db/n?sslmode=require&sslrootcert=/x y"
    (open_to_all / "environment").write_text(
        "# a comment, KUNDENPORTAL_NOT=this\nKUNDENPORTAL_MAIL_FROM=old@example.org\nOTHER=x\n"
        f"KUNDENPORTAL_DATA_DIR=/srv\n  KUNDENPORTAL_MAIL_FROM=portal@example.org\n{address}"
    )
    done = run(script, "issue-access", "--name", "A $B 'c'", "")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        *("nobody", "/", "0077", "HOME=/nonexistent", address),
        *("KUNDENPORTAL_DATA_DIR=/var/tmp/trial", "KUNDENPORTAL_MAIL_FROM=portal@example.org"),
        "<issue-access><--name><A $B 'c'><>typed",
    ]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (None, "cannot be read; run this as root."),
        ("KUNDENPORTAL_SECRET_KEY='s3cret'", "write KUNDENPORTAL_SECRET_KEY without quotation marks and backslashes"),
        ('KUNDENPORTAL_SECRET_KEY="s3cret"', "write KUNDENPORTAL_SECRET_KEY without quotation marks and backslashes"),
        ("KUNDENPORTAL_SECRET_KEY=s3\\cret", "write KUNDENPORTAL_SECRET_KEY without quotation marks and backslashes"),
    ],
)
def test_settings_that_systemd_would_read_otherwise_are_refused(
    open_to_all: Path, script: str, settings: str | None, sentence: str
) -> None:
    if settings is not None:
        (open_to_all / "environment").write_text(settings)
    done = run(script, "accounts")
    assert (done.returncode, done.stdout) == (1, "")
    assert sentence in done.stderr
    assert "cret" not in done.stderr

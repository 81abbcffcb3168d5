"""The portal on many machines: a database host, web hosts, worker hosts, a proxy, and somebody outside."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import psycopg

from config.processes import eventually
from factories.environments import SOURCES
from factories.mail_server import MailServer
from kundenportal.config.postgres.owner import owner_of
from kundenportal.config.postgres.programs import programs_for

from .crowd import NAME, VISITORS, ask
from .hosts import BROADEST, Network, standing_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .hosts import Host

NGINX_SITE = Path(__file__).parents[2] / "deploy/nginx/kundenportal.conf"
TOKEN = "t" * 40
SECONDS_TO_END = 60
SECONDS_UNTIL_STARTED_AGAIN = 2  # RestartSec of the units in deploy/systemd
AROUND_SITE = """
worker_processes 2;
user root;
pid {place}/pid;
error_log {place}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    types {{ text/css css; text/html html; }}
    include {place}/site.conf;
}}
"""
NEW_DATABASE = (  # as docs/settings.md says
    "CREATE ROLE kundenportal LOGIN PASSWORD 'secret'",
    "CREATE DATABASE kundenportal OWNER kundenportal ENCODING 'UTF8' TEMPLATE template0",
)
WHO_MAY_ENTER = f"local all all trust\nhost all kundenportal {BROADEST} scram-sha-256\n"


class Program:
    """A program on a host, as a unit of systemd's keeps it."""

    def __init__(self, host: Host, *words: str, **settings: str | Path) -> None:
        self.host = host
        self.log = host.directory / f"{words[-1]}.log"
        self._words, self._settings = words, settings
        self._nsenter: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """It runs."""
        with self.log.open("ab") as log:
            self._nsenter = self.host.start(self._words, log, **self._settings)

    @property
    def process(self) -> psutil.Process:
        """The program itself."""
        assert self._nsenter is not None
        return psutil.Process(self._nsenter.pid).children()[0]

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """It was told to end, and has."""
        assert self._nsenter is not None
        os.kill(self.process.pid, number)
        self._nsenter.wait(SECONDS_TO_END)

    def reap(self) -> None:
        """Its host is off."""
        if self._nsenter is not None:
            self._nsenter.wait(SECONDS_TO_END)

    @property
    def said(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")


@dataclass
class Landscape:
    """All of it, and what is done to it."""

    network: Network
    mail: MailServer = field(default_factory=MailServer)
    programs: dict[str, Program] = field(default_factory=dict)
    # The version of the portal on a host, if it is not that of the tests.
    sources: dict[str, Path] = field(default_factory=dict)

    def host(self, name: str) -> Host:
        """One of the machines."""
        return self.network.hosts[name]

    @property
    def database_url(self) -> str:
        """The database as the other hosts know it."""
        return f"postgresql://kundenportal:secret@{self.host('database').address}/kundenportal?sslmode=disable"

    def settings(self, host: Host) -> dict[str, str | Path]:
        """What is set on a host that runs a part of the portal."""
        own: dict[str, str | Path] = {
            "DATA_DIR": host.directory / "data",
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": "k" * 40,
            "BASE_URL": f"https://{NAME}",
            "BIND": f"{host.address}:8000",
            "TRUSTED_PROXIES": self.host("proxy").address,
            "SMTP_URL": self.mail.url,
            "MAIL_FROM": "portal@example.org",
            "METRICS_TOKEN": TOKEN,
            "WEB_PROCESSES": "2",
        }
        return {
            "PYTHONPATH": self.sources.get(host.name, SOURCES),
            **{f"KUNDENPORTAL_{name}": value for name, value in own.items()},
        }

    def command(self, host: str, *words: str) -> str:
        """What a command of the portal prints on a host."""
        there = self.host(host)
        return there.run(*_command(*words), **self.settings(there))

    def start_database(self) -> None:
        """The database answers, with everything it was told."""
        host = self.host("database")
        cluster = host.directory / "cluster"
        owner = owner_of(cluster)
        programs = programs_for(owner, host.directory)
        demoted = ["setpriv", f"--reuid={owner.uid}", f"--regid={owner.gid}", "--clear-groups"]
        if not cluster.exists():
            cluster.mkdir(mode=0o700)
            owner.take(cluster)
            host.run(*demoted, str(programs / "initdb"), "-D", str(cluster), "-U", "postgres", "--locale=C")
            (cluster / "pg_hba.conf").write_text(WHO_MAY_ENTER)
        program = Program(
            host,
            *demoted,
            str(programs / "postgres"),
            *("-D", str(cluster), "-c", f"listen_addresses={host.address}"),
            *("-c", f"unix_socket_directories={cluster}"),
        )
        program.log = host.directory / "postgres.log"
        program.start()
        self.programs["database"] = program
        eventually(lambda: self.administer("SELECT 1"))

    def administer(self, *statements: str) -> bool:
        """What the database's administrator does, on its own host: true once it is done."""
        cluster = self.host("database").directory / "cluster"
        with psycopg.connect(f"host={cluster} user=postgres dbname=postgres", autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)
        return True

    def query(self, statement: str, *values: object) -> list[Any]:
        """What the database answers to somebody outside."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            return connection.execute(statement, values).fetchall()

    def figure(self, statement: str, *values: object) -> int:
        """The one number the database answers."""
        return int(self.query(statement, *values)[0][0])

    def start_web(self, name: str) -> None:
        """A web host answers."""
        host = self.host(name)
        program = Program(host, *_command("web"), **self.settings(host))
        self.programs[name] = program
        program.start()
        eventually(lambda: _is_ready(host))

    def start_worker(self, name: str) -> None:
        """A worker host does jobs; a worker that ends is started again, as its unit does."""
        host = self.host(name)
        kept = f'while :; do "$0" "$@"; sleep {SECONDS_UNTIL_STARTED_AGAIN}; done'
        program = Program(host, "sh", "-c", kept, *_command("worker"), **self.settings(host))
        self.programs[name] = program
        program.start()

    def start_proxy(self) -> None:
        """nginx stands before the web hosts, with the site of deploy/."""
        host = self.host("proxy")
        place = host.directory
        # So that connections to a host that has vanished are noticed (docs/many-machines.md).
        for name, value in (("keepalive_time", 5), ("keepalive_intvl", 2), ("keepalive_probes", 3), ("retries2", 6)):
            host.run("sysctl", "-qw", f"net.ipv4.tcp_{name}={value}")
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
                *("-subj", f"/CN={NAME}", "-keyout", place / "privkey.pem", "-out", place / "fullchain.pem"),
            ],
            check=True,
            capture_output=True,
        )
        shutil.copy(NGINX_SITE.with_name("portal-is-away.html"), place)
        (place / "site.conf").write_text(_site(place, [self.host(name).address for name in ("web1", "web2")]))
        (place / "nginx.conf").write_text(AROUND_SITE.format(place=place))
        program = Program(
            host, "/usr/sbin/nginx", "-e", f"{place}/error.log", "-g", "daemon off;", "-c", f"{place}/nginx.conf"
        )
        program.log = place / "nginx.log"
        program.start()
        self.programs["proxy"] = program

    def reap(self) -> None:
        """All hosts are off."""
        for program in self.programs.values():
            program.reap()

    def power_off(self, name: str) -> None:
        """A host is gone from one moment to the next."""
        self.network.power_off(self.host(name))
        self.programs.pop(name).reap()

    def kill(self, name: str) -> None:
        """Everything on a host is killed; its system still says so to whoever was connected."""
        self.network.kill(self.host(name))
        self.programs.pop(name).reap()

    def switch_on(self, name: str) -> None:
        """It is back, with what was on its disk."""
        self.network.switch_on(self.host(name))


def _command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "kundenportal.config.cli", *words]


def _is_ready(host: Host) -> bool:
    return ask(host.address, 8000, "/health/ready").status == 200


def _site(place: Path, addresses: list[str]) -> str:
    site = NGINX_SITE.read_text(encoding="utf-8")
    # As its comment says: the lines for several hosts instead of the one.
    site = site.replace("    server 127.0.0.1:8000;\n", "").replace("    #server ", "    server ")
    for example, address in zip(("192.0.2.11", "192.0.2.12"), addresses, strict=True):
        assert site.count(f"server {example}:8000 ") == 2
        site = site.replace(example, address)
    for name, here in (
        (f"/etc/letsencrypt/live/{NAME}", str(place)),
        ("/usr/share/kundenportal", str(place)),
        ("/var/lib/kundenportal", str(place)),
        ("/var/log/nginx/kundenportal.log", str(place / "access.log")),
        ("/var/log/nginx/error.log", str(place / "error.log")),
    ):
        assert name in site
        site = site.replace(name, here)
    return re.sub(r"^ +listen \[::\].*\n", "", site, flags=re.MULTILINE)


@contextmanager
def landscape(directory: Path) -> Iterator[Landscape]:
    """Everything runs, and this thread stands outside, where customers are."""
    uploads = directory / "uploads"
    uploads.mkdir()
    network = Network(directory)
    with ExitStack() as stack:
        there = Landscape(network)
        stack.callback(there.reap)
        stack.callback(network.take_down)
        outside = network.add("outside")
        for name in ("database", "proxy"):
            network.add(name)
        for name in ("web1", "web2", "worker1", "worker2"):
            # What editors upload lies on a file server, which all of them mount.
            network.add(name, {"data/uploads": uploads})
        for address in VISITORS:
            outside.run("ip", "address", "add", f"{address}/16", "dev", "card")
        stack.enter_context(standing_on(outside))
        there.mail = stack.enter_context(MailServer(host=outside.address, port=25))
        there.start_database()
        there.administer(*NEW_DATABASE)
        there.command("web1", "migrate")
        for name in ("web1", "web2"):
            there.start_web(name)
        for name in ("worker1", "worker2"):
            there.start_worker(name)
        there.start_proxy()
        yield there

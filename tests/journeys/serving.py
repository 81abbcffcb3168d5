"""The portal as an operator starts it: processes of its own, a database of its own, a free port."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import kundenportal
from factories.environments import plain_environment
from factories.loaded import Loaded
from factories.stock import lay_down

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

SECONDS_TO_START = 240
SECONDS_TO_STOP = 30
SECONDS_FOR_A_COMMAND = 240
SECONDS_BETWEEN_LOOKS = 0.05

PACKAGE = Path(kundenportal.__file__).parent
CLOCK = Path(__file__).with_name("moved_clock.py")
HASH_COUNTER = Path(__file__).with_name("counted_hashes.py")
COMMAND = ("-m", "kundenportal.config.cli")


@dataclass(frozen=True)
class Portal:
    """A portal in a directory of its own; whatever is run in it is run with its settings."""

    directory: Path
    settings: Mapping[str, str]
    loaded: Loaded | None = None

    @property
    def url(self) -> str:
        """The address a browser is pointed to."""
        return f"http://{self.settings['BIND']}"

    def with_settings(self, **settings: str) -> Portal:
        """The same portal, set up otherwise in these points."""
        return replace(self, settings={**self.settings, **settings}, loaded=None)

    def command(self, *words: str) -> str:
        """What the command prints; the journey ends here if it is refused."""
        done = self.loaded.run(*words) if self.loaded else self._run(*words)
        assert done.returncode == 0, f"kundenportal {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def _run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", *COMMAND, *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=SECONDS_FOR_A_COMMAND,
            check=False,
        )

    def issue_access(
        self, address: str, *, name: str, organisation: str, language: str = "de", role: str = "customer"
    ) -> None:
        """Access is issued on the command line, as a script would."""
        options = {"--name": name, "--organisation": organisation, "--language": language, "--role": role}
        self.command("issue-access", address, *(word for option in options.items() for word in option))

    def accounts(self) -> dict[str, dict[str, str | None]]:
        """What the command line says of every account, by address."""
        rows = [json.loads(line) for line in self.command("accounts", "--json").splitlines()]
        return {row["address"]: row for row in rows}

    def python(self, code: str) -> str:
        """What the code prints inside the portal; for states no page leads to."""
        return self.command("manage", "shell", "--no-imports", "-c", code).strip()

    @contextmanager
    def running(
        self,
        *words: str,
        at: datetime | None = None,
        counting_hashes_in: Path | None = None,
        complaining_of: str = "",
    ) -> Iterator[Portal]:
        """The command runs and answers meanwhile, by the present time or one at which its clock stands still.

        Where a file is given, it grows by one byte for each run of Argon2. It may report the fault that is named.
        """
        start = [sys.executable, "-P", *COMMAND]
        if at:
            start = [sys.executable, "-P", str(CLOCK), at.isoformat()]
        if counting_hashes_in:
            start = [sys.executable, "-P", str(HASH_COUNTER), str(counting_hashes_in)]
        log = self.directory / f"{words[0]}-{self.settings['BIND'].rpartition(':')[2]}.log"
        with log.open("wb") as output:
            process = subprocess.Popen([*start, *words], env=self.environment(), stdout=output, stderr=output)
        try:
            _wait_until_it_answers(self, process, log)
            yield self
        finally:
            code = _stop(process)
        said = log.read_text()
        assert code == 0, f"kundenportal {words[0]} ended with {code}:\n{said}"
        if complaining_of:
            said = "\n".join(line for line in said.splitlines() if complaining_of not in line)
        for fault in (" ERROR ", "has died"):
            assert fault not in said, f"kundenportal {words[0]} reported a fault of its own:\n{said}"

    def environment(self) -> dict[str, str]:
        """Ours without anything the portal reads, but with its settings."""
        return plain_environment(**self.settings)


@contextmanager
def new_portal(**settings: str) -> Iterator[Portal]:
    """A portal that nobody has used yet; its directory is gone afterwards."""
    _assert_set_up()
    # Short, because the path of a socket may have 107 characters.
    directory = Path(tempfile.mkdtemp(prefix="kundenportal-journey-"))
    directory.chmod(0o711)  # if the tests run as root, PostgreSQL runs as a user of its own
    try:
        defaults = {"DATA_DIR": str(directory / "data"), "BIND": f"127.0.0.1:{free_port()}"}
        # All the journeys come from one address.
        yield Portal(directory, {**defaults, "ENTRIES_PER_MINUTE": "60000", **settings})
    finally:
        shutil.rmtree(directory)


@contextmanager
def ready_portal(**settings: str) -> Iterator[Portal]:
    """The same, its tables up to date and its commands loaded: it starts ten seconds sooner, and they start one."""
    with new_portal(**settings) as portal:
        lay_down(Path(portal.settings["DATA_DIR"]))
        loaded = Loaded(portal.environment())
        yield replace(portal, loaded=loaded)
        loaded.end()


def free_port() -> int:
    """A port of this machine nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _assert_set_up() -> None:
    for name in ("css/portal.css", "js/portal.js"):
        source, collected = PACKAGE / "web/shared/static" / name, PACKAGE / "static-collected" / name
        is_collected = source.exists() and collected.exists() and source.read_bytes() == collected.read_bytes()
        assert is_collected, f"{name} has not been collected since it was changed; run `make setup` first."


def _wait_until_it_answers(portal: Portal, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert process.poll() is None, f"The portal ended at its start:\n{log.read_text()}"
        try:
            with urllib.request.urlopen(portal.url, timeout=5):
                return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(SECONDS_BETWEEN_LOOKS)
    raise AssertionError(f"The portal does not answer on {portal.url}:\n{log.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise

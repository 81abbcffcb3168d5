"""Machines of a network of their own, on this one: Linux namespaces, joined by a bridge.

Whatever runs on a host dies with its first process, and that with whoever started it: no end of the tests, however
sudden, leaves a process or an interface behind. Nothing of it is seen in this machine's own network.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import psutil

from config.processes import eventually
from kundenportal.config.children import start_child

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

NETWORK = "10.77"
BROADEST = f"{NETWORK}.0.0/16"
CLONE_NEWNET = 0x4000_0000
FIRST_PROCESS = ("sleep", "infinity")
# A memory of its own, as on a machine of its own: what is left there goes with the host.
IN_MEMORY = "/dev/shm"


@dataclass
class Host:
    """One machine: its own processes, its own network, its own mounts."""

    name: str
    number: int
    directory: Path
    mounts: Mapping[Path, Path] = field(default_factory=dict)
    _outer: subprocess.Popen[bytes] | None = None
    _first: psutil.Process | None = None

    @property
    def address(self) -> str:
        """Its address in the network."""
        return f"{NETWORK}.0.{self.number}"

    @property
    def pid(self) -> int:
        """The number of its first process, by which its namespaces are named."""
        assert self._first is not None, f"{self.name} is off"
        return int(self._first.pid)

    def switch_on(self) -> None:
        """It runs, and nothing runs on it yet."""
        words = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", *FIRST_PROCESS]
        # Killed, it complains of a signal mask.
        self._outer = start_child(words, dies_by=signal.SIGKILL, stderr=subprocess.DEVNULL)
        eventually(self._has_begun)
        self.run("mount", "-t", "tmpfs", "tmpfs", IN_MEMORY)
        for place, what in self.mounts.items():
            place.mkdir(parents=True, exist_ok=True)
            self.run("mount", "--bind", str(what), str(place))
        self.run("ip", "link", "set", "lo", "up")

    def _has_begun(self) -> bool:
        assert self._outer is not None
        self._first = psutil.Process(self._outer.pid).children()[0]
        return bool(self._first.cmdline() == list(FIRST_PROCESS))

    def kill(self) -> None:
        """Every process on it is killed at once, and it is no more."""
        if self._first is not None and self._outer is not None:
            self._first.kill()
            self._outer.wait()
            self._first = self._outer = None

    def words(self, *words: str) -> list[str]:
        """A command as it is given here to be run there."""
        return ["nsenter", "--net", "--mount", "--pid", "--target", str(self.pid), "--", *words]

    def run(self, *words: str, **options: str | Path) -> str:
        """What a command there prints; one that fails ends the test."""
        done = subprocess.run(self.words(*words), env=_plain(options), check=False, capture_output=True, text=True)
        assert done.returncode == 0, f"{self.name}: {' '.join(words)}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self, words: Sequence[str], log: IO[bytes], **settings: str | Path) -> subprocess.Popen[bytes]:
        """A program that runs there until it or the host is ended."""
        return subprocess.Popen(
            self.words(*words), env=_plain(settings), stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


def _plain(settings: Mapping[str, str | Path]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("KUNDENPORTAL_")}
    return inherited | {name: str(value) for name, value in settings.items()}


@dataclass
class Network:
    """Hosts with a cable each to one bridge."""

    directory: Path
    hosts: dict[str, Host] = field(default_factory=dict)
    _switch: Host | None = None

    @property
    def switch(self) -> Host:
        """Where the cables end."""
        assert self._switch is not None
        return self._switch

    def add(self, name: str, mounts: Mapping[str, Path] | None = None) -> Host:
        """A host that is switched on and connected; `mounts` are places in its directory that lie elsewhere."""
        if self._switch is None:
            self._switch = Host("switch", 254, self.directory)
            self._switch.switch_on()
            self._switch.run("ip", "link", "add", "bridge", "type", "bridge")
            self._switch.run("ip", "link", "set", "bridge", "up")
        directory = self.directory / name
        directory.mkdir()
        directory.chmod(0o711)
        host = Host(
            name,
            len(self.hosts) + 1,
            directory,
            {directory / place: what for place, what in (mounts or {}).items()},
        )
        self.hosts[name] = host
        self.switch_on(host)
        return host

    def switch_on(self, host: Host) -> None:
        """A host runs and is connected, by the same address as ever."""
        host.switch_on()
        cable, card = f"to-{host.name}", f"02:00:00:00:00:{host.number:02x}"
        subprocess.run(
            [
                *("ip", "link", "add", "name", cable, "netns", str(self.switch.pid), "type", "veth"),
                *("peer", "name", "card", "address", card, "netns", str(host.pid)),
            ],
            check=True,
        )
        self.switch.run("ip", "link", "set", cable, "master", "bridge", "up")
        host.run("ip", "address", "add", f"{host.address}/16", "dev", "card")
        host.run("ip", "link", "set", "card", "up")

    def power_off(self, host: Host) -> None:
        """A host is gone from one moment to the next: its cable is cut first, so that nobody is told."""
        self.switch.run("ip", "link", "set", f"to-{host.name}", "down")
        self.kill(host)

    def kill(self, host: Host) -> None:
        """Everything on a host is killed, and it is switched off."""
        host.kill()
        # Its network goes by itself, but perhaps only when it has given up saying goodbye to everybody.
        self.switch.run("sh", "-c", 'ip link delete "$0" 2>/dev/null || true', f"to-{host.name}")

    def take_down(self) -> None:
        """Nothing of it is left."""
        for host in (*self.hosts.values(), *([self._switch] if self._switch else [])):
            host.kill()


@contextmanager
def standing_on(host: Host) -> Iterator[None]:
    """Meanwhile this thread, and whatever it starts, is in the network of a host."""
    ours = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    theirs = os.open(f"/proc/{host.pid}/ns/net", os.O_RDONLY)
    try:
        _enter(theirs)
        yield
    finally:
        _enter(ours)
        os.close(ours)
        os.close(theirs)


def _enter(network: int) -> None:
    # os.setns came with Python 3.12.
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(network, CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))

"""The settings, and the machine they are for."""

from __future__ import annotations

import ctypes
import shutil
import stat
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from kundenportal.config.addresses import LOOPBACK
from kundenportal.config.doctor.findings import ok, problem, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.doctor.findings import Finding
    from kundenportal.config.env import Environment

SECONDS_TO_ANSWER = 5
GIBIBYTE = 1 << 30
# Bytes and parts of the whole, whichever is reached first; the least is that of the alert KundenportalDiskFull.
LEAST_SPACE, LITTLE_SPACE = (2_000_000_000, 0.05), (5_000_000_000, 0.1)
ANYBODY_ELSE, TO_BE_READ_BY_OTHERS = 0o077, 0o066
LARGEST_TIMEX = 512  # bytes; struct timex has some two hundred
NOT_SYNCHRONISED = 5  # TIME_ERROR in adjtimex(2)
WHO_GETS_LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")  # such as "always [madvise] never"; Linux


def findings(environment: Environment) -> Iterator[Finding]:
    """What can be said without a database."""
    yield _address(environment)
    yield _answer(environment)
    yield from _proxies(environment)
    yield from _data_directory(environment)
    yield _clock()
    yield from _large_pages(WHO_GETS_LARGE_PAGES)


def _address(environment: Environment) -> Finding:
    parts = urlsplit(environment.base_url)
    if parts.scheme == "https":
        return ok("Address", f"People type {environment.base_url}.")
    advice = "Set KUNDENPORTAL_BASE_URL to the https:// address people type."
    if parts.hostname in LOOPBACK:
        return warning("Address", f"{environment.base_url} is reached from this machine only.", advice)
    return problem("Address", f"Passwords travel to {environment.base_url} unencrypted.", advice)


def _answer(environment: Environment) -> Finding:
    place = f"{environment.base_url}/health/live"
    try:
        with urllib.request.urlopen(place, timeout=SECONDS_TO_ANSWER) as answer:  # noqa: S310 - http:// or https:// only
            alive = answer.read(100) == b"alive\n"
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "reason", None) or fault
        return warning(
            "Portal",
            f"It does not answer at {place}: {reason}.",
            "Start it with `kundenportal serve`; if it runs, look at the proxy in front of it, its certificate and the "
            "name's address, unless this machine cannot reach that address and others can.",
        )
    except HTTPException:
        alive = False
    if not alive:
        return problem(
            "Portal", f"Something else answers at {place}.", "Let the proxy pass every address on to the portal."
        )
    return ok("Portal", f"It answers at {environment.base_url}.")


def _proxies(environment: Environment) -> Iterator[Finding]:
    only_this_machine = all(network.is_loopback for network in environment.trusted_proxies)
    if only_this_machine and environment.bind.host not in LOOPBACK:
        yield warning(
            "Proxies",
            f"The portal listens on {environment.bind} and believes proxies on this machine only.",
            "Name those on other machines in KUNDENPORTAL_TRUSTED_PROXIES, "
            "or everybody behind them shares one limit of entries.",
        )
    else:
        yield ok("Proxies", f"Believed are {', '.join(map(str, environment.trusted_proxies))}.")


def _data_directory(environment: Environment) -> Iterator[Finding]:
    directory = environment.data_dir
    if not directory.is_dir():
        yield warning("Data directory", f"There is no {directory} yet.", "The first start makes it.")
        return
    try:
        mode, usage = directory.stat().st_mode, shutil.disk_usage(directory)
        yield _listing(directory, mode)
        yield from _key(environment, environment.kept_secret_key)
    except OSError as fault:
        yield problem(
            "Data directory", f"{directory}: {fault.strerror}.", "Run the doctor as the user the portal runs as."
        )
        return
    yield _space(directory, usage.free, usage.total)


def _listing(directory: Path, mode: int) -> Finding:
    if mode & TO_BE_READ_BY_OTHERS:
        return problem("Data directory", f"Others may look into {directory}.", f"Run: chmod go-rw {directory}")
    return ok("Data directory", f"{directory} is closed to others.")


def _key(environment: Environment, kept: Path) -> Iterator[Finding]:
    if environment.secret_key is not None:
        yield ok("Secret key", "It is set by KUNDENPORTAL_SECRET_KEY.")
    elif not kept.exists():
        yield warning("Secret key", "There is none yet.", "The first start makes it.")
    elif stat.S_IMODE(kept.stat().st_mode) & ANYBODY_ELSE:
        yield problem("Secret key", f"Others may read {kept}.", f"Run: chmod 600 {kept}")
    elif environment.database is not None:
        yield warning(
            "Secret key",
            f"It is kept in {kept}, on this machine only.",
            "Where several machines serve the portal, give all of them the same KUNDENPORTAL_SECRET_KEY.",
        )
    else:
        yield ok("Secret key", f"{kept} is closed to others.")


def _space(directory: Path, free: int, total: int) -> Finding:
    words = f"{free / GIBIBYTE:.1f} of {total / GIBIBYTE:.1f} GiB are free where {directory} is."

    def is_below(limit: tuple[int, float]) -> bool:
        return free < limit[0] or free < limit[1] * total

    if is_below(LEAST_SPACE):
        return problem("Disk", words, "Make room now: a database without space stops.")
    if is_below(LITTLE_SPACE):
        return warning("Disk", words, "Make room before it is needed.")
    return ok("Disk", words)


def _clock() -> Finding:
    answer = -1
    with suppress(AttributeError, OSError):
        # Asked, not set: a struct of nothing but zeros changes nothing.
        answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(LARGEST_TIMEX))
    if answer == NOT_SYNCHRONISED:
        return warning(
            "Clock",
            "Nothing keeps this machine's clock right.",
            "Let chrony or systemd-timesyncd do so: passwords, links and sessions end by the clock. "
            "In a container, see to it on its host.",
        )
    if answer < 0:
        return warning("Clock", "Whether anything keeps it right cannot be told here.", "See to it on the host.")
    return ok("Clock", "It is kept right.")


def _large_pages(said: Path) -> Iterator[Finding]:
    """Whether the memory of a hash is there in ten pieces or in five thousand; nothing where no kernel says so."""
    try:
        words = said.read_text(encoding="ascii")
    except OSError:
        return
    if "[always]" in words:
        yield ok("Large pages", "Memory comes in large pages.")
    else:
        yield warning(
            "Large pages",
            "Memory comes in small pages only, so each sign-in takes a third more of a processor.",
            "If many sign in at once, let the system give large ones: docs/operating.md, “Large pages”.",
        )

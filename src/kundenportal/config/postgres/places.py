"""Where the embedded database keeps its things, and under which address it is found."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from kundenportal.config.addresses import DatabaseAddress
from kundenportal.config.postgres.failures import DatabaseUnavailable

if TYPE_CHECKING:
    from kundenportal.config.env import Environment
    from kundenportal.config.postgres.owner import Owner

NAME = "kundenportal"
SOCKET_FILE = ".s.PGSQL.5432"
# A socket's whole path may have 107 bytes on Linux and 103 on macOS.
LONGEST_SOCKET_PATH = 103


def cluster(directory: Path) -> Path:
    """PostgreSQL's own folder, the only thing here that belongs to its user."""
    return directory / "postgres"


def major_of(directory: Path) -> int | None:
    """The major version of PostgreSQL that made the database, or nothing where there is none."""
    try:
        return int((cluster(directory) / "PG_VERSION").read_text(encoding="ascii"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def size_of(directory: Path) -> int:
    """What the files in it take, in bytes; a database may be at work there, so that files come and go meanwhile."""
    size = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            with suppress(FileNotFoundError):
                size += Path(folder, name).lstat().st_size
    return size


def successor(directory: Path) -> Path:
    """A data directory of its own, in which an upgrade makes the database that is to take this one's place."""
    return directory / "postgres-upgrade"


def outdated(directory: Path) -> Path:
    """The database of an older major, once another has taken its place and until that is all done."""
    return directory / "postgres-before-upgrade"


def log(directory: Path) -> Path:
    """What PostgreSQL has to say."""
    return directory / "postgres.log"


def socket_directory(directory: Path) -> Path:
    """The folder of the socket, as far as the last start has settled it."""
    try:
        return Path(_record(directory).read_text(encoding="utf-8").rstrip("\n"))
    except FileNotFoundError:
        return directory / "postgres-socket"


def address_in(directory: Path) -> DatabaseAddress:
    """The address of the database kept in a directory, as far as the last start has settled it."""
    return DatabaseAddress(host=str(socket_directory(directory)), name=NAME, user=NAME)


def embedded_database(environment: Environment) -> DatabaseAddress:
    """The address of the database in the data directory, whether it runs or not."""
    return address_in(environment.data_dir)


def database_of(environment: Environment) -> DatabaseAddress:
    """The address of the database the portal works with: the operator's own, or the one in the data directory."""
    return environment.database or embedded_database(environment)


def make_socket_directory(directory: Path, owner: Owner) -> Path:
    """A folder for the socket that only its owner can enter, with a path short enough for a socket."""
    near = directory / "postgres-socket"
    if _fits(near):
        _record(directory).unlink(missing_ok=True)
        near.mkdir(mode=0o700, exist_ok=True)
        owner.take(near)
        near.chmod(0o700)
        return near
    recorded = socket_directory(directory)
    if recorded != near and _is_private(recorded, owner):
        return recorded
    return _make_short_socket_directory(directory, owner)


def _make_short_socket_directory(directory: Path, owner: Owner) -> Path:
    # The data directory lies too deep for a socket. The name is random, so that nobody can lie in wait for
    # it in a folder everybody may write to, and therefore written down where clients of ours find it.
    for parent in (Path("/run"), Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - private inside
        if not (parent.is_dir() and os.access(parent, os.W_OK) and _fits(parent / "kundenportal-xxxxxxxx")):
            continue
        short = Path(tempfile.mkdtemp(prefix="kundenportal-", dir=parent))
        owner.take(short)
        draft = _record(directory).with_suffix(".draft")
        draft.write_text(f"{short}\n", encoding="utf-8")
        draft.rename(_record(directory))
        return short
    raise DatabaseUnavailable(
        f"The path of the data directory {directory} is too long for a socket, and no shorter place for one "
        "could be found in /run or /tmp."
    )


def _record(directory: Path) -> Path:
    return directory / "postgres-socket-directory"


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory / SOCKET_FILE)) <= LONGEST_SOCKET_PATH


def _is_private(directory: Path, owner: Owner) -> bool:
    try:
        status = directory.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == owner.uid and not status.st_mode & 0o077

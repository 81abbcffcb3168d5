"""Who runs PostgreSQL: whoever starts the portal, or a system user of ours where that is root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kundenportal.config.postgres.failures import DatabaseUnavailable

if TYPE_CHECKING:
    from pathlib import Path

SYSTEM_USER = "kundenportal"
SECONDS_FOR_A_NEW_USER = 10


@dataclass(frozen=True)
class Owner:
    """The user PostgreSQL runs as."""

    name: str
    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Whether that is the user this process runs as."""
        return self.uid == os.geteuid()

    @property
    def start_options(self) -> dict[str, Any]:
        """The options with which a process is started as this user."""
        return {} if self.is_us else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def take(self, path: Path) -> None:
        """The path, which we have just made, belongs to this user."""
        if not self.is_us:
            os.chown(path, self.uid, self.gid)

    def may_pass(self, path: Path) -> bool:
        """Whether this user can enter a folder or run a program, judged by the system itself."""
        if self.is_us:
            return os.access(path, os.X_OK)
        test = shutil.which("test") or "/usr/bin/test"
        command = [test, "-x", str(path)]
        return subprocess.run(command, check=False, cwd="/", **self.start_options).returncode == 0  # noqa: S603


def owner_of(cluster: Path) -> Owner:
    """The user an existing database belongs to, or the one a new one is to belong to."""
    uid = cluster.stat().st_uid if cluster.exists() else os.geteuid()
    if uid != 0:
        return _existing_owner(cluster, uid)
    user = _system_user() or _make_system_user()
    return Owner(user.pw_name, user.pw_uid, user.pw_gid)


def refuse_what_is_out_of_reach(directory: Path, owner: Owner) -> None:
    """The owner can enter the data directory; otherwise one sentence names the folder closed to it."""
    if owner.may_pass(directory):
        return
    closed = next(path for path in reversed((directory, *directory.parents)) if not owner.may_pass(path))
    raise DatabaseUnavailable(
        f"The data directory {directory} cannot be used because the system user {owner.name}, which runs the "
        f"database, may not enter {closed}; choose another KUNDENPORTAL_DATA_DIR, such as "
        "/var/lib/kundenportal."
    )


def _existing_owner(cluster: Path, uid: int) -> Owner:
    try:
        user = pwd.getpwuid(uid)
        name, gid = user.pw_name, user.pw_gid
    except KeyError:  # a container may run as a number that has no name
        name, gid = str(uid), cluster.stat().st_gid if cluster.exists() else os.getegid()
    if os.geteuid() not in {0, uid}:
        raise DatabaseUnavailable(
            f"The database in {cluster} belongs to the user {name}, and only {name} can start it."
        )
    return Owner(name, uid, gid)


def _system_user() -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None


def _make_system_user() -> pwd.struct_passwd:
    command = [
        *(
            shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin") or "useradd",
            "--system",
            "--user-group",
        ),
        *("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", SYSTEM_USER),
    ]
    deadline = time.monotonic() + SECONDS_FOR_A_NEW_USER
    while True:
        try:
            attempt = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603
            fault = attempt.stderr.strip()
        except OSError:
            fault = "there is no useradd"
        # Another start may have made the user meanwhile, or still hold the lock on the list of users.
        if user := _system_user():
            return user
        if time.monotonic() > deadline or "lock" not in fault:
            raise DatabaseUnavailable(
                f"PostgreSQL does not run as root, and the system user {SYSTEM_USER} could not be made for it: {fault}."
            )
        time.sleep(0.1)

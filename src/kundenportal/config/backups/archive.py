"""What is inside a backup: a tar of the secret key, the database's dump in pieces, and the files.

The first part says what it is, the last one what all the others must add up to.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import tarfile
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, BinaryIO

from kundenportal.config.backups.failures import BackupTrouble, damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FORMAT = 1
ABOUT, CHECKSUMS, SECRET_KEY = "about.json", "checksums.json", "secret-key"
DATABASE, FILES = "database/", "files/"
BUFFER = 512 * 2048


@dataclass(frozen=True)
class About:
    """What a backup says of itself."""

    made_at: str
    version: str
    postgres: int
    migrations: list[str]
    format: int = FORMAT


def write(
    target: BinaryIO, about: About, *, secret_key: str, dump: Iterable[bytes], files: Iterable[Path], directory: Path
) -> None:
    """The whole archive; the files are those of the database in it or newer, because they are read after it."""
    checksums: dict[str, str] = {}
    with tarfile.open(fileobj=target, mode="w|", bufsize=BUFFER) as tar:

        def add(name: str, content: bytes) -> None:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o600
            tar.addfile(member, io.BytesIO(content))
            checksums[name] = hashlib.sha256(content).hexdigest()

        add(ABOUT, json.dumps(asdict(about)).encode())
        add(SECRET_KEY, secret_key.encode())
        for number, piece in enumerate(dump, start=1):
            add(f"{DATABASE}{number:08}", piece)
        for path in files:
            name = f"{FILES}{path.relative_to(directory)}"
            if (checksum := _add_file(tar, name, path)) is not None:
                checksums[name] = checksum
        add(CHECKSUMS, json.dumps(checksums).encode())


def parts(source: BinaryIO, name: object) -> Iterator[tuple[str, io.BufferedReader]]:
    """Every part but the last, in order; Damaged at the end unless they add up to what the last one says."""
    found: dict[str, str] = {}
    told: object = None
    try:
        with tarfile.open(fileobj=source, mode="r|", bufsize=BUFFER) as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None:
                    continue
                if member.name == CHECKSUMS:
                    told = json.load(content)
                    continue
                hashed = _Hashing(content)
                yield member.name, io.BufferedReader(hashed, BUFFER)
                found[member.name] = hashed.checksum_of_all()
        while source.read(BUFFER):
            pass  # the seal holds to the last byte only if the last byte was read
    except (tarfile.TarError, ValueError):
        raise damaged(name) from None
    if told != found:
        raise damaged(name)


def about_in(content: io.BufferedReader, name: object) -> About:
    """What the first part says; one of a format we do not know is refused."""
    said = json.load(content)
    if said.get("format") != FORMAT:
        raise BackupTrouble(f"{name} was made by a newer Kundenportal, {said.get('version')}; restore it with that.")
    return About(**said)


class _Hashing(io.RawIOBase):
    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        content = self._content.read(len(buffer))
        self._digest.update(content)
        buffer[: len(content)] = content
        return len(content)

    def checksum_of_all(self) -> str:
        while self.read(BUFFER):
            pass
        return self._digest.hexdigest()


def _add_file(tar: tarfile.TarFile, name: str, path: Path) -> str | None:
    """Its checksum; None for what is no file, or was removed meanwhile."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None
    except OSError:
        if path.is_symlink() or not path.is_file():
            return None
        raise
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = status.st_size, status.st_mode & 0o777, int(status.st_mtime)
        hashed = _Hashing(file)
        tar.addfile(member, hashed)
        return hashed.checksum_of_all()

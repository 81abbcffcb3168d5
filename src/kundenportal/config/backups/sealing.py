"""Backups under seal: the age format (age-encryption.org), as any `age` can open it, in constant memory.

Under a passphrase, a file begins with a key of its own that the passphrase opens, armoured; what follows is for that
key. Without one, the whole file is for the key in a key file.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

import pyrage

from kundenportal.config.backups.failures import BackupTrouble, damaged
from kundenportal.config.key_files import keep_new_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BEGIN, END = b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"-----END AGE ENCRYPTED FILE-----\n"
LONGEST_ARMOUR = 4096  # bytes; a key under a passphrase takes some 500


@dataclass(frozen=True)
class Keys:
    """What backups are sealed and opened with: a passphrase or, without one, the key in a file."""

    passphrase: str | None = field(repr=False)
    key_file: Path

    def for_sealing(self) -> tuple[bytes, pyrage.x25519.Recipient]:
        """How a file begins, and for whom the rest of it is; a key file that is missing is made."""
        if self.passphrase is None:
            keep_new_key(self.key_file, lambda: str(pyrage.x25519.Identity.generate()))
            return b"", self._kept().to_public()
        identity = pyrage.x25519.Identity.generate()
        armour = pyrage.passphrase.encrypt(str(identity).encode(), self.passphrase, armored=True)
        return armour, identity.to_public()

    def for_opening(self, source: BinaryIO, name: object) -> pyrage.x25519.Identity:
        """The key the file is for; `source` then stands where what is sealed begins."""
        start = source.tell()
        if source.read(len(BEGIN)) != BEGIN:
            source.seek(start)
            return self._kept()
        if self.passphrase is None:
            raise BackupTrouble(f"{name} is under a passphrase; set KUNDENPORTAL_BACKUP_PASSPHRASE.")
        try:
            identity = pyrage.passphrase.decrypt(BEGIN + _rest_of_armour(source, name), self.passphrase)
            return pyrage.x25519.Identity.from_str(identity.decode())
        except pyrage.DecryptError:
            raise BackupTrouble(f"KUNDENPORTAL_BACKUP_PASSPHRASE is not the passphrase of {name}.") from None
        except (ValueError, pyrage.IdentityError):
            raise damaged(name) from None

    def is_new_in(self, place: Path) -> bool:
        """Whether backups were opened with a key from elsewhere while none is kept in this place."""
        return self.passphrase is None and not place.exists()

    def keep_in(self, place: Path) -> None:
        """The key is kept in this place, too; one that is there already stays."""
        keep_new_key(place, lambda: self.key_file.read_text(encoding="ascii").strip())

    def _kept(self) -> pyrage.x25519.Identity:
        try:
            return pyrage.x25519.Identity.from_str(self.key_file.read_text(encoding="ascii").strip())
        except FileNotFoundError:
            raise BackupTrouble(
                f"The backup is not under a passphrase but needs the key it was made with, and there is none in "
                f"{self.key_file}; name the kept copy with --key-file."
            ) from None
        except (ValueError, pyrage.IdentityError):
            raise BackupTrouble(f"{self.key_file} holds no key for backups.") from None


@contextmanager
def sealed(target: BinaryIO, keys: Keys) -> Iterator[BinaryIO]:
    """Whatever is written here is in the target under seal, whole once the block has been left."""
    beginning, recipient = keys.for_sealing()
    target.write(beginning)
    read_end, write_end = os.pipe()

    def seal_it(plain: BinaryIO) -> None:
        writer = _Remembering(target)
        try:
            pyrage.encrypt_io(plain, writer, [recipient])
        except pyrage.EncryptError:
            raise writer.fault or BackupTrouble("The backup could not be encrypted.") from None

    with _in_the_background(read_end, seal_it, "rb"), os.fdopen(write_end, "wb") as plain:
        yield plain


@contextmanager
def opened(source: BinaryIO, keys: Keys, name: object) -> Iterator[BinaryIO]:
    """What lies in the source under seal; Damaged if anything about it was changed, cut off or added."""
    identity = keys.for_opening(source, name)
    read_end, write_end = os.pipe()

    def open_it(plain: BinaryIO) -> None:
        writer = _Remembering(plain)
        try:
            pyrage.decrypt_io(source, writer, [identity])
        except (pyrage.DecryptError, OSError) as fault:
            if writer.fault:
                raise writer.fault from None
            if "matching keys" in str(fault):
                raise BackupTrouble(f"{name} was made with another key than the one in {keys.key_file}.") from None
            raise damaged(name) from None

    with _in_the_background(write_end, open_it, "wb"), os.fdopen(read_end, "rb") as plain:
        yield plain


class _Remembering:
    """Writes, and keeps what went wrong with that apart from what went wrong before it."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.fault: OSError | None = None

    def write(self, content: bytes) -> int:
        try:
            return self._target.write(content)
        except OSError as fault:
            self.fault = fault
            raise

    def flush(self) -> None:
        try:
            self._target.flush()
        except OSError as fault:
            self.fault = fault
            raise


@contextmanager
def _in_the_background(descriptor: int, work: Callable[[BinaryIO], None], mode: str) -> Iterator[None]:
    faults: list[Exception] = []

    def run() -> None:
        with suppress(BrokenPipeError), os.fdopen(descriptor, mode) as end:
            try:
                work(cast("BinaryIO", end))
            except Exception as fault:  # noqa: BLE001 - told by whoever waits for this thread
                faults.append(fault)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    except Exception:
        thread.join()
        # Whatever else went wrong followed from it: a pipe that breaks, an archive that ends too early. A pipe that
        # broke over there followed from what went wrong here.
        if faults and not isinstance(faults[0], BrokenPipeError):
            raise faults[0] from None
        raise
    thread.join()
    if faults:
        raise faults[0]


def _rest_of_armour(source: BinaryIO, name: object) -> bytes:
    armour = b""
    while not armour.endswith(END):
        line = source.readline(LONGEST_ARMOUR)
        armour += line
        if not line or len(armour) > LONGEST_ARMOUR:
            raise damaged(name)
    return armour

"""Backups under seal: opened by who holds the key, and by nobody if a single byte is not as it was."""

from __future__ import annotations

import errno
import io
import shutil
import subprocess
from pathlib import Path

import pytest

from kundenportal.config.backups.failures import BackupTrouble, Damaged
from kundenportal.config.backups.sealing import Keys, opened, sealed

CONTENT = bytes(range(256)) * 1000
PASSPHRASE = "a passphrase for nothing but tests"


def seal(keys: Keys, content: bytes = CONTENT) -> bytes:
    target = io.BytesIO()
    with sealed(target, keys) as plain:
        plain.write(content)
    return target.getvalue()


def unseal(content: bytes, keys: Keys) -> bytes:
    with opened(io.BytesIO(content), keys, "the file") as plain:
        return plain.read()


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(None, tmp_path / "key")


@pytest.fixture(scope="module")
def by_passphrase(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """A passphrase, and where a key would lie."""
    return Keys(PASSPHRASE, tmp_path_factory.mktemp("passphrase") / "key")


@pytest.fixture(scope="module")
def under_passphrase(by_passphrase: Keys) -> bytes:
    """The content under a passphrase, for all who only read it: to make it takes seconds of a processor."""
    return seal(by_passphrase)


@pytest.mark.parametrize("content", [b"", b"x", CONTENT])
def test_what_is_sealed_is_read_by_who_holds_the_key(keys: Keys, content: bytes) -> None:
    sealed_content = seal(keys, content)

    assert unseal(sealed_content, keys) == content
    assert len(content) < 64 or content[:64] not in sealed_content


def test_what_is_sealed_is_read_by_who_knows_the_passphrase_and_needs_no_file(
    under_passphrase: bytes, by_passphrase: Keys
) -> None:
    assert unseal(under_passphrase, by_passphrase) == CONTENT
    assert CONTENT[:64] not in under_passphrase
    assert not by_passphrase.key_file.exists()


def test_the_key_file_is_made_once_and_is_nobody_elses(keys: Keys) -> None:
    first, second = seal(keys), seal(keys)

    assert unseal(first, keys) == unseal(second, keys) == CONTENT
    assert keys.key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("place", [0, 30, 150, 250, 1000, 65_800, 131_500, -1])
def test_a_byte_that_was_changed_is_noticed(keys: Keys, place: int) -> None:
    content = bytearray(seal(keys))
    content[place] ^= 1

    with pytest.raises(BackupTrouble):
        unseal(bytes(content), keys)


@pytest.mark.parametrize("length", [0, 1, 100, 300, 65_536, 131_272, -1])
def test_a_file_that_was_cut_off_is_noticed(keys: Keys, length: int) -> None:
    with pytest.raises(Damaged, match=r"^the file is damaged or was not copied to its end"):
        unseal(seal(keys)[:length], keys)


def test_a_file_that_goes_on_is_noticed(keys: Keys) -> None:
    with pytest.raises(Damaged):
        unseal(seal(keys) + b"x", keys)


def test_a_cut_within_the_passphrases_part_is_noticed(under_passphrase: bytes, by_passphrase: Keys) -> None:
    with pytest.raises(Damaged):
        unseal(under_passphrase[:200], by_passphrase)


def test_the_wrong_key_is_told_apart_from_damage(keys: Keys, tmp_path: Path) -> None:
    other = Keys(None, tmp_path / "other")
    seal(other)

    with pytest.raises(BackupTrouble, match=rf"^the file was made with another key than the one in {other.key_file}"):
        unseal(seal(keys), other)


def test_the_wrong_passphrase_is_told_apart_from_damage(under_passphrase: bytes, keys: Keys) -> None:
    with pytest.raises(BackupTrouble, match="KUNDENPORTAL_BACKUP_PASSPHRASE is not the passphrase of the file"):
        unseal(under_passphrase, Keys("another passphrase", keys.key_file))
    with pytest.raises(BackupTrouble, match="is under a passphrase; set KUNDENPORTAL_BACKUP_PASSPHRASE"):
        unseal(under_passphrase, keys)


def test_a_missing_key_is_not_made_up(keys: Keys, tmp_path: Path) -> None:
    missing = Keys(PASSPHRASE, tmp_path / "elsewhere")

    with pytest.raises(BackupTrouble, match="--key-file"):
        unseal(seal(keys), missing)
    assert not missing.key_file.exists()


def test_a_full_disk_is_told_as_such(keys: Keys) -> None:
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(OSError, match="space") as fault,
        sealed(full, keys) as plain,
    ):
        plain.write(CONTENT)

    assert fault.value.errno == errno.ENOSPC


def test_what_fails_beside_the_seal_is_told_and_not_taken_for_damage(keys: Keys) -> None:
    content = seal(keys)

    def stop() -> None:
        raise LookupError

    with pytest.raises(LookupError), sealed(io.BytesIO(), keys):
        stop()
    with pytest.raises(LookupError), opened(io.BytesIO(content), keys, "the file"):
        stop()


@pytest.mark.skipif(not shutil.which("age"), reason="there is no age on this machine")
def test_any_age_opens_it(keys: Keys, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(seal(keys))

    assert subprocess.check_output(["age", "-d", "-i", keys.key_file, file]) == CONTENT

"""A restore puts files into folders that cannot be renamed, and leaves alone what is none of the portal's."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .houses import House

LOGO = b"<svg/>" * 1000


def put_down(directory: Path, **files: str) -> None:
    """Files of these contents lie in the directory, in a folder 2026."""
    (directory / "2026").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (directory / "2026" / name).write_text(text)


def files_in(directory: Path) -> dict[str, bytes]:
    """What every file of the directory holds, by its name there."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture(params=[pytest.param("the same disk", marks=pytest.mark.thorough), "another disk"])
def shared(request: pytest.FixtureRequest, house: House, tmp_path: Path) -> Iterator[Path]:
    """A folder that is mounted, as a file server's would be."""
    disk, is_same = house.directory.stat().st_dev, request.param == "the same disk"
    places = (house.directory.parent, tmp_path, Path("/dev/shm"))
    parent = next(place for place in places if (place.stat().st_dev == disk) == is_same)
    folder = Path(tempfile.mkdtemp(prefix="kp-", dir=parent))
    yield folder
    shutil.rmtree(folder)


def test_uploads_come_back_into_an_empty_folder_that_is_mounted(house: House, elsewhere: House, shared: Path) -> None:
    elsewhere.mount(shared, "uploads")
    elsewhere.directory.chmod(0o711)

    elsewhere.does("restore", house.backup(), "--key-file", house.directory / "backup-key")

    assert files_in(shared) == {"2026/logo.svg": LOGO}
    assert [path.name for path in shared.iterdir()] == ["2026"]
    assert elsewhere.notes() == ["kept"]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param("restoring._put_into_place", marks=pytest.mark.thorough),
        "exchanging.Exchange._bring",
        pytest.param("after_restore.settle", marks=pytest.mark.thorough),
    ],
)
def test_a_restore_that_was_cut_off_is_finished_where_a_folder_is_mounted(
    house: House, tmp_path: Path, step: str
) -> None:
    put_down(tmp_path / "shared", before="uploaded before")
    house.mount(tmp_path / "shared", "uploads")
    file = house.backup()
    put_down(tmp_path / "shared", since="uploaded since")

    house.dies(step, "restore", file, "--replace")
    house.does("restore", file)

    assert files_in(tmp_path / "shared") == {"2026/before": b"uploaded before"}
    assert not list(house.directory.rglob("restore-*"))


def test_what_a_broken_off_restore_has_left_among_the_uploads_is_in_no_backup(house: House, file: Path) -> None:
    house.dies("restoring._mark", "restore", file, "--replace")
    assert (house.directory / "uploads/restore-draft").is_dir()

    size = file.stat().st_size
    (house.directory / "uploads/restore-draft/large").write_bytes(bytes(20 * size))

    assert house.backup(house.directory.with_name("second.backup")).stat().st_size < size * 2


def test_backups_are_none_of_the_portals_files_wherever_in_the_data_directory_they_lie(
    house: House, file: Path
) -> None:
    large = bytes(20 * file.stat().st_size)
    for name in ("backups/older.backup", "copied.backup", "kundenportal.backup.draft"):
        (house.directory / name).write_bytes(large)
    house.settings["BACKUP_DIR"] = house.directory / "safe"

    later = house.backup()
    house.does("restore", later, "--replace")

    assert later.stat().st_size < 2 * file.stat().st_size
    assert file.exists()
    for name in ("backups/older.backup", "copied.backup", "kundenportal.backup.draft"):
        assert (house.directory / name).read_bytes() == large


def test_a_backup_that_lies_where_it_is_restored_stays_whatever_its_name(
    house: House, file: Path, elsewhere: House
) -> None:
    elsewhere.directory.mkdir(mode=0o711)
    elsewhere.directory.chmod(0o711)
    copied, key = elsewhere.directory / "of monday", elsewhere.directory / "copied key"
    shutil.copy(file, copied)
    shutil.copy(house.directory / "backup-key", key)

    elsewhere.does("restore", copied, "--key-file", key)
    (elsewhere.directory / "backup-key").unlink()
    elsewhere.does("restore", copied, "--key-file", key, "--replace")

    assert copied.read_bytes() == file.read_bytes()
    assert key.read_bytes() == (house.directory / "backup-key").read_bytes()


def test_a_backup_among_the_uploads_is_not_restored_over_itself(house: House) -> None:
    file = house.backup(house.directory / "uploads/mine.backup")

    said = house.refuses("restore", file, "--replace")

    assert said == f"{file} lies in {house.directory}/uploads, which is replaced; move it elsewhere, then restore."
    assert file.exists()


def test_the_folder_of_backups_stays_where_a_backup_knew_it_as_another(house: House, tmp_path: Path) -> None:
    house.settings["BACKUP_DIR"] = tmp_path
    (house.directory / "taken-along").mkdir()
    (house.directory / "taken-along/older").write_text("a backup of before")
    file = house.backup()
    house.settings["BACKUP_DIR"] = house.directory / "taken-along"

    house.does("restore", file, "--replace")

    assert (house.directory / "taken-along/older").exists()


def test_what_a_disk_keeps_for_itself_is_no_obstacle(house: House, elsewhere: House) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from kundenportal.config import cli\n"
        "look = Path.iterdir\n"
        "def may_look(path):\n"
        "    if path.name == 'lost+found': raise PermissionError(13, 'Permission denied', str(path))\n"
        "    return look(path)\n"
        "Path.iterdir = may_look\n"
        "sys.exit(cli.main(sys.argv[1:]))\n"
    )
    house.program = elsewhere.program = ["-c", code]
    for directory in (house.directory, elsewhere.directory):
        for folder in (directory, directory / "uploads"):
            (folder / "lost+found").mkdir(parents=True)
        directory.chmod(0o711)

    file = house.backup()
    elsewhere.does("restore", file, "--key-file", house.directory / "backup-key")
    house.does("restore", file, "--replace")

    assert files_in(elsewhere.directory / "uploads") == files_in(house.directory / "uploads") == {"2026/logo.svg": LOGO}
    for directory in (house.directory, elsewhere.directory):
        assert (directory / "lost+found").is_dir()
        assert (directory / "uploads/lost+found").is_dir()


@pytest.fixture
def led_away(house: House) -> Path:
    """Where the uploads lie to which a link leads."""
    moved = (house.directory / "uploads").rename(house.directory.with_name("moved"))
    (house.directory / "uploads").symlink_to(moved)
    return moved


def test_uploads_to_which_a_link_leads_are_in_a_backup_and_come_back_there(
    house: House, elsewhere: House, led_away: Path
) -> None:
    (led_away / "2026/secrets").symlink_to("/etc")
    file = house.backup()
    put_down(led_away, since="uploaded since")

    elsewhere.does("restore", file, "--key-file", house.directory / "backup-key")
    house.does("restore", file, "--replace")

    assert (house.directory / "uploads").readlink() == led_away
    assert files_in(led_away) == files_in(elsewhere.directory / "uploads") == {"2026/logo.svg": LOGO}
    assert [path.name for path in led_away.iterdir()] == ["2026"]


def test_a_link_that_leads_nowhere_is_no_reason_for_a_backup_without_uploads(house: House, led_away: Path) -> None:
    led_away.rename(led_away.with_name("not mounted"))

    said = house.refuses("backup")

    assert said == f"{house.directory}/uploads leads to {led_away}, which is not there; mount it, or remove the link."
    assert not list(house.directory.glob("backups/*"))


def test_backups_among_the_uploads_are_no_reason_for_a_backup_without_uploads(house: House, led_away: Path) -> None:
    house.settings["BACKUP_DIR"] = led_away / "backups"

    said = house.refuses("backup")

    assert said == (
        f"{led_away}/backups lies in {house.directory}/uploads, which is to be backed up; "
        "choose another KUNDENPORTAL_BACKUP_DIR."
    )


def test_a_link_into_another_folder_is_refused_before_anything_changes(house: House) -> None:
    (house.directory / "uploads").rename(house.directory / "moved")
    (house.directory / "uploads").symlink_to("moved/2026")
    file = house.backup()
    house.note("written since")

    assert "uploads leads into " in house.refuses("restore", file, "--replace")

    assert house.notes() == ["kept", "written since"]
    (house.directory / "uploads").unlink()
    house.does("restore", file, "--replace")
    assert files_in(house.directory / "uploads") == {"logo.svg": LOGO}


def test_a_folder_that_is_a_file_in_the_backup_is_refused_before_anything_changes(house: House) -> None:
    (house.directory / "uploads/2026").rename(house.directory / "kept")
    (house.directory / "uploads").rmdir()
    (house.directory / "uploads").write_text("a file")
    file = house.backup()
    (house.directory / "uploads").unlink()
    (house.directory / "uploads").mkdir()
    house.note("written since")

    assert "uploads is a folder here and a file in the backup" in house.refuses("restore", file, "--replace")

    assert house.notes() == ["kept", "written since"]

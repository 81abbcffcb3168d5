from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from factories import stock
from factories.places import new_directory
from kundenportal.config.postgres import EmbeddedPostgres, places
from kundenportal.config.postgres.predecessors import end_predecessors, processes_in

from . import loaded
from .houses import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session", autouse=True)
def _loaded_process_ends() -> Iterator[None]:
    """No process that runs commands outlasts the tests."""
    with loaded.ended_afterwards():
        yield


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A data directory that does not exist yet, in a place the database's user can reach."""
    yield from _data_dir()


@pytest.fixture
def ready_data_dir(data_dir: Path) -> Path:
    """A data directory whose tables are up to date."""
    stock.lay_down(data_dir)
    return data_dir


@pytest.fixture(scope="module")
def lasting_data_dir() -> Iterator[Path]:
    """The same for all the tests of a module."""
    for directory in _data_dir():
        stock.lay_down(directory)
        yield directory


@pytest.fixture(scope="session")
def _stock() -> Iterator[Path]:
    for directory in _data_dir():
        stock.lay_down(directory)
        with EmbeddedPostgres(directory, fsync=False) as server, psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE note (text text)")
            connection.execute("INSERT INTO note VALUES ('kept')")
        yield directory


@pytest.fixture
def used_data_dir(_stock: Path, data_dir: Path) -> Path:
    """A data directory with a database at rest, in which there is one note."""
    subprocess.run(["cp", "-a", _stock, data_dir], check=True)
    return data_dir


@pytest.fixture(scope="session")
def _backed_up(_stock: Path) -> Iterator[Path]:
    """The same with an upload, a mail that was captured, keys, and a backup."""
    for directory in _data_dir():
        subprocess.run(["cp", "-a", _stock, directory], check=True)
        (directory / "uploads/2026").mkdir(parents=True)
        (directory / "uploads/2026/logo.svg").write_bytes(b"<svg/>" * 1000)
        (directory / "captured-mail").mkdir()
        (directory / "captured-mail/letter.eml").write_text("not for a backup")
        House(directory).backup()
        yield directory


@pytest.fixture
def house(_backed_up: Path, data_dir: Path) -> House:
    """A portal with a note in its database, an upload and a key, that has never been backed up."""
    subprocess.run(["cp", "-a", _backed_up, data_dir], check=True)
    shutil.rmtree(data_dir / "backups")
    (data_dir / "backup-key").unlink()
    return House(data_dir)


@pytest.fixture
def file(house: House, _backed_up: Path) -> Path:
    """A backup of the portal, where it would have made it; to make one for each test takes two seconds."""
    for name in ("backup-key", "backups"):
        subprocess.run(["cp", "-a", _backed_up / name, house.directory / name], check=True)
    (file,) = (house.directory / "backups").iterdir()
    return file


@pytest.fixture
def elsewhere(house: House) -> House:
    """Another machine, on which nothing is but a copy of the key."""
    return House(house.directory.with_name("elsewhere"))


def _data_dir() -> Iterator[Path]:
    # Open, because root's database runs as another user.
    parent = new_directory(prefix="kp-")
    parent.chmod(0o711)
    directory = parent / "data"
    yield directory
    for cluster in parent.rglob("postgres"):
        end_predecessors(cluster)
        assert not processes_in(cluster)
        elsewhere = places.socket_directory(cluster.parent)
        if not elsewhere.is_relative_to(parent):
            shutil.rmtree(elsewhere, ignore_errors=True)
    shutil.rmtree(parent)

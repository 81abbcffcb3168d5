"""One PostgreSQL of our own for the whole run, there before Django reads its settings."""

from __future__ import annotations

import os
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import hypothesis
import pytest
from whitenoise.base import WhiteNoise

from factories import stock
from factories.places import new_directory
from kundenportal.config.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import Settings

for variable in [name for name in os.environ if name.startswith("KUNDENPORTAL_")]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        del os.environ[variable]
os.environ["DJANGO_SETTINGS_MODULE"] = "kundenportal.config.settings"

# A busy machine is no fault.
hypothesis.settings.register_profile("kundenportal", deadline=None)
hypothesis.settings.load_profile("kundenportal")

_server: EmbeddedPostgres | None = None


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds what `make race` asks for."""
    parser.addoption(
        "--thorough", action="store_true", help="also what takes minutes and shows the same in larger numbers"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what takes minutes unless it is asked for."""
    if not config.getoption("--thorough"):
        config.hook.pytest_deselected(items=[item for item in items if item.get_closest_marker("thorough")])
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_configure() -> None:
    """Starts the database; the workers of a parallel run find it through the environment."""
    global _server  # noqa: PLW0603 - as long as the run, and there is one run per process
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    directory = new_directory(prefix="kundenportal-tests-")
    directory.chmod(0o711)  # PostgreSQL runs as a user of its own if the tests run as root
    _server = EmbeddedPostgres(directory, fsync=False)
    _server.start()
    os.environ["KUNDENPORTAL_DATABASE_URL"] = _server.url
    os.environ["KUNDENPORTAL_DATA_DIR"] = os.environ[stock.PLACE] = str(directory)


def pytest_unconfigure() -> None:
    """Stops the database and leaves nothing behind."""
    if _server is not None:
        _server.stop()
        shutil.rmtree(_server.directory)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of the tests begins as a copy of one that is up to date."""
    from django.db import connection

    connection.settings_dict["TEST"]["TEMPLATE"] = stock.ready_database()


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_listed_once() -> Iterator[None]:
    """Each test client loads the middleware anew, and WhiteNoise would look at each file again: a tenth of a second."""
    listed: dict[tuple[object, ...], dict[str, object]] = {}
    look = WhiteNoise.update_files_dictionary

    def list_files(noise: WhiteNoise, root: str, prefix: str) -> None:
        asked = (root, prefix, noise.max_age, noise.charset, noise.allow_all_origins, noise.add_headers_function)
        if asked not in listed:
            others, noise.files = noise.files, {}
            look(noise, root, prefix)
            listed[asked], noise.files = noise.files, others
        noise.files.update(listed[asked])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoise, "update_files_dictionary", list_files)
        yield


@pytest.fixture(autouse=True)
def _settings_of_the_portal_are_looked_up_each_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What one test changes is unknown to the next, and a page sees it at once."""
    from django.apps import apps

    if not apps.ready:
        yield
        return
    # Imported late: it needs Django's settings, which need the database.
    from kundenportal.domain.site import queries

    monkeypatch.setattr(queries, "REMEMBERED_FOR", timedelta(0))
    monkeypatch.setattr(queries._Memory, "look", None)  # noqa: SLF001 - there is no other way to forget everything
    yield


@pytest.fixture(autouse=True)
def _in_the_language_of_the_portal() -> None:
    """The language of a page that an earlier test asked for does not outlast it."""
    from django.utils import translation

    translation.deactivate()


@pytest.fixture
def remembered_as_in_a_process(db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> None:
    """What the portal says of itself and of maintenance is remembered as in a real process: a page seldom asks."""
    from kundenportal.domain.site import queries
    from kundenportal.web.shared import maintenance

    monkeypatch.setattr(queries, "REMEMBERED_FOR", timedelta(hours=1))
    monkeypatch.setattr(maintenance, "BELIEVED_FOR", timedelta(hours=1))
    settings.MAINTENANCE_BOARD = tmp_path / "maintenance"  # another process of these tests may change the common one
    queries.current()

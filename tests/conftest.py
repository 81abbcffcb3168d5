"""One PostgreSQL of our own for the whole run, there before Django reads its settings."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from kundenportal.config.postgres import EmbeddedPostgres

if TYPE_CHECKING:
    import pytest

for variable in [name for name in os.environ if name.startswith("KUNDENPORTAL_")]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        del os.environ[variable]
os.environ["DJANGO_SETTINGS_MODULE"] = "kundenportal.config.settings"

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
    # Short, because the path of a socket may have 107 characters.
    directory = Path(tempfile.mkdtemp(prefix="kundenportal-tests-"))
    directory.chmod(0o711)  # PostgreSQL runs as a user of its own if the tests run as root
    _server = EmbeddedPostgres(directory, fsync=False)
    _server.start()
    os.environ["KUNDENPORTAL_DATABASE_URL"] = _server.url
    os.environ["KUNDENPORTAL_DATA_DIR"] = str(directory)


def pytest_unconfigure() -> None:
    """Stops the database and leaves nothing behind."""
    if _server is not None:
        _server.stop()
        shutil.rmtree(_server.directory)

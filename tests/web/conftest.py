from factories.fixtures import pytest_configure
from web.fixtures import _cheap_hashes, _many_entries, _many_notes, demonstration, quiet_morning

__all__ = ["_cheap_hashes", "_many_entries", "_many_notes", "demonstration", "pytest_configure", "quiet_morning"]

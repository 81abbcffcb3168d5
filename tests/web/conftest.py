from factories.fixtures import pytest_configure
from web.fixtures import _cheap_hashes, _many_entries, demonstration

__all__ = ["_cheap_hashes", "_many_entries", "demonstration", "pytest_configure"]

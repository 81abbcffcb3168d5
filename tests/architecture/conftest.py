from factories.fixtures import pytest_configure
from web.fixtures import _cheap_hashes, demonstration

__all__ = ["_cheap_hashes", "demonstration", "pytest_configure"]

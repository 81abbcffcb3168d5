from factories.fixtures import pytest_configure

__all__ = ["pytest_configure"]

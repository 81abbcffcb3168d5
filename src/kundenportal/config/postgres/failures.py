from __future__ import annotations


class DatabaseUnavailable(Exception):  # noqa: N818 - reads as the refusal it is
    """The database cannot be had, told in one sentence."""


class DataDirectoryInUse(DatabaseUnavailable):
    """Another process of the portal already works in the data directory."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from factories.fixtures import mail_server, pytest_configure
from factories.stock import ready_database

from .workers import Nursery

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

    from kundenportal.config.addresses import DatabaseAddress

__all__ = ["mail_server", "pytest_configure"]


@pytest.fixture(scope="session")
def shared_database() -> Iterator[DatabaseAddress]:
    """A migrated database that processes of their own may use, too: theirs and ours commit."""
    from factories.databases import new_database

    name = f"kill_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with new_database(name, like=ready_database()) as address:
        yield address


@pytest.fixture
def database(shared_database: DatabaseAddress, django_db_blocker: DjangoDbBlocker) -> Iterator[DatabaseAddress]:
    """The same, with Django connected to it, and empty again after the test."""
    from factories.databases import connected_to
    from factories.emptying import empty_database

    with django_db_blocker.unblock(), connected_to(shared_database):
        yield shared_database
        empty_database()


@pytest.fixture(scope="session")
def nursery(shared_database: DatabaseAddress) -> Iterator[Nursery]:
    """Where workers come from that are to be killed."""
    assert sys.platform != "win32"
    with Nursery(shared_database) as nursery:
        yield nursery

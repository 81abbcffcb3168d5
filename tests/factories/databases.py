"""Databases beside the one the tests usually run in, for processes of their own and for servers that are killed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
from django.db import connection, connections
from psycopg import sql

from kundenportal.config.addresses import database_address_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kundenportal.config.addresses import DatabaseAddress


@contextmanager
def new_database(name: str, *, like: str = "template1") -> Iterator[DatabaseAddress]:
    """A database on the server of this run, empty or a copy of another, which is gone again afterwards."""
    server = database_address_in(os.environ["KUNDENPORTAL_DATABASE_URL"])
    identifier = sql.Identifier(name)
    with psycopg.connect(server.url, autocommit=True) as maintenance:
        maintenance.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(identifier, sql.Identifier(like)))
        try:
            yield replace(server, name=name)
        finally:
            maintenance.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(identifier))


@contextmanager
def connected_to(address: DatabaseAddress) -> Iterator[None]:
    """Django talks to this database meanwhile, in whichever thread."""
    settings = connection.settings_dict
    there = {"NAME": address.name, "HOST": address.host, "PORT": str(address.port), "USER": address.user}
    before = {name: settings[name] for name in there}
    connections.close_all()
    settings.update(there)
    try:
        yield
    finally:
        connections.close_all()
        settings.update(before)

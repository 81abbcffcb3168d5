"""The PostgreSQL the portal brings along: a child process that only its owner can talk to."""

from kundenportal.config.postgres.failures import DatabaseUnavailable, DataDirectoryInUse
from kundenportal.config.postgres.places import database_of, embedded_database
from kundenportal.config.postgres.programs import client_programs
from kundenportal.config.postgres.server import EmbeddedPostgres
from kundenportal.config.postgres.sharing import database_running

__all__ = [
    "DataDirectoryInUse",
    "DatabaseUnavailable",
    "EmbeddedPostgres",
    "client_programs",
    "database_of",
    "database_running",
    "embedded_database",
]

"""PostgreSQL, embedded or the operator's own; the queue of background jobs lives in it, too."""

from typing import Any

from kundenportal.config.addresses import DatabaseAddress
from kundenportal.config.postgres import database_of
from kundenportal.kernel.replica import REPLICA

from .application import ENVIRONMENT

# A host that loses its power or its cable says nothing, and a connection to it would be believed in for hours: pages
# would wait for the database, and the database would keep for a dead worker what it had locked. Each side asks whether
# the other is still there after five seconds of silence, and gives up after ten without an answer.
_SECONDS_OF_SILENCE, _SECONDS_BETWEEN_QUESTIONS, _QUESTIONS = 5, 3, 3
_MILLISECONDS_WITHOUT_AN_ANSWER = 10_000
WHO_VANISHES_IS_MISSED = {
    "connect_timeout": 5,
    "keepalives_idle": _SECONDS_OF_SILENCE,
    "keepalives_interval": _SECONDS_BETWEEN_QUESTIONS,
    "keepalives_count": _QUESTIONS,
    "tcp_user_timeout": _MILLISECONDS_WITHOUT_AN_ANSWER,
    "options": f"-c tcp_keepalives_idle={_SECONDS_OF_SILENCE} -c tcp_keepalives_interval={_SECONDS_BETWEEN_QUESTIONS} "
    f"-c tcp_keepalives_count={_QUESTIONS} -c tcp_user_timeout={_MILLISECONDS_WITHOUT_AN_ANSWER}",
}

# A replica is told to take no change, should it ever become a database itself; and one that is asked for some hundred
# rows and has not answered by then is stuck.
OF_A_REPLICA = "-c default_transaction_read_only=on -c statement_timeout=30s"


def database_at(address: DatabaseAddress, options: str = "") -> dict[str, Any]:
    """What Django has to know of a database; the options are PostgreSQL's own."""
    missed = {} if address.host.startswith("/") else WHO_VANISHES_IS_MISSED
    all_options = " ".join(filter(None, (str(missed.get("options", "")), options)))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": address.name,
        "HOST": address.host,
        "PORT": str(address.port),
        "USER": address.user,
        "PASSWORD": address.password,
        # A new connection costs more than everything else a page asks of the database.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **{
                name: value
                for name, value in (("sslmode", address.sslmode), ("sslrootcert", address.sslrootcert))
                if value
            },
            # Plans are kept from the first time on, of what asks for it (kernel.composed).
            "prepare_threshold": 0,
            **missed,
            **({"options": all_options} if all_options else {}),
        },
    }


DATABASES = {"default": database_at(database_of(ENVIRONMENT))}
# Django asks it nothing by itself: no router knows it, and only kernel.replica names it.
if ENVIRONMENT.database_replica is not None:
    DATABASES[REPLICA] = database_at(ENVIRONMENT.database_replica, OF_A_REPLICA)

"""PostgreSQL, embedded or the operator's own; the queue of background jobs lives in it, too."""

from kundenportal.config.postgres import database_of

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

_address = database_of(ENVIRONMENT)

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _address.name,
        "HOST": _address.host,
        "PORT": str(_address.port),
        "USER": _address.user,
        "PASSWORD": _address.password,
        # A new connection costs more than everything else a page asks of the database.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **{
                name: value
                for name, value in (("sslmode", _address.sslmode), ("sslrootcert", _address.sslrootcert))
                if value
            },
            # Plans are kept from the first time on, of what asks for it (kernel.composed).
            "prepare_threshold": 0,
            **({} if _address.host.startswith("/") else WHO_VANISHES_IS_MISSED),
        },
    }
}

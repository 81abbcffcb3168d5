"""PostgreSQL, embedded or the operator's own; the queue of background jobs lives in it, too."""

from kundenportal.config.postgres import database_of

from .application import ENVIRONMENT

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
            name: value
            for name, value in (("sslmode", _address.sslmode), ("sslrootcert", _address.sslrootcert))
            if value
        },
    }
}

"""How the portal is watched: its log, its figures and its traces; see docs/watching.md."""

from http import HTTPStatus

from .application import ENVIRONMENT

METRICS_TOKEN = ENVIRONMENT.metrics_token
TRACES_URL = ENVIRONMENT.traces_url
LOG_REQUESTS = ENVIRONMENT.log_requests

# Django would write a line for each: a flood would fill the disk, and its refusal cost twice as much.
_ASKED_TO_COME_BACK = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "no_flood": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", None) not in _ASKED_TO_COME_BACK,
        }
    },
    "loggers": {
        # Whoever is turned away (400 to 499) has been told so; a log full of them would hide what went wrong.
        "django.request": {"level": "ERROR", "filters": ["no_flood"]},
        # Silent unless it is asked for: see LOG_REQUESTS.
        "kundenportal.requests": {"level": "INFO"},
        # It would speak of each attempt; what there is to say of a collector, web.watch.traces says once.
        "opentelemetry": {"level": "CRITICAL"},
    },
    "formatters": {
        "text": {"()": "kundenportal.config.logs.TextLine"},
        "json": {"()": "kundenportal.config.logs.JsonLine"},
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": ENVIRONMENT.log_format}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

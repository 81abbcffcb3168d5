"""Pages made before the processes that serve them are copied, so that these find done what is done once and for all.

Statements composed, addresses sorted, templates read, modules loaded late: it lies all over memory, and each copy would
bring it about for itself.
"""

from __future__ import annotations

import logging
from contextlib import closing, contextmanager
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.contrib.auth import login
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation

from kundenportal.domain.accounts.operations import open_account
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.accounts.sessions import SessionStore
from kundenportal.domain.site import queries as site
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.kernel.randomness import random_token
from kundenportal.web.shared import sessions
from kundenportal.web.watch.requests import OF_NOBODY

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGES = {
    Role.CUSTOMER: ("home", "profile", "news", "help", "downloads", "contact"),
    Role.ADMIN: (
        *("home", "desk-today", "desk-accounts", "desk-intakes", "desk-imports", "desk-mails", "desk-trail"),
        "wagtailadmin_home",
    ),
}

_log = logging.getLogger(__name__)


def rehearse(base_url: str) -> None:
    """Pages have been made, for nobody; nothing is left of it in the database, and no connection to that.

    Whether a page comes is asked of the web server later on: nothing that fails here is in anybody's way.
    """
    try:
        with translation.override(settings.LANGUAGE_CODE), _kept_connection(), transaction.atomic():
            # By a handler of its own: what that has seen of windows must be no copy's, weeks later.
            _show_pages(WSGIHandler(), base_url)
            transaction.set_rollback(True)
    except Exception:  # noqa: BLE001 - see above
        _log.warning("Pages could not be made before the portal is served, which takes more memory.", exc_info=True)
    finally:
        # Nor what has been seen of settings.
        site.begin_anew()
        connections.close_all()


def _show_pages(handler: WSGIHandler, base_url: str) -> None:
    _show(handler, base_url, reverse("home"))
    for role, names in PAGES.items():
        session = _session_of_a_stand_in(role)
        for name in names:
            _show(handler, base_url, reverse(name), session)


def _session_of_a_stand_in(role: Role) -> str:
    now, request = clock.now(), HttpRequest()
    account = open_account(
        address=f"{random_token().lower()}@rehearsal.invalid",
        name="Rehearsal",
        organisation="Rehearsal",
        kind=Kind.PERSONAL,
        role=role,
        language=Language(settings.LANGUAGE_CODE),
        opened_by=None,
        now=now,
        origin=COMMAND_LINE,
    )
    request.session = SessionStore()
    login(request, account)
    sessions.begin(request, last_visit_at=None, now=now)
    request.session.save()
    return str(request.session.session_key)


def _show(handler: WSGIHandler, base_url: str, path: str, session: str = "") -> None:
    address = urlsplit(base_url)
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "HTTP_HOST": address.netloc,
        "HTTP_COOKIE": f"{settings.SESSION_COOKIE_NAME}={session}",
        "wsgi.url_scheme": address.scheme,
        "wsgi.input": BytesIO(),
        OF_NOBODY: True,
    }
    setup_testing_defaults(environ)
    with closing(handler(environ, lambda *_: lambda _: None)) as answer:
        b"".join(answer)
    if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # What follows would only say the same again.
        raise RuntimeError(f"{path} was answered with {answer.status_code}")


@contextmanager
def _kept_connection() -> Iterator[None]:
    """The transaction survives a request: Django would take its connection for one left in disorder."""
    moments = (request_started, request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    try:
        yield
    finally:
        for moment in moments:
            moment.connect(close_old_connections)

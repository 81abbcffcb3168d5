"""What customers see of maintenance: a notice beforehand, and meanwhile a calm page instead of every other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, cast

from csp.decorators import csp_update
from django.db import OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import translation

from kundenportal.domain.machinery.queries import database_fault
from kundenportal.domain.maintenance import noticeboard, queries
from kundenportal.domain.maintenance.rules.board import Board
from kundenportal.domain.maintenance.rules.windows import comes_back_after
from kundenportal.kernel import clock
from kundenportal.kernel.connections import leave_connection

from .access import ALWAYS_OPEN, account_of_session
from .references import DATABASE_IS_AWAY, FaultPage

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest

    from kundenportal.domain.maintenance.rules.board import Posted
    from kundenportal.domain.maintenance.rules.windows import Message

# How long a process believes what it has read; what is changed on its own machine it notices at once.
BELIEVED_FOR = timedelta(seconds=2)

# Open to everybody whatever happens: how staff come in, with a new password if need be, how anybody leaves, and what
# keeps a session and what is typed in it alive until the end; and until when it is. Who is staff is not told to
# somebody who is not signed in, so a link for a forgotten password is sent to whoever asks.
OPEN_MEANWHILE = ALWAYS_OPEN | {
    "sign-in",
    "lockout",
    "password-forgotten",
    "reset-link",
    "reset-choose",
    "reset-strength",
    "reset-done",
    "maintenance-calendar",
    "maintenance-mails",
    "demo-mails",
    "demo-mail",
    "demo-mail-html",
}


@dataclass(frozen=True)
class Words:
    """What is being done, and in which language that was said."""

    text: str
    language: str

    @classmethod
    def of(cls, message: Message) -> Words:
        """In the reader's language where there are words in it, otherwise in the other."""
        said = {"de": message.german, "en": message.english}
        own = translation.get_language() or "de"
        language = own if said.get(own) else next((each for each in said if said[each]), own)
        return cls(said.get(language, ""), language)


class Lookout:
    """What one process knows of windows; threads may share it. It goes on knowing when the database is away."""

    def __init__(self) -> None:
        self.database_is_away = False
        self._board: Board | None = None
        self._looked_at: datetime | None = None
        self._put_up_last = 0
        self._lock = Lock()

    def board(self, *, now: datetime) -> Board:
        """The board as it was at most BELIEVED_FOR ago, or when the database could last be asked."""
        if self._is_stale(now) and self._lock.acquire(blocking=self._board is None):
            # One looks; the others go on with what is known, unless that is nothing.
            try:
                if self._is_stale(now):
                    self._look(now=now)
            finally:
                self._lock.release()
        return self._board or Board()

    def look_again(self, *, now: datetime) -> None:
        """Something has gone wrong: whether the database is there is asked at once."""
        leave_connection()  # whoever looks at this moment needs one
        with self._lock:
            self._look(now=now)

    def _is_stale(self, now: datetime) -> bool:
        return (
            self._looked_at is None
            or abs(now - self._looked_at) >= BELIEVED_FOR
            or noticeboard.put_up_last() != self._put_up_last
        )

    def _look(self, *, now: datetime) -> None:
        try:
            if self._expects_the_worst(now):
                _refuse_if_away()
            self._board = queries.board()
        except DATABASE_IS_AWAY:
            self.database_is_away = True
            # Another process may have put up what this one has not read yet.
            self._board = noticeboard.remembered() or self._board
        else:
            self.database_is_away = False
            noticeboard.put_up(self._board, now=now)
        self._looked_at, self._put_up_last = now, noticeboard.put_up_last()

    def _expects_the_worst(self, now: datetime) -> bool:
        return self.database_is_away or (self._board is not None and self._board.under_way(now=now) is not None)


class MaintenanceMiddleware:
    """Shows the page for maintenance to whoever is not staff, with or without a database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.lookout = Lookout()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        board = self.lookout.board(now=now)
        request.maintenance = board  # type: ignore[attr-defined]  # read by `board_of`
        if board.under_way(now=now) is None:
            return self.get_response(request)
        if not self.lookout.database_is_away:
            response = self.get_response(request)
            if not isinstance(response, FaultPage):
                return response
            self.lookout.look_again(now=now)
            if not self.lookout.database_is_away:
                return response
        return _without_database(request, board, now=now)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Nothing of the page that was asked for is done."""
        now, match = clock.now(), request.resolver_match
        in_the_way = window_in_the_way(request, match.url_name if match else None, now=now)
        return _meanwhile(request, in_the_way, now=now) if in_the_way else None


def board_of(request: HttpRequest) -> Board:
    """What is known of windows; nothing where a request has not come by the middleware."""
    return cast("Board", getattr(request, "maintenance", Board()))


def window_in_the_way(request: HttpRequest, name: str | None, *, now: datetime) -> Posted | None:
    """The window that keeps whoever asks from the page of that name; None if it is open to them."""
    under_way = board_of(request).under_way(now=now)
    if under_way is None or name in OPEN_MEANWHILE:
        return None
    is_staff = request.user.is_authenticated and account_of_session(request).is_staff_member
    return None if is_staff else under_way


def notice_of(request: HttpRequest, *, now: datetime) -> dict[str, object]:
    """What every page says of maintenance."""
    board = board_of(request)
    under_way = board.under_way(now=now)
    return {
        "maintenance_under_way": under_way,
        "maintenance_overruns": under_way is not None and now >= under_way.times.ends_at,
        "maintenance_announced": None if under_way else board.announced(now=now),
    }


def _meanwhile(request: HttpRequest, under_way: Posted, *, now: datetime) -> HttpResponse:
    is_signed_in = request.user.is_authenticated
    context = {
        "words": Words.of(under_way.message),
        "is_subscribed": is_signed_in and queries.is_subscribed(account_of_session(request)),
        "sent_something": request.method == "POST",
    }
    response = render(request, "503_maintenance.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return _come_back(response, under_way, now=now)


def _without_database(request: HttpRequest, board: Board, *, now: datetime) -> HttpResponse:
    response = HttpResponse(noticeboard.page(board, now=now), status=HTTPStatus.SERVICE_UNAVAILABLE)
    csp_update({"style-src": [noticeboard.style_source()]})(lambda _: response)(request)
    under_way = board.under_way(now=now)
    return _come_back(response, under_way, now=now) if under_way else response


def _come_back(response: HttpResponse, under_way: Posted, *, now: datetime) -> HttpResponse:
    wait = comes_back_after(under_way.times, now=now)
    response.headers["Retry-After"] = str(int(wait.total_seconds()))
    response.headers["Cache-Control"] = "no-store"
    return response


def _refuse_if_away() -> None:
    """Raises OperationalError at once if nobody answers; waiting for the pool of connections would take long."""
    if fault := database_fault():
        raise OperationalError(fault)

"""A flood at the door is turned away before it costs anything; the rule is `rules.throttling`."""

from __future__ import annotations

from collections import OrderedDict
from threading import BoundedSemaphore, Lock
from time import sleep
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import Resolver404, resolve

from kundenportal.domain.credentials.rules.throttling import (
    HELD_AT_MOST,
    LONGEST_HOLD,
    Bucket,
    drawn,
    network_of,
    wait_for_room,
)
from kundenportal.kernel import clock
from kundenportal.web.shared.errors import too_many_entries

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.credentials.rules.throttling import Allowance

# The forms anybody can send, signed in or not, and that cost us a password check, a mail or a row.
LIMITED = frozenset({"sign-in", "password-forgotten", "reset-choose", "request-new-access", "contact"})
# About 4 MB in each process. Whoever commands more networks than that is not held up by a limit for each of them.
NETWORKS_REMEMBERED = 10_000


class EntryLimitMiddleware:
    """Asks to wait whoever sends the forms of the entrance too often from one network."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.buckets = Buckets(settings.ENTRY_ALLOWANCE)
        self.held = BoundedSemaphore(HELD_AT_MOST)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and _is_limited(request.path_info):
            wait = self.buckets.draw(network_of(request.META["REMOTE_ADDR"]), now=clock.now())
            if wait:
                self._hold(wait)
                return too_many_entries(wait)
        return self.get_response(request)

    def _hold(self, wait: timedelta) -> None:
        """Lets whoever floods wait for the refusal: most send the next entry only then, not a thousand a second."""
        if self.held.acquire(blocking=False):
            try:
                sleep(min(wait, LONGEST_HOLD).total_seconds())
            finally:
                self.held.release()


class Buckets:
    """The buckets of the networks that were here last; threads may share them."""

    def __init__(self, allowance: Allowance, *, most: int = NETWORKS_REMEMBERED) -> None:
        self._allowance = allowance
        self._most = most
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._buckets)

    def draw(self, network: str, *, now: datetime) -> timedelta:
        """Draws an entry from the network's bucket; if there is none, how long until there is one."""
        with self._lock:
            bucket = self._buckets.pop(network, Bucket(full_at=now))
            wait = wait_for_room(bucket, self._allowance, now=now)
            # Put back at the end, so that those come first that have been quiet for longest.
            self._buckets[network] = bucket if wait else drawn(bucket, self._allowance, now=now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        return wait


def _is_limited(path: str) -> bool:
    try:
        return resolve(path).url_name in LIMITED
    except Resolver404:
        return False

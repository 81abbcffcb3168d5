"""Each page that was asked for as a span of OpenTelemetry's: what the log says of it, and never its address.

It goes to a collector as OTLP over HTTP, in JSON: https://opentelemetry.io/docs/specs/otlp/#otlphttp
"""

from __future__ import annotations

import json
import logging
import os
import re
import socket
import threading
import time
import urllib.request
from importlib.metadata import version
from queue import Empty, Full, Queue
from secrets import token_hex
from typing import TYPE_CHECKING, Any

from kundenportal.kernel.request_reference import request_reference

from .answered import NO_PAGE

if TYPE_CHECKING:
    from .answered import Answered

SECONDS_BETWEEN_LETTERS = 1
SECONDS_OF_PATIENCE = 10
# Beyond it the collector is too slow, or away: what nobody takes is let go, so that nobody's page waits for it.
KEPT_AT_MOST = 4096
SENT_TOGETHER = 512
# https://www.w3.org/TR/trace-context/: a trace a proxy has begun, and the span of its own.
TRACEPARENT = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}", re.ASCII)
SERVER, FAILED = 2, 2  # SPAN_KIND_SERVER and STATUS_CODE_ERROR
OURS = 500  # from here on the fault is ours

logger = logging.getLogger("kundenportal.traces")


class Traces:
    """Tells a collector of requests, from a thread of each process; a collector that is away holds nobody up."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.waiting: Queue[dict[str, Any]] = Queue(KEPT_AT_MOST)
        self.beginning = threading.Lock()
        self.process = 0
        self.is_away = False

    def observe(self, answered: Answered) -> None:
        """A span of one request; of what has no page, such as a flood that is turned away, there is none."""
        if answered.page == NO_PAGE:
            return
        try:
            self.waiting.put_nowait(span_of(answered, ended_at=time.time_ns()))
        except Full:
            return
        if self.process != os.getpid():
            self._begin()

    def _begin(self) -> None:
        # Not before the first request: this object is made before the web server forks, and threads do not follow.
        with self.beginning:
            if self.process != os.getpid():
                self.process = os.getpid()
                threading.Thread(target=self._send_for_ever, name="traces", daemon=True).start()

    def _send_for_ever(self) -> None:
        while True:
            spans = [self.waiting.get()]
            try:
                while len(spans) < SENT_TOGETHER:
                    spans.append(self.waiting.get_nowait())
            except Empty:
                pass
            self._send(spans)
            time.sleep(SECONDS_BETWEEN_LETTERS)

    def _send(self, spans: list[dict[str, Any]]) -> None:
        letter = json.dumps(letter_of(spans)).encode()
        request = urllib.request.Request(self.url, letter, {"Content-Type": "application/json"})  # noqa: S310 - http(s)
        try:
            urllib.request.urlopen(request, timeout=SECONDS_OF_PATIENCE).close()  # noqa: S310 - likewise
        except (OSError, ValueError) as fault:
            if not self.is_away:
                logger.warning("traces cannot be sent to %s: %s", self.url, getattr(fault, "reason", None) or fault)
            self.is_away = True
        else:
            if self.is_away:
                logger.warning("traces are sent to %s again", self.url)
            self.is_away = False


def span_of(answered: Answered, *, ended_at: int) -> dict[str, Any]:
    """A request as OpenTelemetry words it; times are nanoseconds."""
    begun = TRACEPARENT.fullmatch(answered.traceparent)
    return {
        "traceId": begun[1] if begun else token_hex(16),
        "spanId": token_hex(8),
        **({"parentSpanId": begun[2]} if begun else {}),
        "name": f"{answered.method} {answered.page}",
        "kind": SERVER,
        "startTimeUnixNano": str(ended_at - round(answered.seconds * 1e9)),
        "endTimeUnixNano": str(ended_at),
        "attributes": [
            _text("http.request.method", answered.method),
            {"key": "http.response.status_code", "value": {"intValue": str(answered.status)}},
            _text("kundenportal.page", answered.page),
            _text("kundenportal.reference", request_reference()),
        ],
        "status": {"code": FAILED} if answered.status >= OURS else {},
    }


def letter_of(spans: list[dict[str, Any]]) -> dict[str, Any]:
    """What is sent to the collector: the spans, and who tells of them."""
    about = [
        _text("service.name", "kundenportal"),
        _text("service.version", version("kundenportal")),
        _text("host.name", socket.gethostname()),
    ]
    scope = {"scope": {"name": "kundenportal"}, "spans": spans}
    return {"resourceSpans": [{"resource": {"attributes": about}, "scopeSpans": [scope]}]}


def _text(key: str, value: str) -> dict[str, Any]:
    return {"key": key, "value": {"stringValue": value}}

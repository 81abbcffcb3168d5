"""Each page that was asked for as a span of OpenTelemetry's: what the log says of it, and never its address."""

from __future__ import annotations

import logging
import socket
import time
from importlib.metadata import version
from multiprocessing.util import Finalize
from threading import Lock
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExportResult
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from kundenportal.kernel.request_reference import request_reference

from .answered import NO_PAGE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from .answered import Answered

MILLISECONDS_BETWEEN_LETTERS = 1000
SECONDS_OF_PATIENCE = 3
OURS = 500  # from here on the fault is ours

logger = logging.getLogger("kundenportal.traces")


class Traces:
    """Tells a collector of requests, from a thread of each process; a collector that is away holds nobody up."""

    def __init__(self, url: str) -> None:
        about = {"service.name": "kundenportal", "service.version": version("kundenportal")}
        resource = Resource.create({**about, "host.name": socket.gethostname()})
        self.collector = Collector(url)
        self.provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.tracer = self.provider.get_tracer("kundenportal")
        self.beginning, self.has_begun = Lock(), False

    def observe(self, answered: Answered) -> None:
        """A span of one request; of what has no page, such as a flood that is turned away, there is none."""
        if answered.page == NO_PAGE:
            return
        self._begin()
        ended_at = time.time_ns()
        span = self.tracer.start_span(
            f"{answered.method} {answered.page}",
            # A trace a proxy has begun, and the span of its own.
            TraceContextTextMapPropagator().extract({"traceparent": answered.traceparent}),
            SpanKind.SERVER,
            {
                "http.request.method": answered.method,
                "http.response.status_code": answered.status,
                "kundenportal.page": answered.page,
                "kundenportal.reference": request_reference(),
            },
            start_time=ended_at - round(answered.seconds * 1e9),
        )
        if answered.status >= OURS:
            span.set_status(StatusCode.ERROR)
        span.end(ended_at)

    def end(self) -> None:
        """What waits is sent, unless the collector is away: then the process ends without it."""
        if not self.collector.is_away:
            self.provider.shutdown()

    def _begin(self) -> None:
        # Not before the first request: this object is made before the web server forks, and the thread is not.
        with self.beginning:
            if not self.has_begun:
                self.provider.add_span_processor(
                    BatchSpanProcessor(self.collector, schedule_delay_millis=MILLISECONDS_BETWEEN_LETTERS)
                )
                # atexit is not asked where a process is a copy of the supervisor.
                Finalize(None, self.end, exitpriority=0)
                self.has_begun = True


class Collector(OTLPSpanExporter):
    """The library's, which says once that it is away, and once that it is there again."""

    def __init__(self, url: str) -> None:
        super().__init__(url, timeout=SECONDS_OF_PATIENCE)
        self.url, self.is_away = url, False

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = super().export(spans)
        was_away, self.is_away = self.is_away, result is not SpanExportResult.SUCCESS
        if self.is_away != was_away:
            words = "traces cannot be sent to %s" if self.is_away else "traces are sent to %s again"
            logger.warning(words, self.url)
        return result

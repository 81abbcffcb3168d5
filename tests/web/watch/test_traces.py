"""A collector of OpenTelemetry's is told of pages, in its own words, and of nothing that was entered or followed."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from kundenportal.web.watch.answered import Answered
from kundenportal.web.watch.traces import Collector, Traces

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue
    from pytest_django import Settings

SECRET = "what-nobody-may-read-0815"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Receiver(HTTPServer):
    """Takes letters as a collector does, unless it is told to refuse them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.letters: Queue[tuple[str, str, bytes]] = Queue()
        self.answer = 200

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class Door(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        letter = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.answer)
        self.end_headers()
        self.server.letters.put((self.path, self.headers["Content-Type"], letter))

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.shutdown()
        thread.join()


def _values(attributes: Iterable[KeyValue]) -> dict[str, str | int]:
    return {each.key: each.value.string_value or each.value.int_value for each in attributes}


@pytest.mark.django_db
def test_a_page_is_told_by_its_name_and_belongs_to_the_proxys_trace(receiver: Receiver, settings: Settings) -> None:
    settings.TRACES_URL = receiver.url
    client = Client()
    assert client.get("/no-such-page/").status_code == 404
    answer = client.get(f"/password/choose/{SECRET}/?q={SECRET}", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})

    path, kind, letter = receiver.letters.get(timeout=30)
    assert (path, kind) == ("/v1/traces", "application/x-protobuf")
    assert SECRET.encode() not in letter
    (resource,) = ExportTraceServiceRequest.FromString(letter).resource_spans
    assert _values(resource.resource.attributes)["service.name"] == "kundenportal"
    (scope,) = resource.scope_spans
    (span,) = scope.spans
    assert (span.trace_id.hex(), span.parent_span_id.hex(), span.name) == (TRACE, PARENT, "GET reset-link")
    assert span.start_time_unix_nano < span.end_time_unix_nano
    assert _values(span.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": answer.status_code,
        "kundenportal.page": "reset-link",
        "kundenportal.reference": answer.headers["X-Request-Reference"],
    }


def test_what_is_no_trace_begins_one_and_is_sent_before_the_process_ends(receiver: Receiver) -> None:
    threads = set(threading.enumerate())
    traces = Traces(receiver.url)
    assert set(threading.enumerate()) <= threads  # the web server has yet to fork
    for traceparent in ("", "nonsense", f"00-{'0' * 32}-{PARENT}-01", "x" * 600):
        traces.observe(Answered("home", "GET", 500, 0.1, traceparent))
    traces.end()

    (resource,) = ExportTraceServiceRequest.FromString(receiver.letters.get_nowait()[2]).resource_spans
    spans = resource.scope_spans[0].spans
    assert len({span.trace_id for span in spans}) == 4
    assert {(span.parent_span_id, span.status.code) for span in spans} == {(b"", Status.STATUS_CODE_ERROR)}


def test_of_a_collector_that_is_away_the_log_speaks_once(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    collector = Collector(receiver.url)
    for receiver.answer in (200, 400, 400, 200, 200):
        collector.export([])
    assert [record.getMessage() for record in caplog.records] == [
        f"traces cannot be sent to {receiver.url}",
        f"traces are sent to {receiver.url} again",
    ]


def test_a_process_ends_without_a_collector_that_is_away(receiver: Receiver) -> None:
    traces = Traces(receiver.url)
    receiver.answer = 400
    traces.collector.export([])
    traces.observe(Answered("home", "GET", 200, 0.1, ""))
    traces.end()
    assert receiver.letters.qsize() == 1
    traces.provider.shutdown()

"""A collector of OpenTelemetry's is told of pages, in its own words, and of nothing that was entered or followed."""

from __future__ import annotations

import json
import os
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from kundenportal.web.watch.answered import Answered
from kundenportal.web.watch.traces import KEPT_AT_MOST, Traces

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

SECRET = "what-nobody-may-read-0815"
TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Collector(HTTPServer):
    """Takes letters as a collector does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Door)
        self.letters: Queue[tuple[str, str, bytes]] = Queue()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/traces"


class Door(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        letter = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.letters.put((self.path, self.headers["Content-Type"], letter))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        thread = threading.Thread(target=collector.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield collector
        collector.shutdown()
        thread.join()


def _attributes(of: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: next(iter(each["value"].values())) for each in of["attributes"]}


@pytest.mark.django_db
def test_a_page_is_told_by_its_name_and_belongs_to_the_proxys_trace(collector: Collector, settings: Settings) -> None:
    settings.TRACES_URL = collector.url
    client = Client()
    assert client.get("/no-such-page/").status_code == 404
    answer = client.get(f"/password/choose/{SECRET}/?q={SECRET}", headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})

    path, kind, letter = collector.letters.get(timeout=30)
    assert (path, kind) == ("/v1/traces", "application/json")
    assert SECRET.encode() not in letter
    (resource,) = json.loads(letter)["resourceSpans"]
    assert _attributes(resource["resource"])["service.name"] == "kundenportal"
    (scope,) = resource["scopeSpans"]
    (span,) = scope["spans"]
    assert (span["traceId"], span["parentSpanId"], span["name"]) == (TRACE, PARENT, "GET reset-link")
    assert int(span["startTimeUnixNano"]) < int(span["endTimeUnixNano"])
    assert _attributes(span) == {
        "http.request.method": "GET",
        "http.response.status_code": str(answer.status_code),
        "kundenportal.page": "reset-link",
        "kundenportal.reference": answer.headers["X-Request-Reference"],
    }


@pytest.mark.parametrize("traceparent", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01\n"])
def test_what_is_no_trace_begins_one(collector: Collector, traceparent: str) -> None:
    Traces(collector.url).observe(Answered("home", "GET", 500, 0.1, traceparent))

    (resource,) = json.loads(collector.letters.get(timeout=30)[2])["resourceSpans"]
    (span,) = resource["scopeSpans"][0]["spans"]
    assert "parentSpanId" not in span
    assert (len(span["traceId"]), span["status"]) == (32, {"code": 2})


def test_a_collector_that_does_not_answer_holds_nobody_up() -> None:
    traces = Traces("http://127.0.0.1:4318/v1/traces")
    traces.process = os.getpid()  # as if a thread had taken a first letter, and waited for an answer
    for _ in range(KEPT_AT_MOST + 1000):
        traces.observe(Answered("home", "GET", 200, 0.1, ""))
    assert traces.waiting.full()

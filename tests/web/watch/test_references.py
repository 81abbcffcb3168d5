"""A request is known by a reference, in its answer and in the log; the log says nothing of what people entered."""

from __future__ import annotations

import json
import logging
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from factories.traces import places_of
from kundenportal.config.logs import JsonLine, TextLine
from kundenportal.kernel.references import LENGTH
from kundenportal.kernel.request_reference import referenced
from web.residents import attempt, letter_holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import Settings

SECRET = "mrwy-3456-fkmr-7777-wwyy-3344-5566"


@pytest.fixture(params=[TextLine, JsonLine])
def written(request: pytest.FixtureRequest) -> Iterator[StringIO]:
    """Everything any logger says, as one of the two formats writes it."""
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root, before = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.setLevel(before)
    root.removeHandler(handler)


def _failing(said: str) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        try:
            dict[str, str]()[said]
        except KeyError as cause:
            raise ValueError(f"no good: {said}") from cause

    return fail


@pytest.mark.django_db
def test_every_answer_has_a_reference_of_its_own(client: Client) -> None:
    seen = {client.get("/no-such-page/", headers={"host": "elsewhere"}).headers["X-Request-Reference"] for _ in "12345"}
    assert len(seen) == 5
    assert {len(reference) for reference in seen} == {LENGTH}


@pytest.mark.django_db
def test_what_the_log_says_of_a_request_carries_its_reference(written: StringIO, settings: Settings) -> None:
    settings.LOG_REQUESTS = True
    answer = Client().get("/sign-in/help/")
    reference = answer.headers["X-Request-Reference"]
    lines = [line for line in written.getvalue().splitlines() if reference in line]
    assert any("sign-in-help" in line for line in lines)


def test_a_fault_is_told_with_its_place_and_without_what_it_quotes(written: StringIO) -> None:
    with referenced() as reference:
        try:
            _failing(SECRET)()
        except ValueError:
            logging.getLogger("kundenportal.test").exception("it went wrong")
    said = written.getvalue()
    assert reference in said
    assert "it went wrong" in said
    assert "KeyError" in said
    assert "ValueError" in said
    assert "in fail" in said
    assert places_of(SECRET, {"the log": said.encode()}) == []


def test_what_the_system_says_is_told(written: StringIO) -> None:
    try:
        Path("/no/such/file").read_text()
    except OSError:
        logging.getLogger("kundenportal.test").exception("it went wrong")
    assert "No such file or directory" in written.getvalue()


@pytest.mark.django_db
def test_no_line_about_a_failed_request_names_what_was_asked_for_or_entered(
    written: StringIO, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.LOG_REQUESTS = True
    monkeypatch.setattr("kundenportal.domain.credentials.operations.sign_in.sign_in", _failing(SECRET))
    holder, browser = letter_holder("geheim@example.org"), Client(raise_request_exception=False)
    answer = attempt(browser, holder.address, SECRET)
    assert answer.status_code == 500
    browser.get(f"/password/choose/{SECRET}/?token={SECRET}")
    browser.get(f"/no-such-page/{SECRET}/?token={SECRET}")
    browser.get("/", headers={"host": f"{SECRET}.example.org"})
    said = {"the log": written.getvalue().encode()}
    assert answer.headers["X-Request-Reference"].encode() in said["the log"]
    assert b"sign-in" in said["the log"]
    for secret in (SECRET, holder.password):
        assert places_of(secret, said) == []
    # The database's own log, which DEBUG lets speak, is not one of the portal's.
    assert b"geheim@example.org" not in b"\n".join(
        line for line in said["the log"].splitlines() if b"django.db.backends" not in line
    )


@pytest.mark.django_db
def test_a_line_of_json_is_an_object_with_the_same_names(settings: Settings) -> None:
    settings.LOG_REQUESTS = True
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    logger = logging.getLogger("kundenportal.requests")
    logger.addHandler(handler)
    try:
        answer = Client().get("/no-such-page/", headers={"host": "elsewhere"})
    finally:
        logger.removeHandler(handler)
    line = json.loads(stream.getvalue())
    assert line.pop("at").endswith("+00:00")
    assert 0 <= line.pop("milliseconds") < 10_000
    assert line.pop("message").startswith("GET none: 400 in ")
    assert line == {
        "level": "info",
        "logger": "kundenportal.requests",
        "reference": answer.headers["X-Request-Reference"],
        "page": "none",
        "method": "GET",
        "status": 400,
    }

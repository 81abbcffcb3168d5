"""The running portal, watched as a balancer and a monitoring system would."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest

from web.watch.conftest import TOKEN, figures_in

from .processes import Portal, eventually

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROUNDS = 40
SECRET = "what-nobody-may-read-0815"


@pytest.fixture(scope="module")
def portal(lasting_data_dir: Path) -> Iterator[Portal]:
    served = Portal(
        lasting_data_dir,
        WEB_PROCESSES="2",
        METRICS_TOKEN=TOKEN,
        LOG_FORMAT="json",
        LOG_REQUESTS="yes",
        SECRET_KEY="k" * 40,
    )
    # What was made before anybody asked is no request.
    assert served.complaints.read_text() == ""
    assert not any(name.startswith("kundenportal_request_seconds") for name, _ in _figures(served))
    yield served
    served.clean_up()


def _ask(portal: Portal, path: str, **headers: str) -> tuple[int, str, str]:
    """Status, text and reference, as asked for by an address that is no name of the portal's."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{portal.port}{path}", headers={"Host": "10.0.0.5", "Connection": "close", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), answer.headers.get("X-Request-Reference", "")
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode(), refusal.headers.get("X-Request-Reference", "")


def _figures(portal: Portal) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    status, text, _ = _ask(portal, "/metrics", Authorization=f"Bearer {TOKEN}")
    assert status == 200
    return figures_in(text)


def test_it_lives_and_is_ready(portal: Portal) -> None:
    assert _ask(portal, "/health/live")[:2] == (200, "alive\n")
    assert _ask(portal, "/health/ready")[:2] == (200, "ready\n")


def test_its_figures_are_for_whoever_has_the_token(portal: Portal) -> None:
    assert _ask(portal, "/metrics")[0] == 401


def test_any_process_tells_the_requests_of_all(portal: Portal) -> None:
    labels = frozenset({("page", "home"), ("method", "GET"), ("status", "200")})
    assert _ask(portal, "/", Host="127.0.0.1")[0] == 200
    before = _figures(portal)["kundenportal_request_seconds_count", labels]
    for _ in range(ROUNDS):
        assert _ask(portal, "/", Host="127.0.0.1")[0] == 200
    seen = {_figures(portal)["kundenportal_request_seconds_count", labels] for _ in range(10)}
    assert seen == {before + ROUNDS}
    assert len(_counted(portal)) >= 2, "one process has answered everything"


def _counted(portal: Portal) -> set[str]:
    """The files in which its processes count, each in one of its own."""
    maps = (each for process in portal.parts("web") for each in process.memory_maps())
    return {each.path for each in maps if "histogram_" in each.path}


def test_nothing_is_counted_on_a_disk_that_may_be_full(portal: Portal) -> None:
    assert all(path.startswith("/dev/shm/kundenportal-") for path in _counted(portal))


def test_its_worker_gives_signs_of_life(portal: Portal) -> None:
    eventually(lambda: _figures(portal)["kundenportal_workers", frozenset()] == 1)
    assert _figures(portal)["kundenportal_database_up", frozenset()] == 1


def test_each_line_of_the_log_is_an_object_with_the_reference_and_without_secrets(portal: Portal) -> None:
    _, _, reference = _ask(portal, f"/password/choose/{SECRET}/?secret={SECRET}", Host="127.0.0.1")
    _ask(portal, f"/{SECRET}", Host=f"{SECRET}.example.org", Authorization=f"Bearer {SECRET}")
    said: list[str] = []

    def is_written() -> bool:
        said[:] = portal.complaints.read_text().splitlines()
        return any(reference in line for line in said)

    eventually(is_written)
    lines = [json.loads(line) for line in said if not line.startswith("kundenportal: ")]
    assert len(lines) > 2
    # The link leads on at once, so that its secret does not stay in the address.
    assert [line["page"] for line in lines if line.get("reference") == reference] == ["reset-choose"]
    assert "reset-link" in {line.get("page") for line in lines}
    assert SECRET not in "\n".join(said)
    assert TOKEN not in "\n".join(said)


def test_it_is_not_ready_while_its_database_is_away_and_then_is_again(portal: Portal) -> None:
    postgres = portal.part("postgres")
    postgres.suspend()
    try:
        assert _ask(portal, "/health/live")[0] == 200
        assert _ask(portal, "/health/ready")[:2] == (503, "the database cannot be reached\n")
    finally:
        postgres.resume()
    postgres.kill()
    eventually(lambda: _ask(portal, "/health/ready")[0] == 200)


def test_a_process_that_ends_in_good_order_leaves_the_others_their_files(portal: Portal) -> None:
    ended = portal.part("web")
    ended.terminate()
    eventually(lambda: len({each.pid for each in portal.parts("web")} - {ended.pid}) >= 2)

    def another_counts() -> bool:
        assert _ask(portal, "/", Host="127.0.0.1")[0] == 200
        return len(_counted(portal)) >= 2

    eventually(another_counts)
    assert not [path for path in _counted(portal) if "(deleted)" in path]


def test_counts_of_an_earlier_start_are_not_carried_on(portal: Portal) -> None:
    assert _ask(portal, "/", Host="127.0.0.1")[0] == 200
    before = _counted(portal)
    assert before
    for process in portal.parts("web"):
        process.kill()

    def counts_anew() -> bool:
        after = _counted(portal)
        return _ask(portal, "/", Host="127.0.0.1")[0] == 200 and bool(after) and before.isdisjoint(after)

    eventually(counts_anew)

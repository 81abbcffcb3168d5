"""A thousand guesses at the same instant: five are checked. A hundred right entries at the same instant: all let in."""

from __future__ import annotations

import json
import sys
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from .crowd import Answer, Entry, Pause, all_at_once
from .people import nobody_yet, with_letter
from .serving import free_port
from .words import GERMAN

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .letters import Mailbox
    from .people import Person
    from .serving import Portal

pytestmark = pytest.mark.journey

PROCESSES = "4"
WRONG = "fkmr-wy34-fkmr-wy34-fkmr-wy34-fkmr"
LEASE = timedelta(seconds=30)
REFUSED, LOCKED, BUSY = 200, 403, 503
POSITION_OF_THE_RIGHT_ONE = 60
ISSUE = """
import json
import sys
from collections import Counter
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.credentials.operations import access
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
for address in json.loads({addresses!r}):
    access.issue_access(address=address, name="Kita", organisation="Kita", kind=Kind.PERSONAL, role=Role.CUSTOMER,
        language=Language.GERMAN, issued_by=None, now=clock.now(), origin=COMMAND_LINE)
"""


@dataclass(frozen=True)
class Servers:
    """Web servers of one portal, which note every run of Argon2 in one file."""

    portal: Portal
    urls: tuple[str, ...]
    runs: Path

    @property
    def argon2_runs(self) -> int:
        """How many there have been in all their processes."""
        return self.runs.stat().st_size

    def entries(self, address: str, passwords: list[str]) -> list[Entry]:
        """One entry for each password, at each server in turn."""
        return [
            Entry(self.urls[number % len(self.urls)], address, password) for number, password in enumerate(passwords)
        ]


@pytest.fixture(scope="module", params=[1, 2], ids=["one server", "two servers"])
def servers(
    request: pytest.FixtureRequest, portal: Portal, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Servers]:
    """Web servers beside the one the portal has, on the same database."""
    runs = tmp_path_factory.mktemp("argon2") / "runs"
    with ExitStack() as stack:
        there = [stack.enter_context(counting(portal, runs)) for _ in range(request.param)]
        yield Servers(portal, tuple(server.url for server in there), runs)


@contextmanager
def counting(portal: Portal, runs: Path, complaining_of: str = "") -> Iterator[Portal]:
    beside = portal.with_settings(BIND=f"127.0.0.1:{free_port()}", WEB_PROCESSES=PROCESSES)
    with beside.running("web", counting_hashes_in=runs, complaining_of=complaining_of) as server:
        yield server


def answers_to(entries: list[Entry], pause: Pause | None = None) -> list[Answer]:
    answers = [answer for answer in all_at_once(entries, pause) if answer is not None]
    assert len(answers) == len(entries), "Somebody was hung up on."
    return answers


def newcomers(portal: Portal, mailbox: Mailbox, number: int) -> list[Person]:
    people = [nobody_yet(GERMAN) for _ in range(number)]
    portal.python(ISSUE.format(addresses=json.dumps([person.address for person in people])))
    return [with_letter(person, mailbox) for person in people]


sizes = pytest.mark.parametrize(
    ("guesses", "rounds"),
    [(300, 1), pytest.param(1000, 10, marks=pytest.mark.thorough)],
    ids=["a crowd", "ten thousands"],
)


@sizes
def test_of_a_thousand_guesses_at_one_name_five_are_checked_and_a_right_one_behind_them_is_not(
    servers: Servers, mailbox: Mailbox, guesses: int, rounds: int
) -> None:
    for person in newcomers(servers.portal, mailbox, rounds):
        passwords = [WRONG] * guesses
        passwords[POSITION_OF_THE_RIGHT_ONE - 1] = person.password
        before = servers.argon2_runs
        # All stand at the door. Wherever the system puts the right one in line, it comes behind five that are checked.
        five_are_being_checked = Pause(
            after=POSITION_OF_THE_RIGHT_ONE - 1,
            until=lambda: servers.argon2_runs - before >= 5,  # noqa: B023
        )
        answers = answers_to(servers.entries(person.address, passwords), five_are_being_checked)
        statuses = [answer.status for answer in answers]
        assert servers.argon2_runs - before == 5
        assert not any(answer.lets_in for answer in answers)
        assert statuses.count(REFUSED) == 5
        assert set(statuses) <= {REFUSED, LOCKED, BUSY}
        sys.stdout.write(f"{guesses} guesses: {dict(Counter(statuses))}\n")


@sizes
@pytest.mark.parametrize("somebody", [True, False], ids=["somebody's name", "nobody's name"])
def test_of_a_thousand_wrong_guesses_five_are_checked(
    servers: Servers, mailbox: Mailbox, guesses: int, rounds: int, *, somebody: bool
) -> None:
    people = newcomers(servers.portal, mailbox, rounds) if somebody else [nobody_yet(GERMAN) for _ in range(rounds)]
    for person in people:
        before = servers.argon2_runs
        statuses = [answer.status for answer in answers_to(servers.entries(person.address, [WRONG] * guesses))]
        assert servers.argon2_runs - before == 5
        assert statuses.count(REFUSED) == 5
        assert set(statuses) <= {REFUSED, LOCKED, BUSY}


@pytest.mark.parametrize("entries", [25, pytest.param(100, marks=pytest.mark.thorough)])
def test_right_entries_at_the_same_instant_all_lead_in(servers: Servers, mailbox: Mailbox, entries: int) -> None:
    (person,) = newcomers(servers.portal, mailbox, 1)
    for _ in ("the first sign-in", "a later one"):
        before = servers.argon2_runs
        answers = answers_to(servers.entries(person.address, [person.password] * entries))
        assert [answer.status for answer in answers if not answer.lets_in] == []
        assert servers.argon2_runs - before == entries


def test_a_web_process_killed_while_it_checks_has_used_up_one_of_the_five_once_its_lease_is_over(
    portal: Portal, tmp_path: Path
) -> None:
    address, runs = nobody_yet(GERMAN).address, tmp_path / "runs"
    with counting(portal, runs, complaining_of="was sent SIGKILL") as server:
        runs.with_suffix(".deadly").touch()
        assert all_at_once([Entry(server.url, address, WRONG)]) == [None]
        assert runs.stat().st_size == 1
        runs.with_suffix(".deadly").unlink()
    beside = portal.with_settings(BIND=f"127.0.0.1:{free_port()}")
    with beside.running("web", at=datetime.now(UTC) + LEASE) as server:
        statuses = [
            answer.status for _ in range(5) for answer in all_at_once([Entry(server.url, address, WRONG)]) if answer
        ]
    assert statuses == [REFUSED] * 4 + [LOCKED]

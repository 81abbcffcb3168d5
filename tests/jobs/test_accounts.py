"""kundenportal accounts, as a person and as a program reads it."""

from __future__ import annotations

import argparse
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from factories.accounts import NOW, active, delivered, issued, suspended
from kundenportal.domain.accounts.rules import Kind
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.jobs import accounts

if TYPE_CHECKING:
    from datetime import datetime

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db


def call(*words: str, now: datetime = NOW) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal accounts")
    accounts.configure(parser)
    return accounts.run(parser.parse_args(words), now=now)


def listed(capsys: pytest.CaptureFixture[str], *, now: datetime = NOW) -> list[dict[str, Any]]:
    assert call("--json", now=now) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def accounts_in_every_state(mail_server: MailServer) -> None:
    delivered(mail_server, issued("c-expired@example.org", now=NOW - timedelta(days=28)), now=NOW - timedelta(days=28))
    delivered(mail_server, issued("b-issued@example.org", kind=Kind.INSTITUTIONAL))
    active(mail_server, issued("d-active@example.org"))
    suspended(active(mail_server, issued("e-suspended@example.org")))
    mail_server.says_to_recipient = lambda _: "550 No such user"
    issued("f-failed@example.org")
    deliver_due_mails(clock=lambda: NOW)
    issued("a-waiting@example.org", name="Anna Beispiel")


def test_every_account_is_a_line_in_alphabetical_order_with_its_state(
    mail_server: MailServer, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts_in_every_state(mail_server)
    assert call() == 0
    out, err = capsys.readouterr()
    assert err == ""
    heading, *lines = out.splitlines()
    assert heading.split() == ["ADDRESS", "NAME", "KIND", "ROLE", "STATE", "EXPIRES", "(Europe/Berlin)", "LETTER"]
    column = heading.index("STATE")
    assert [(line.split()[0], line[column:].split()) for line in lines] == [
        ("a-waiting@example.org", ["issued", "–", "waiting"]),
        ("b-issued@example.org", ["issued", "2026-12-21", "10:00", "handed_over"]),
        ("c-expired@example.org", ["expired", "2026-11-23", "10:00", "handed_over"]),
        ("d-active@example.org", ["active", "–", "handed_over"]),
        ("e-suspended@example.org", ["suspended", "–", "handed_over"]),
        ("f-failed@example.org", ["issued", "–", "failed"]),
    ]
    assert "Anna Beispiel" in lines[0]
    assert [line for line in out.splitlines() if line != line.rstrip()] == []


def test_a_long_address_is_cut_in_the_table_and_whole_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    address = f"{'a' * 60}@{'b' * 60}.example.org"
    issued(address, name="n" * 50)
    issued("z@example.org", name="n" * 51)
    assert call() == 0
    _, first, second = capsys.readouterr().out.splitlines()
    assert first.split()[:2] == ["a" * 49 + "…", "n" * 50]
    assert second.split()[:2] == ["z@example.org", "n" * 49 + "…"]
    assert listed(capsys)[0]["address"] == address


def test_a_program_reads_one_json_object_per_line(mail_server: MailServer, capsys: pytest.CaptureFixture[str]) -> None:
    accounts_in_every_state(mail_server)
    rows = listed(capsys)
    assert [row["state"] for row in rows] == ["issued", "issued", "expired", "active", "suspended", "issued"]
    assert rows[1] == {
        "address": "b-issued@example.org",
        "name": "Büro Musterland",
        "kind": "institutional",
        "role": "customer",
        "state": "issued",
        "expires_at": "2026-12-21T09:00:00+00:00",
        "letter": "handed_over",
    }
    assert [row["letter"] for row in rows] == ["waiting", *["handed_over"] * 4, "failed"]


def test_a_state_is_the_one_of_the_moment(mail_server: MailServer, capsys: pytest.CaptureFixture[str]) -> None:
    delivered(mail_server)
    assert listed(capsys, now=NOW + timedelta(days=28, seconds=-1))[0]["state"] == "issued"
    assert listed(capsys, now=NOW + timedelta(days=28))[0]["state"] == "expired"


def test_an_empty_portal_says_how_to_begin(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 0
    assert capsys.readouterr().out == "No account yet. Issue the first one: kundenportal issue-access --help\n"


def test_an_empty_portal_is_no_line_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("--json") == 0
    assert capsys.readouterr() == ("", "")


def test_no_secret_is_listed(mail_server: MailServer, capsys: pytest.CaptureFixture[str]) -> None:
    _, password = delivered(mail_server)
    call()
    call("--json")
    shown = capsys.readouterr().out
    assert password not in shown
    assert "argon2" not in shown

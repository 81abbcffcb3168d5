"""kundenportal issue-access, as a person and as a program calls it."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

import pytest

from factories.accounts import NOW, enters, issued
from factories.trail import events_of
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import organisation_names_of
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.jobs import issue_access
from kundenportal.kernel.refusal import Refusal

if TYPE_CHECKING:
    from pytest_django import Settings

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

WHOM = ("--name", "Büro Musterland", "--organisation", "Kirchenkreis Musterland")


def call(*words: str) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal issue-access")
    issue_access.configure(parser)
    return issue_access.run(parser.parse_args(words), now=NOW)


def test_it_issues_access_and_says_so(capsys: pytest.CaptureFixture[str], mail_server: MailServer) -> None:
    assert call("Buero@Musterland.example.org", *WHOM) == 0
    assert capsys.readouterr() == ("Access is issued to buero@musterland.example.org; the letter is queued.\n", "")
    account = Account.objects.get(address="buero@musterland.example.org")
    assert (account.name, account.kind, account.role, account.language) == (
        "Büro Musterland",
        "personal",
        "customer",
        "de",
    )
    assert organisation_names_of(account) == ["Kirchenkreis Musterland"]
    assert events_of(account) == ["account.opened", "access.issued"]
    assert {(entry.actor, entry.network_address) for entry in Entry.objects.all()} == {(None, "")}
    deliver_due_mails(clock=lambda: NOW)
    assert enters(account.address, mail_server.mail_to(account.address).password) == account


def test_in_a_demonstration_it_says_that_no_letter_is_sent(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.DEMONSTRATION = True
    assert call("buero@example.org", *WHOM) == 0
    assert capsys.readouterr().out == (
        "Access is issued to buero@example.org; the letter will be captured, not sent: this is a demonstration.\n"
    )


def test_kind_role_and_language_can_be_chosen() -> None:
    assert call("buero@example.org", *WHOM, "--institutional", "--role", "desk", "--language", "en") == 0
    account = Account.objects.get()
    assert (account.kind, account.role, account.language) == ("institutional", "desk", "en")


def test_a_letter_is_written_in_the_portals_language_unless_another_is_chosen(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "en"
    assert call("buero@example.org", *WHOM) == 0
    assert Account.objects.get().language == "en"


def test_a_program_reads_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("buero@example.org", *WHOM, "--json") == 0
    answer = capsys.readouterr()
    assert json.loads(answer.out) == {"address": "buero@example.org", "letter": "queued"}
    assert answer.err == ""


REFUSALS = [
    (("nonsense", *WHOM), "'nonsense' is not an e-mail address."),
    ((" TAKEN@Xn--Mller-Kva.example.org", *WHOM), "taken@müller.example.org already has access."),
    (("new@example.org", "--name", " ", "--organisation", "Kita"), "The name is empty."),
    (("new@example.org", "--name", "n" * 151, "--organisation", "Kita"), "The name is too long."),
    (("new@example.org", "--name", "Anna", "--organisation", " "), "The organisation's name is empty."),
    (("new@example.org", "--name", "Anna", "--organisation", "o" * 201), "The organisation's name is too long."),
]


@pytest.mark.parametrize(("words", "sentence"), REFUSALS)
def test_a_refusal_is_one_sentence_and_exit_code_1(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    issued("taken@müller.example.org")
    accounts, letters = Account.objects.count(), AccessLetter.objects.count()
    assert call(*words) == 1
    assert capsys.readouterr() == ("", f"{sentence}\n")
    assert (Account.objects.count(), AccessLetter.objects.count()) == (accounts, letters)


class OfNoKnownKind(Refusal):
    """A refusal that somebody adds one day."""


def test_a_refusal_without_a_sentence_of_its_own_is_one_all_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_: object) -> Account:
        raise OfNoKnownKind

    monkeypatch.setattr(access, "issue_access", refuse)
    assert call("buero@example.org", *WHOM) == 1
    assert capsys.readouterr() == ("", "Access is not issued: OfNoKnownKind.\n")


@pytest.mark.parametrize(("words", "sentence"), REFUSALS)
def test_a_program_reads_a_refusal_as_json(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    issued("taken@müller.example.org")
    assert call(*words, "--json") == 1
    answer = capsys.readouterr()
    assert json.loads(answer.out) == {"refused": sentence}
    assert answer.err == f"{sentence}\n"


def test_bytes_that_are_no_text_are_left_out_of_names_and_refused_in_an_address(
    capsys: pytest.CaptureFixture[str],
) -> None:
    no_text = b"\xff".decode("utf-8", "surrogateescape")  # as Python reads its command line
    assert call("buero@example.org", "--name", f"A{no_text}nna", "--organisation", f"{no_text}Kita") == 0
    assert Account.objects.get().name == "Anna"
    assert organisation_names_of(Account.objects.get()) == ["Kita"]
    capsys.readouterr()
    assert call(f"b{no_text}@example.org", *WHOM, "--json") == 1
    assert json.loads(capsys.readouterr().out) == {"refused": r"'b\udcff@example.org' is not an e-mail address."}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("buero@example.org",),
        ("buero@example.org", "--name", "Anna"),
        ("buero@example.org", *WHOM, "--role", "emperor"),
        ("buero@example.org", *WHOM, "--language", "fr"),
        ("buero@example.org", "second@example.org", *WHOM),
    ],
)
def test_wrong_usage_is_exit_code_2(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as exit_:
        call(*words)
    assert exit_.value.code == 2
    assert "usage:" in capsys.readouterr().err
    assert not Account.objects.exists()


def test_there_is_help_for_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        call("--help")
    assert exit_.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for option in ("ADDRESS", "--name", "--organisation", "--institutional", "--role", "--language", "--json"):
        assert option in shown
    assert "default: KUNDENPORTAL_LANGUAGE" in shown

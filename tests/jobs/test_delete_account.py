"""kundenportal delete-account, as a person calls it."""

from __future__ import annotations

import argparse

import pytest

from factories.accounts import NOW, issued
from factories.trail import events_of
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.rules.deletion import TAKEN_BACK_WITHIN
from kundenportal.domain.privacy import operations as privacy
from kundenportal.jobs import delete_account

pytestmark = pytest.mark.django_db


def call(*words: str) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal delete-account")
    delete_account.configure(parser)
    return delete_account.run(parser.parse_args(words), now=NOW)


def test_it_decides_says_when_and_takes_back(capsys: pytest.CaptureFixture[str]) -> None:
    account = issued("buero@example.org")
    assert call("Buero@example.org") == 0
    assert capsys.readouterr().out == (
        "buero@example.org is suspended, and deleted on 2026-12-07 10:00 by the worker.\n"
    )
    assert call("buero@example.org") == 1
    assert call("buero@example.org", "--take-back") == 0
    assert call("buero@example.org", "--take-back") == 1
    answer = capsys.readouterr()
    assert answer.out == "buero@example.org will not be deleted; it is suspended until the desk restores it.\n"
    assert answer.err == "buero@example.org is to be deleted already.\nbuero@example.org is not to be deleted.\n"
    assert events_of(account)[-3:] == ["account.suspended", "account.to_be_deleted", "account.kept"]
    assert all(
        entry.details.get("at_command_line") for entry in Entry.objects.filter(subject=account).order_by("-pk")[:3]
    )
    assert privacy.delete_due(now=NOW + TAKEN_BACK_WITHIN) == 0


def test_an_address_nobody_signs_in_with_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert call("niemand@example.org") == 1
    assert capsys.readouterr().err == "No account signs in with niemand@example.org.\n"

"""kundenportal demo: something of everything, and nothing of it real."""

from __future__ import annotations

import argparse
import json
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from django.urls import get_resolver
from django.utils import timezone

from factories.accounts import NOW, OWN_PASSWORD, chooses, enters, issued
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.credentials.operations.sign_in import AccountIsSuspended, InitialPasswordExpired
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import Renewal
from kundenportal.domain.inbox.models import ReceivedMail
from kundenportal.domain.mail.capture import captured_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.domain.maintenance.models import Window
from kundenportal.domain.maintenance.rules.windows import Stage, stage
from kundenportal.domain.organisations.models import Organisation
from kundenportal.domain.support.models import Intake
from kundenportal.domain.worklist.queries import counts
from kundenportal.jobs import accounts, demo

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.CAPTURED_MAIL = tmp_path / "captured-mail"
    settings.DEMONSTRATION = False
    settings.BASE_URL = "http://127.0.0.1:8000"
    # Which addresses there are is decided once in a process: not by a test that plays the demonstration.
    assert get_resolver().url_patterns
    return tmp_path / "captured-mail"


def call() -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(prog="kundenportal demo")
    demo.configure(parser)
    return demo.run(parser.parse_args([]), now=NOW)


def mailed_password(address: str) -> str:
    (text,) = [mail.text for mail in captured_mails() if mail.recipient == address]
    found = re.search(r"(?:Passwort|Password):\s+(\S+)", text)
    assert found
    return found[1]


def test_there_is_an_account_in_every_state_and_of_every_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert call() == 0
    capsys.readouterr()
    accounts.run(argparse.Namespace(json=True), now=NOW)
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["state"] for row in rows} == {"issued", "expired", "active", "suspended"}
    assert {row["kind"] for row in rows} == {"personal", "institutional"}
    assert {row["role"] for row in rows} >= {"customer", "editor", "admin"}
    assert set(Account.objects.values_list("language", flat=True)) == {Language.GERMAN, Language.ENGLISH}
    assert Organisation.objects.filter(accounts__role="customer").distinct().count() == 3
    assert all(row["address"].endswith("example.org") for row in rows)


def test_the_printed_passwords_really_let_one_in(capsys: pytest.CaptureFixture[str]) -> None:
    call()
    out, err = capsys.readouterr()
    assert err == ""
    entrances = re.findall(r"^  (.+?): +(\S+@\S+) +(\S+)$", out, re.MULTILINE)
    assert [label for label, _, _ in entrances] == ["Service desk", "Customer"]
    desk, customer = (enters(address, password) for _, address, password in entrances)
    assert (desk.may_use_desk, customer.may_use_desk) == (True, False)
    assert desk.own_password_chosen
    assert "http://127.0.0.1:8000/" in out
    assert "http://127.0.0.1:8000/demo/mail/" in out


def test_the_other_accounts_are_entered_with_what_was_mailed_to_them() -> None:
    call()
    anna = enters("anna.beispiel@musterland.example.org", mailed_password("anna.beispiel@musterland.example.org"))
    assert not anna.own_password_chosen
    with pytest.raises(InitialPasswordExpired):
        enters("leitung@probstadt.example.org", mailed_password("leitung@probstadt.example.org"))
    (suspended,) = [resident for resident in demo.RESIDENTS if resident.suspended]
    with pytest.raises(AccountIsSuspended):
        enters(suspended.address, demo.password_of(suspended))


def test_whoever_came_too_late_is_met_at_every_stage_of_asking_for_new_access() -> None:
    call()
    stages = {}
    for resident in demo.RESIDENTS:
        account = Account.objects.get(address=resident.address)
        if expired := expired_access_of(account, now=NOW):
            stages[resident.address] = expired.renewal
    assert stages == {
        "leitung@probstadt.example.org": Renewal.NOT_REQUESTED,
        "verwaltung@probstadt.example.org": Renewal.BEING_CHECKED,
        "ehrenamt@musterland.example.org": Renewal.DECLINED,
    }
    check = EntitlementCheck.objects.get(state="declined")
    assert check.decided_by is not None
    assert check.decided_by.may_use_desk


def test_every_mail_is_captured_and_none_is_left_waiting(folder: Path) -> None:
    call()
    assert set(OutgoingMail.objects.values_list("state", flat=True)) == {State.HANDED_OVER, State.BOUNCED}
    letters = [mail for mail in captured_mails() if "Zugang zum" in mail.subject or "Your access" in mail.subject]
    assert sorted(mail.recipient for mail in letters) == sorted(resident.address for resident in demo.RESIDENTS)
    assert folder.is_dir()


def test_something_of_everything_has_come_in_and_only_once(settings: Settings) -> None:
    call()
    settings.DEMONSTRATION = True
    call()
    outcomes = ReceivedMail.objects.order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["intake", "intake", "ignored", "set_aside"]
    routes = Intake.objects.filter(account__isnull=False).order_by("route").values_list("route", flat=True)
    assert list(routes) == ["mail", "page"]


def test_a_second_start_adds_nothing_and_prints_the_same(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    call()
    first = capsys.readouterr().out
    rows, mails = list(Account.objects.order_by("pk").values()), len(captured_mails())
    settings.DEMONSTRATION = True  # as the settings find it once mail is captured
    assert call() == 0
    assert capsys.readouterr().out == first
    assert list(Account.objects.order_by("pk").values()) == rows
    assert len(captured_mails()) == mails


def test_a_password_somebody_has_chosen_since_is_not_printed(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    call()
    settings.DEMONSTRATION = True
    chooses(enters(demo.CUSTOMER.address, demo.password_of(demo.CUSTOMER)), OWN_PASSWORD)
    capsys.readouterr()
    assert call() == 0
    out = capsys.readouterr().out
    assert demo.password_of(demo.CUSTOMER) not in out
    assert OWN_PASSWORD not in out
    assert demo.password_of(demo.STAFF) in out
    assert "(the password chosen in the profile)" in out


def test_a_start_that_was_interrupted_is_completed_by_the_next(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(demo, "RESIDENTS", demo.RESIDENTS[:2])
        call()
    settings.DEMONSTRATION = True
    assert call() == 0
    assert Account.objects.count() == len(demo.RESIDENTS)


def test_a_directory_with_real_accounts_is_refused_untouched(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    issued("kunde@musterland.example.org")
    assert call() == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "This data directory holds real accounts" in err
    assert "KUNDENPORTAL_DATA_DIR" in err
    assert Account.objects.count() == 1
    assert not folder.exists(), "the next start would take this for a demonstration and capture real mail"


def test_where_mail_is_really_sent_there_is_no_demonstration(
    capsys: pytest.CaptureFixture[str], folder: Path, settings: Settings
) -> None:
    settings.MAIL_SERVER_IS_SET = True
    assert call() == 1
    assert capsys.readouterr() == (
        "",
        "A demonstration sends no mail: start it without KUNDENPORTAL_SMTP_URL.\n",
    )
    assert not Account.objects.exists()
    assert not folder.exists()


def test_two_demonstrations_do_not_share_their_passwords(settings: Settings) -> None:
    before = demo.password_of(demo.CUSTOMER)
    assert demo.password_of(demo.CUSTOMER) == before
    assert demo.password_of(demo.STAFF) != before
    settings.SECRET_KEY = "the key of quite another demonstration"
    assert demo.password_of(demo.CUSTOMER) != before


def test_a_letter_without_a_password_is_a_fault_one_hears_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "re", SimpleNamespace(search=lambda *_: None))
    with pytest.raises(LookupError, match="no password in the letter to"):
        call()


def test_maintenance_is_announced_once(settings: Settings) -> None:
    call()
    settings.DEMONSTRATION = True
    call()
    window = Window.objects.get()
    assert stage(window.times, now=NOW) is Stage.ANNOUNCED
    assert f"{timezone.localtime(window.starts_at):%H:%M}" == "20:00"


def test_something_of_every_kind_waits_at_the_desk() -> None:
    call()
    assert all(counts(now=NOW).values())

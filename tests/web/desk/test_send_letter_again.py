"""A letter the mail server refused for good is sent again from the list, once, and only where that helps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.operations import note_report
from kundenportal.domain.mail.rules import Action, Report
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import (
    attempt,
    issue,
    letter_holder,
    newcomer,
    password_in_letter,
    refused_for_good,
    settled,
    sign_in,
    suspend,
    too_late,
)

if TYPE_CHECKING:
    from django.test import Client

    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db

LIST = "/desk/accounts/"
PATH = "/desk/accounts/send-letter-again/"


@pytest.fixture
def desk() -> Client:
    """A browser in which a member of the desk's staff sits."""
    return sign_in(settled("hr-service@example.org", name="HR-Service", role=Role.DESK))


def _letters(account: Account) -> int:
    return AccessLetter.objects.filter(account=account).count()


def test_one_press_sends_a_new_letter_that_works(desk: Client, client: Client) -> None:
    account = refused_for_good(issue())
    here = f"{LIST}?q=example&sort=name"
    page = Page(desk.get(here))
    (form,) = (each for each in page.all("form", action=PATH))
    (button,) = form.all("button")
    assert account.address in button.text
    response = page.form(button.text).press(desk, button.text)
    assert response.headers["Location"] == here, "what was looked for is shown again"
    after = Page(desk.get(LIST))
    assert account.address in after.notices[0]
    assert not after.all("form", action=PATH)
    deliver_due_mails(clock=clock.now)
    assert attempt(client, account.address, password_in_letter(account.address)).status_code == 302


def test_pressing_twice_sends_one_letter(desk: Client) -> None:
    account = refused_for_good(issue())
    for _ in range(2):
        desk.post(PATH, {"account": account.pk})
    assert _letters(account) == 2


def test_where_it_would_not_help_it_is_neither_offered_nor_done(desk: Client) -> None:
    waiting, handed_over = issue("waiting@example.org"), letter_holder("handed@example.org").account
    active = refused_for_good(newcomer("active@example.org").account)
    suspended = refused_for_good(suspend(letter_holder("suspended@example.org")).account)
    assert not Page(desk.get(LIST)).all("form", action=PATH)
    for account in (waiting, handed_over, active, suspended):
        assert desk.post(PATH, {"account": account.pk}).headers["Location"] == LIST
        assert _letters(account) == 1
        assert account.address not in " ".join(Page(desk.get(LIST)).notices)


def test_after_the_four_weeks_it_waits_for_nobody_and_who_presses_all_the_same_is_led_to_the_check(
    desk: Client,
) -> None:
    account = too_late().account
    letter = AccessLetter.objects.select_related("mail").get(account=account)
    note_report(letter.mail.key, Report(Action.FAILED, "5.2.2"), now=clock.now())
    for path in (LIST, "/desk/mails/"):
        assert not [each for each in Page(desk.get(path)).all("button") if "Erneut senden" in each.text], path
    assert "Es wartet nichts" in Page(desk.get("/desk/")).main.text
    for path, entries in ((PATH, {"account": account.pk}), ("/desk/mails/send-again/", {"mail": letter.mail_id})):
        page = Page(desk.post(path, entries, follow=True))
        assert "Die vier Wochen sind vorbei" in page.notices[0]
        assert page.main.all("a", href=f"/desk/accounts/{account.pk}/take-down-request/")
    assert _letters(account) == 1


@pytest.mark.parametrize("account", ["0", "999999999", "9" * 18, "-1", "", "x", "1e3"])
def test_an_account_there_is_not_is_not_there(desk: Client, account: str) -> None:
    assert desk.post(PATH, {"account": account}).status_code == 404


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.EDITOR])
def test_whoever_is_not_of_the_desk_sends_nothing(role: Role) -> None:
    account = refused_for_good(issue("kita@probstadt.example.org"))
    client = sign_in(settled(role=role))
    assert client.post(PATH, {"account": account.pk}).status_code == 403
    assert _letters(account) == 1

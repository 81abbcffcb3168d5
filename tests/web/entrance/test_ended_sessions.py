"""A new password ends the sessions begun with the old one, and nobody is told of them as if they were open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from factories.accounts import OWN_PASSWORD
from kundenportal.domain.accounts.queries import open_sessions_of
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import asks_for_link, is_signed_in, newcomer, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client
    from time_machine import TimeMachineFixture

    from kundenportal.domain.accounts.models import Account
    from web.pages import Response

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "Nebel-hebt-sich-ueber-23-Wiesen"


def open_sessions(account: Account) -> int:
    return len(open_sessions_of(account, now=clock.now()))


def resets(client: Client, page: Page | None = None) -> Response:
    return (page or opened(client)).form("save").press(client, "save", new_password=NEW_PASSWORD)


def opened(client: Client) -> Page:
    return Page(client.get(asks_for_link(), follow=True))


def test_after_a_change_in_the_profile_the_browser_it_was_made_in_is_the_one_left() -> None:
    holder = settled()
    here, elsewhere = sign_in(holder), sign_in(holder)
    save, new = "Profil aktualisieren", "Neues Passwort erstellen"
    page = Page(Page(here.get("/profile/")).form(save).press(here, new))
    assert page.form(save).press(here, save, new_password=NEW_PASSWORD).status_code == 302
    assert open_sessions(holder.account) == 1
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_after_the_choice_at_the_first_sign_in_the_browser_it_was_made_in_is_the_one_left() -> None:
    holder = newcomer()
    here, elsewhere = sign_in(holder), sign_in(holder)
    answer = here.post("/sign-in/first/", {"action": "save", "new_password": OWN_PASSWORD})
    assert answer.status_code == 302
    assert open_sessions(holder.account) == 1
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_after_a_reset_there_is_none(client: Client) -> None:
    holder = settled()
    elsewhere = sign_in(holder)
    assert resets(client).status_code == 302
    assert open_sessions(holder.account) == 0
    assert not is_signed_in(elsewhere)


def test_a_reset_in_a_browser_that_is_signed_in_goes_through_and_signs_it_out(
    time_machine: TimeMachineFixture,
) -> None:
    holder = settled()
    here = sign_in(holder)
    page = opened(here)
    time_machine.move_to(clock.now() + timedelta(minutes=2))  # so that a sign of life is due
    assert resets(here, page).headers["Location"] == "/password/choose/done/"
    assert not is_signed_in(here)
    assert open_sessions(holder.account) == 0


def test_a_reset_leaves_the_session_of_another_account_in_that_browser() -> None:
    settled()
    other = settled("other@example.org")
    here = sign_in(other)
    assert resets(here).status_code == 302
    assert is_signed_in(here)
    assert open_sessions(other.account) == 1

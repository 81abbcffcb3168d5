from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from kundenportal.domain.accounts.rules import Language
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import attempt, is_signed_in, letter_holder, newcomer, settled, sign_in, suspend

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db


def test_address_and_password_let_in(client: Client) -> None:
    holder = settled()
    page = Page(client.get("/"))
    response = page.form("Anmelden").press(client, "Anmelden", address=holder.address, password=holder.password)
    assert response.headers["Location"] == "/"
    assert Page(client.get("/")).heading == "Guten Tag, Büro Musterland"


@pytest.mark.parametrize("spelling", ["BUERO@Musterland.Example.ORG", "  buero@musterland.example.org "])
def test_the_spelling_of_the_address_does_not_matter(client: Client, spelling: str) -> None:
    assert attempt(client, spelling, settled().password).status_code == 302


def test_blanks_and_hyphens_of_the_password_that_was_sent_do_not_matter(client: Client) -> None:
    holder = letter_holder()
    assert attempt(client, holder.address, f"  {holder.password.replace('-', ' ')} ").status_code == 302


def test_a_password_of_ones_own_is_taken_exactly_as_typed(client: Client) -> None:
    holder = settled()
    assert attempt(client, holder.address, f" {holder.password}").status_code == 200
    assert attempt(client, holder.address, holder.password.lower()).status_code == 200
    assert attempt(client, holder.address, holder.password).status_code == 302


def test_the_first_sign_in_leads_to_an_own_password(client: Client) -> None:
    holder = letter_holder()
    response = attempt(client, holder.address, holder.password, next="/profile/")
    assert response.headers["Location"] == "/sign-in/first/"


@pytest.mark.parametrize("wish", ["/profile/", "/profile/#password", "http://testserver/profile/"])
def test_one_gets_where_one_wanted_to_go(client: Client, wish: str) -> None:
    holder = settled()
    assert attempt(client, holder.address, holder.password, next=wish).headers["Location"] == wish


def test_the_wish_survives_a_detour_by_the_start_page_and_a_slip_of_the_finger(client: Client) -> None:
    holder = settled()
    turned_away = client.get("/profile/")
    assert turned_away.headers["Location"] == "/?next=/profile/"
    start = Page(client.get(turned_away.headers["Location"])).form("Anmelden")
    again = Page(start.press(client, "Anmelden", address=holder.address, password="falsch")).form("Anmelden")
    response = again.press(client, "Anmelden", address=holder.address, password=holder.password)
    assert response.headers["Location"] == "/profile/"


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example.org/",
        "//evil.example.org",
        "///evil.example.org",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "http:///evil.example.org",
        "http://testserver@evil.example.org/",
        "http://testserver.evil.example.org/",
        "javascript:alert(1)",
        "data:text/html,x",
        " //evil.example.org",
        "\t//evil.example.org",
        "evil.example.org",
    ],
)
def test_nobody_is_sent_to_another_host(client: Client, wish: str) -> None:
    holder = settled()
    location = attempt(client, holder.address, holder.password, next=wish).headers["Location"]
    # The last one is a path of our own to every browser.
    assert location in {"/", "evil.example.org"}
    if location != "/":
        assert wish == location


@pytest.mark.parametrize("path", ["/sign-out/", "/language/", "/sign-in/"])
def test_a_wish_to_go_where_only_a_form_may_go_ends_at_home(client: Client, path: str) -> None:
    holder = settled()
    response = attempt(client, holder.address, holder.password, next=path)
    assert Page(client.get(response.headers["Location"], follow=True)).heading == "Guten Tag, Büro Musterland"


def test_a_wish_longer_than_any_address_of_ours_is_no_obstacle(client: Client) -> None:
    holder = settled()
    assert attempt(client, holder.address, holder.password, next="/profile/?" + "x" * 5000).status_code == 302


def test_a_wrong_password_keeps_the_address_and_forgets_the_password(client: Client) -> None:
    page = Page(attempt(client, settled().address, "falsch-und-geheim"))
    form = page.form("Anmelden")
    assert form.fields["address"] == "buero@musterland.example.org"
    assert not form.fields["password"]
    (summary,) = page.all("div", role="alert")
    assert "passen nicht zusammen" in summary.text


@pytest.mark.parametrize(
    ("address", "password", "faulty"),
    [
        ("", "etwas", {"id_address"}),
        ("buero", "etwas", {"id_address"}),
        ("buero@musterland.example.org", "", {"id_password"}),
        ("", "", {"id_address", "id_password"}),
    ],
)
def test_what_is_missing_is_said_at_its_field(client: Client, address: str, password: str, faulty: set[str]) -> None:
    page = Page(attempt(client, address, password))
    assert set(page.errors) == faulty
    for field in faulty:
        control = page.control(field.removeprefix("id_"))
        assert control.attributes["aria-invalid"] == "true"
        assert f"{field}_error" in control.attributes["aria-describedby"].split()


def test_the_right_but_expired_password_is_told_when_it_ended(client: Client) -> None:
    sent_at = clock.now().replace(year=2026, month=10, day=1, hour=12, minute=30)
    holder = letter_holder(now=sent_at)
    page = Page(attempt(client, holder.address, holder.password))
    assert page.status == 403
    assert page.heading == "Das zugesandte Passwort ist abgelaufen"
    # 28 × 24 hours later in Berlin, where summer time has ended meanwhile.
    assert "Donnerstag, 29. Oktober 2026, 13:30 Uhr" in page.main.text
    assert page.form("Neue Zugangsdaten anfordern").has_button("Neue Zugangsdaten anfordern")
    assert not is_signed_in(client)


def test_the_same_in_english(client: Client) -> None:
    sent_at = clock.now().replace(year=2026, month=10, day=1, hour=12, minute=30)
    holder = letter_holder(now=sent_at, language=Language.ENGLISH)
    client.post("/language/", {"language": "en"})
    page = Page(attempt(client, holder.address, holder.password))
    assert page.heading == "The password we sent you has expired"
    assert "Thursday, 29 October 2026, 13:30" in page.main.text


def test_the_right_password_of_a_suspended_account_is_told_so(client: Client) -> None:
    holder = suspend(settled())
    page = Page(attempt(client, holder.address, holder.password))
    assert page.status == 403
    assert page.heading == "Ihr Zugang ist ausgesetzt"
    assert not is_signed_in(client)


def test_the_right_password_of_a_suspended_account_that_never_signed_in_is_told_so(client: Client) -> None:
    holder = suspend(letter_holder())
    assert Page(attempt(client, holder.address, holder.password)).heading == "Ihr Zugang ist ausgesetzt"


def test_the_last_second_of_the_four_weeks_lets_in(client: Client) -> None:
    four_weeks_ago = clock.now() - timedelta(days=28)
    in_time = letter_holder(now=four_weeks_ago + timedelta(minutes=1))
    assert attempt(client, in_time.address, in_time.password).status_code == 302


def test_signing_in_again_as_somebody_else_takes_nothing_along() -> None:
    first, second = settled(), settled("kita@probstadt.example.org", name="Kita Probstadt")
    client = sign_in(first)
    client.get("/profile/")
    sign_in(second, client)
    assert Page(client.get("/")).heading == "Guten Tag, Kita Probstadt"


def test_a_failed_attempt_does_not_end_the_session_of_whoever_is_in() -> None:
    client = sign_in(newcomer())
    attempt(client, "buero@musterland.example.org", "falsch")
    assert Page(client.get("/")).heading == "Guten Tag, Büro Musterland"


def test_asking_for_the_address_of_the_form_leads_to_the_start_page(client: Client) -> None:
    assert client.get("/sign-in/").headers["Location"] == "/"

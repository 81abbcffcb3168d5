"""Before maintenance a notice on every page; meanwhile a calm page instead of every other, for all but staff."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from factories.windows import DAY, DISKS, HOUR, begun, ended, planned
from kundenportal.domain.accounts.rules import Language, Role
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.maintenance import noticeboard, queries
from kundenportal.domain.maintenance.rules.windows import Message
from kundenportal.kernel import clock
from kundenportal.web.shared import maintenance
from web.pages import Page, read
from web.residents import attempt, newcomer, reset_link_in_mail, settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytest_django import Settings

    from kundenportal.domain.maintenance.models import Window
    from web.pages import Response

pytestmark = pytest.mark.django_db

HEADING = "Wir arbeiten gerade am Kundenportal"


@pytest.fixture(autouse=True)
def board(settings: Settings, tmp_path: Path) -> Path:
    """A board of our own."""
    settings.MAINTENANCE_BOARD = tmp_path / "maintenance"
    return tmp_path / "maintenance"


def in_german(instant: object) -> str:
    """The clock that a German page shows."""
    return f"{timezone.localtime(instant):%H:%M} Uhr"  # type: ignore[arg-type]


def under_way(**more: timedelta) -> Window:
    """A window that has begun some minutes ago."""
    return begun(now=clock.now() - timedelta(minutes=5), **more)  # type: ignore[arg-type]


def later(browser: Client) -> None:
    """The process behind this browser believes what it has read no longer."""
    browser.handler.load_middleware()


def overrunning() -> Window:
    """A window whose expected end has passed."""
    return begun(now=clock.now() - 2 * HOUR, lasts=HOUR)


# Beforehand


@pytest.mark.parametrize("path", ["/", "/password/forgotten/", "/sign-in/help/", "/no-such-page/"])
def test_it_is_announced_on_every_page_to_whoever_is_not_signed_in(path: str) -> None:
    window = planned(clock.now() + DAY, now=clock.now())
    page = Page(Client().get(path))
    assert in_german(window.starts_at) in page.main.text
    assert in_german(window.ends_at) in page.main.text
    assert page.links["Mehr dazu"] == "/maintenance/"


@pytest.mark.parametrize(("lasts", "days"), [(HOUR, 1), (DAY, 2)])
def test_the_day_is_said_once_where_it_ends_on_the_day_it_begins(lasts: timedelta, days: int) -> None:
    noon = timezone.localtime(clock.now() + DAY).replace(hour=12, minute=0)
    planned(noon, lasts=lasts, now=clock.now())
    (notice,) = Page(Client().get("/")).main.all("div", **{"class": "notice notice--info"})
    assert len(re.findall(r"\d{4}, \d\d:\d\d", notice.text)) == days
    assert in_german(noon + lasts) in notice.text


@pytest.mark.parametrize("path", ["/", "/profile/", "/desk/", "/desk/accounts/", "/desk/mails/"])
def test_it_is_announced_on_every_page_behind_the_sign_in(path: str) -> None:
    planned(clock.now() + DAY, now=clock.now())
    assert "Mehr dazu" in Page(sign_in(settled(role=Role.ADMIN)).get(path)).links


@pytest.mark.parametrize(("role", "is_shut_out"), [(Role.CUSTOMER, True), (Role.INTAKE, False), (Role.DESK, False)])
def test_only_those_are_told_that_they_cannot_use_it_who_cannot(role: Role, *, is_shut_out: bool) -> None:
    planned(clock.now() + DAY, now=clock.now())
    browser = sign_in(settled(role=role))
    notice = Page(browser.get("/profile/")).main.text
    assert ("können Sie es nicht nutzen" in notice) is is_shut_out
    assert ("können nur Mitarbeitende es nutzen" in notice) is not is_shut_out
    assert ("für Sie geschlossen" in Page(browser.get("/maintenance/")).main.text) is is_shut_out


def test_the_notice_comes_before_the_heading() -> None:
    planned(clock.now() + DAY, now=clock.now())
    main = Page(Client().get("/")).main
    tags = [each.tag if each.tag == "h1" else each.attributes.get("class", "") for each in main.walk()]
    assert tags.index("notice notice--info") < tags.index("h1")


@pytest.mark.parametrize("starts_in", [8 * DAY, 30 * DAY])
def test_what_is_further_away_than_seven_days_is_not_announced(starts_in: timedelta) -> None:
    planned(clock.now() + starts_in, now=clock.now())
    page = Page(Client().get("/"))
    assert "Mehr dazu" not in page.links
    assert "Es ist keine Wartung angekündigt" in Page(Client().get("/maintenance/")).main.text


def test_its_own_page_says_everything_in_the_readers_language() -> None:
    window = planned(clock.now() + DAY, now=clock.now())
    page = Page(Client().get("/maintenance/"))
    assert DISKS.german in page.main.text
    assert page.links["Für den Kalender speichern"] == f"/maintenance/{window.pk}.ics"
    assert "Mehr dazu" not in page.links, "it is the page itself"
    english = Page(sign_in(settled(language=Language.ENGLISH)).get("/maintenance/"))
    assert DISKS.english in english.main.text


def test_words_in_the_other_language_only_are_shown_as_such() -> None:
    planned(clock.now() + DAY, message=Message(german="Neue Platten"), now=clock.now())
    page = Page(sign_in(settled(language=Language.ENGLISH)).get("/maintenance/"))
    assert [each.text for each in page.main.all("p", lang="de")] == ["Neue Platten"]


def test_mail_can_be_asked_for_and_given_up() -> None:
    holder = settled()
    browser = sign_in(holder)
    page = Page(browser.get("/maintenance/"))
    assert page.form("Per E-Mail Bescheid geben").press(browser, "Per E-Mail Bescheid geben").status_code == 302
    assert queries.is_subscribed(holder.account)
    page = Page(browser.get("/maintenance/"))
    page.form("Nicht mehr per E-Mail Bescheid geben").press(browser, "Nicht mehr per E-Mail Bescheid geben")
    assert not queries.is_subscribed(holder.account)


def test_its_own_page_is_found_by_the_help_also_while_nothing_is_announced() -> None:
    for browser in (Client(), sign_in(settled())):
        help_pages = Page(browser.get("/help/"))
        assert "/maintenance/" in [link.attributes["href"] for link in help_pages.main.all("a")]
        page = Page(browser.get("/maintenance/"))
        assert "Es ist keine Wartung angekündigt" in page.main.text
        assert "Was wird aus Ihren Eingaben?" not in page.main.text


def test_whoever_follows_the_mail_to_give_it_up_is_led_by_the_sign_in() -> None:
    holder, browser = settled(), Client()
    start = Page(browser.get(Page(browser.get("/maintenance/")).links["Anmelden"]))
    answer = start.form("Anmelden").press(browser, "Anmelden", address=holder.address, password=holder.password)
    assert answer.headers["Location"] == "/maintenance/"


def test_whoever_is_not_signed_in_cannot_have_anybody_written_to() -> None:
    page = Page(Client().get("/maintenance/"))
    assert not [form for form in page.all("form") if "mails" in form.attributes.get("action", "")]


# Meanwhile


@pytest.mark.parametrize("path", ["/", "/sign-in/help/", "/profile/", "/maintenance/"])
def test_strangers_meet_the_page_everywhere(path: str) -> None:
    window = under_way()
    response = Client().get(path)
    page = Page(response)
    assert (page.status, page.heading) == (503, HEADING)
    assert in_german(window.ends_at) in page.main.text
    assert DISKS.german in page.main.text
    wait = int(response.headers["Retry-After"])
    assert 114 * 60 <= wait <= 115 * 60
    assert response.headers["Cache-Control"] == "no-store"
    assert page.all("aside", **{"class": "support"}), "the support box is there"
    assert page.links["Anmeldung für Mitarbeitende"] == "/sign-in/"


def test_a_customer_who_is_signed_in_meets_it_too_and_goes_on_afterwards() -> None:
    browser = sign_in(settled())
    under_way()
    later(browser)
    page = Page(browser.get("/profile/"))
    assert (page.status, page.heading) == (503, HEADING)
    assert "Anmeldung für Mitarbeitende" not in page.links
    assert not page.all("dialog"), "once the session is over, nobody could sign in again"
    ended(now=clock.now())
    later(browser)
    assert Page(browser.get("/profile/")).heading == "Profil"


def test_nothing_that_is_sent_is_done_and_the_answer_says_so() -> None:
    holder = settled()
    browser = sign_in(holder)
    form = Page(browser.get("/profile/")).form("save")
    under_way()
    later(browser)
    page = Page(form.press(browser, "save", name="Ein anderer Name"))
    assert page.status == 503
    assert "noch nicht gespeichert" in page.main.text
    assert page.links["Noch einmal versuchen"] == "/"
    holder.account.refresh_from_db()
    assert holder.account.name != "Ein anderer Name"


def test_a_customer_can_ask_to_be_told_when_it_is_over() -> None:
    holder = settled()
    browser = sign_in(holder)
    under_way()
    later(browser)
    wish = "Per E-Mail Bescheid geben, wenn es vorbei ist"
    Page(browser.get("/")).form(wish).press(browser, wish)
    assert queries.is_subscribed(holder.account)
    assert "Wir schreiben Ihnen, sobald es vorbei ist." in Page(browser.get("/")).main.text


def test_whoever_has_to_choose_a_password_first_reads_of_it_and_can_ask_to_be_told(settings: Settings) -> None:
    settings.OWN_PASSWORD_REQUIRED = True
    planned(clock.now() + DAY, now=clock.now())
    holder = newcomer()
    browser = sign_in(holder)
    more = Page(browser.get("/sign-in/first/")).links["Mehr dazu"]
    calendar = Page(browser.get(more)).links["Für den Kalender speichern"]
    assert browser.get(calendar).headers["Content-Type"].startswith("text/calendar")
    under_way()
    later(browser)
    wish = "Per E-Mail Bescheid geben, wenn es vorbei ist"
    Page(browser.get("/sign-in/first/")).form(wish).press(browser, wish)
    assert queries.is_subscribed(holder.account)


@pytest.mark.parametrize("role", [Role.INTAKE, Role.EDITOR, Role.DESK, Role.DESK_LEAD, Role.ADMIN])
def test_staff_sign_in_and_work_with_a_warning(role: Role) -> None:
    holder = settled(role=role)
    window = under_way()
    browser = Client()
    entry = Page(browser.get("/sign-in/"))
    assert (entry.status, entry.heading) == (200, "Willkommen im Kundenportal")
    response = entry.form("Anmelden").press(browser, "Anmelden", address=holder.address, password=holder.password)
    assert response.status_code == 302
    page = Page(browser.get("/profile/"))
    assert (page.status, page.heading) == (200, "Profil")
    assert "Gerade läuft eine Wartung, voraussichtlich bis" in page.main.text
    assert in_german(window.ends_at) in page.main.text
    assert ("Wartung verwalten" in page.links) is holder.account.speaks_for_the_portal


def test_a_customer_who_signs_in_properly_learns_no_more_than_a_stranger() -> None:
    holder = settled()
    under_way()
    browser = Client()
    assert attempt(browser, holder.address, holder.password).status_code == 302
    assert Page(browser.get("/")).status == 503
    wrong = [Page(attempt(Client(), address, "falsch")) for address in (holder.address, "niemand@example.org")]
    assert wrong[0].main.text.replace(holder.address, "") == wrong[1].main.text.replace("niemand@example.org", "")


def test_staff_who_forgot_their_password_choose_another_one_meanwhile() -> None:
    holder, browser = settled(role=Role.DESK), Client()
    under_way()
    later(browser)
    asked = Page(browser.get("/sign-in/")).links["Passwort vergessen?"]
    page = Page(Page(browser.get(asked)).form("Link zusenden").press(browser, "Link zusenden", address=holder.address))
    assert page.heading == "Bitte sehen Sie in Ihrem Postfach nach"
    deliver_due_mails(clock=clock.now)
    choice = Page(browser.get(reset_link_in_mail(holder.address), follow=True))
    password = "Regenschirm tanzt im Novembernebel 48"
    answer = choice.form("save").press(browser, "save", new_password=password)
    done = Page(browser.get(answer.headers["Location"]))
    assert done.heading == "Ihr neues Passwort ist aktiv"
    Page(browser.get(done.links["Anmelden"])).form("Anmelden").press(browser, "Anmelden", password=password)
    assert Page(browser.get("/desk/")).status == 200


def test_whoever_asks_for_a_link_meanwhile_reads_the_same_for_every_address() -> None:
    staff, customer = settled("hr-service@example.org", role=Role.DESK), settled()
    under_way()
    answers = {
        Page(Client().post("/password/forgotten/", {"address": address})).main.text.replace(address, "")
        for address in (staff.address, customer.address, "niemand@example.org")
    }
    assert len(answers) == 1


def test_a_first_sign_in_is_for_staff_as_well() -> None:
    holder = newcomer(role=Role.DESK)
    under_way()
    browser = sign_in(holder)
    assert Page(browser.get("/sign-in/first/")).status == 200


def test_sign_in_has_no_page_of_its_own_otherwise() -> None:
    response = Client().get("/sign-in/")
    assert (response.status_code, response.headers["Location"]) == (302, "/")


@pytest.mark.parametrize(
    ("path", "status"),
    [("/language/", 302), ("/sign-out/", 302), ("/session/prolong/", 200), ("/maintenance/mails/", 302)],
)
def test_what_keeps_people_in_command_stays_open(path: str, status: int) -> None:
    browser = sign_in(settled())
    under_way()
    later(browser)
    assert browser.post(path).status_code == status


def test_switching_the_language_shows_what_is_open_and_nothing_else() -> None:
    under_way()
    for path, status in (("/contact/", 200), ("/help/registration/", 302)):
        assert Client().post(f"/language/?keeps={path}", {"language": "en"}).status_code == status


def test_past_the_expected_end_no_page_names_it() -> None:
    window = overrunning()
    response = Client().get("/")
    page = Page(response)
    assert (page.status, response.headers["Retry-After"]) == (503, "300")
    assert "Es dauert länger als geplant" in page.main.text
    staff = Page(sign_in(settled(role=Role.ADMIN)).get("/profile/"))
    assert "dauert länger als geplant" in staff.main.text
    # The box beside it names hours, too.
    for text in (page.main.text, staff.main.text):
        assert in_german(window.ends_at)[:5] not in text


# Without a database


def pulls_the_plug(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on every question to the database fails, as from a server that is gone."""

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("the server is gone")

    def pull() -> None:
        monkeypatch.setattr(connection, "cursor", fail)
        monkeypatch.setattr(maintenance, "_refuse_if_away", fail)

    return pull


def static_page(response: Response) -> Page:
    page = Page(response)
    assert (page.status, page.heading) == (503, HEADING)
    assert "We are working on the customer portal" in page.text
    return page


def test_the_page_is_there_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    window, browser = under_way(), Client()
    assert browser.get("/").status_code == 503
    pulls_the_plug(monkeypatch)()
    browser.raise_request_exception = False
    for path in ("/", "/profile/", "/sign-in/"):
        browser.cookies["session"] = "a" * 32
        response = browser.get(path)
        page = static_page(response)
        assert in_german(window.ends_at)[:5] in page.text
        assert int(response.headers["Retry-After"]) > 60 * 60
        (style,) = page.all("style")
        assert noticeboard.style_source() in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
        assert style.children


def test_a_process_that_starts_without_a_database_remembers_the_board(
    monkeypatch: pytest.MonkeyPatch, board: Path
) -> None:
    planned(clock.now() + HOUR, now=clock.now())
    noticeboard.put_up_what_holds(now=clock.now())
    pulls_the_plug(monkeypatch)()
    later_on = clock.now() + 90 * timedelta(minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later_on)
    browser = Client()
    browser.raise_request_exception = False
    static_page(browser.get("/"))


def test_without_a_window_a_database_that_is_away_is_no_maintenance(monkeypatch: pytest.MonkeyPatch) -> None:
    pulls_the_plug(monkeypatch)()
    browser = Client()
    browser.raise_request_exception = False
    browser.cookies["session"] = "a" * 32
    page = Page(browser.get("/"))
    assert (page.status, page.heading) == (503, "Das Kundenportal ist gerade nicht erreichbar")


def test_a_fault_of_ours_stays_one_while_the_database_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = sign_in(settled(role=Role.ADMIN))
    under_way()
    later(browser)
    browser.raise_request_exception = False
    monkeypatch.setattr("kundenportal.web.customer.home.account_of_session", lambda *_, **__: 1 // 0)
    assert browser.get("/").status_code == 500


# The board


def test_every_change_of_a_window_is_on_the_board(
    board: Path, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        window = under_way()
    page = (board / "unavailable.html").read_text()
    assert in_german(window.ends_at)[:5] in page
    assert DISKS.german in page
    assert DISKS.english in page
    assert noticeboard.remembered() == queries.board()
    assert {file.name: file.stat().st_mode & 0o777 for file in board.iterdir()} == {
        "windows.json": 0o644,
        "unavailable.html": 0o644,
    }
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        ended(now=clock.now())
    assert "nicht erreichbar" in (board / "unavailable.html").read_text()
    assert noticeboard.remembered() == queries.board()


def test_the_page_for_the_proxy_needs_nothing_but_itself(board: Path) -> None:
    planned(clock.now() + DAY, now=clock.now())
    noticeboard.put_up_what_holds(now=clock.now())
    page = read((board / "unavailable.html").read_text())
    assert not [each for tag in ("link", "script", "img") for each in page.all(tag)]
    assert re.search(r"Für \w+, \d+\. \w+ \d{4}, \d\d:\d\d Uhr bis .* Uhr ist eine Wartung angekündigt", page.text)
    assert "Maintenance has been announced from" in page.text


def test_what_is_not_announced_yet_is_not_on_the_page_for_the_proxy(board: Path) -> None:
    planned(clock.now() + 20 * DAY, now=clock.now())
    noticeboard.put_up_what_holds(now=clock.now())
    assert "angekündigt" not in (board / "unavailable.html").read_text()


def test_a_board_that_cannot_be_written_costs_nothing_else(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.MAINTENANCE_BOARD = tmp_path / "file"
    under_way()
    assert Client().get("/").status_code == 503


# The calendar


def unfolded(text: str) -> list[str]:
    """The lines of a calendar file as its readers put them together again."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    return text.removesuffix("\r\n").replace("\r\n ", "").split("\r\n")


def test_a_calendar_reads_when_and_what(client: Client) -> None:
    words = "Neue Platten; schneller, größer \\o/ – " + "ä" * 200
    window = planned(clock.now() + DAY, message=Message(german=words), now=clock.now())
    response = client.get(f"/maintenance/{window.pk}.ics")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(response.content.decode())
    assert lines[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert lines[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    properties = dict(line.split(":", 1) for line in lines[4:-2])
    assert properties["UID"].startswith(f"maintenance-{window.pk}@")
    assert properties["DTSTART"] == f"{window.starts_at:%Y%m%dT%H%M%SZ}"
    assert properties["DTEND"] == f"{window.ends_at:%Y%m%dT%H%M%SZ}"
    assert re.fullmatch(r"\d{8}T\d{6}Z", properties["DTSTAMP"])
    assert properties["SEQUENCE"] == "0"
    assert properties["STATUS"] == "CONFIRMED"
    assert properties["DESCRIPTION"] == "Neue Platten\\; schneller\\, größer \\\\o/ – " + "ä" * 200


def test_whoever_was_told_of_it_by_mail_may_save_it_also_once_it_has_begun(client: Client) -> None:
    window = under_way()
    assert client.get("/help/").status_code == 503
    assert client.get(f"/maintenance/{window.pk}.ics").status_code == 200


def test_what_is_not_announced_is_in_no_calendar(client: Client) -> None:
    window = planned(clock.now() + 20 * DAY, now=clock.now())
    assert client.get(f"/maintenance/{window.pk}.ics").status_code == 404
    assert client.get("/maintenance/0.ics").status_code == 404

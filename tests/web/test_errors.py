"""When something is wrong there is still a page: calm, in the portal's look, and without a word too much."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.test import Client, RequestFactory

from kundenportal.config.logs import TextLine
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.accounts.sessions import SessionStore
from kundenportal.domain.credentials.rules.throttling import Allowance
from kundenportal.domain.faults import operations as faults
from kundenportal.domain.faults.models import Fault
from kundenportal.domain.maintenance import noticeboard
from kundenportal.domain.site import queries as site
from kundenportal.kernel import clock
from kundenportal.web.shared import errors, references
from web.pages import Page
from web.residents import attempt, settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from django.http import HttpResponse
    from pytest_django import DjangoAssertNumQueries, Settings
    from time_machine import TimeMachineFixture

pytestmark = pytest.mark.django_db

SECRET = "password=geheim"


@pytest.fixture(autouse=True)
def _nothing_noted_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    for notes in ("notes_of_accounts", "notes_of_strangers"):
        monkeypatch.setattr(references, notes, references._Notes())  # noqa: SLF001 - with a full bucket
    monkeypatch.setattr(references, "rushes", references._Rushes())  # noqa: SLF001 - nobody was turned away


def test_a_page_that_is_not_there(client: Client) -> None:
    page = Page(client.get("/no-such-page/"))
    assert (page.status, page.heading) == (404, "Hier gibt es keine Seite")
    assert "no-such-page" not in page.main.text
    assert "Profil" not in page.links
    assert "Profil" in Page(sign_in(settled()).get("/no-such-page/")).links


def test_a_page_that_is_not_open_to_somebody() -> None:
    page = Page(sign_in(settled()).get("/desk/accounts/"))
    assert (page.status, page.heading) == (403, "Diese Seite ist für Sie nicht freigegeben")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/desk/accounts/send-letter-again/", "POST"),
        ("GET", "/session/prolong/", "POST"),
        ("POST", "/desk/accounts/", "GET, HEAD"),
        ("PUT", "/profile/", "GET, HEAD, POST"),
    ],
)
def test_an_address_that_is_not_opened_as_it_is_meant(method: str, path: str, allowed: str) -> None:
    response = sign_in(settled(role=Role.DESK)).generic(method, path)
    page = Page(response)
    assert (page.status, page.heading) == (405, "Diese Adresse lässt sich so nicht aufrufen")
    assert response.headers["Allow"] == allowed
    assert response.headers["X-Request-Reference"] in page.main.text
    assert page.links["Zur Startseite"] == "/"
    assert "Profil" in page.links


def test_a_form_that_was_open_for_too_long() -> None:
    page = Page(Client(enforce_csrf_checks=True).post("/sign-in/", {"password": "geheim"}))
    assert (page.status, page.heading) == (403, "Die Seite war zu lange offen")
    assert "geheim" not in page.text
    assert page.links["Zur Startseite"] == "/"


@pytest.mark.parametrize(
    ("fault", "seen"),
    [
        (RuntimeError(SECRET), (500, "Das hat leider nicht geklappt")),
        (OperationalError(SECRET), (503, "Das Kundenportal ist gerade nicht erreichbar")),
    ],
)
def test_a_fault_of_ours_says_nothing_of_itself(fault: Exception, seen: tuple[int, str]) -> None:
    client = sign_in(settled())
    client.raise_request_exception = False
    with patch("kundenportal.web.customer.home.account_of_session", side_effect=fault):
        response = client.get("/")
    page = Page(response)
    assert (page.status, page.heading) == seen
    assert SECRET not in response.content.decode()
    assert "Traceback" not in page.text


def test_a_database_that_is_away_is_a_page_too() -> None:
    client = sign_in(settled())
    client.raise_request_exception = False
    with patch.object(SessionStore, "load", side_effect=OperationalError(SECRET)):
        for path in ("/", "/profile/", "/no-such-page/"):
            response = client.get(path)
            assert (Page(response).status, response.headers["Retry-After"]) == (503, "60")
            assert response.headers["X-Request-Reference"] in Page(response).main.text
            assert SECRET not in response.content.decode()


def test_the_page_for_faults_asks_the_database_for_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    site.current()
    away = OperationalError(SECRET)
    with patch("sys.exc_info", return_value=(type(away), away, None)), django_assert_num_queries(0):
        page = _page(errors.server_error(RequestFactory().get("/")))
    assert page.status == 503
    assert site.current().telephone in page.links
    assert Fault.objects.count() == 0


def test_being_too_busy_is_said_calmly_and_costs_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    contact, response = site.current(), errors.too_busy()
    # The first within a minute is noted and put together; whoever else is turned away meanwhile is told the same.
    with patch("django.template.base.Template.render", side_effect=AssertionError), django_assert_num_queries(0):
        assert errors.too_busy().content == response.content
    page = _page(response)
    assert (page.status, page.heading) == (503, "Gerade ist sehr viel los")
    assert (response.headers["Retry-After"], response.headers["Cache-Control"]) == ("10", "no-store")
    assert "Nichts ist verloren" in page.main.text
    assert "in 10 Sekunden" in page.main.text
    assert page.links[contact.telephone] == contact.telephone_uri
    assert page.links["Zur Startseite"] == "/"


@pytest.mark.parametrize("path", ["/", "/sign-out/"])
def test_a_method_that_is_not_taken_is_no_blank_page_to_whoever_signed_in_again(path: str) -> None:
    holder = settled()
    client = Client()
    # The session was over when a button was pressed: the sign-in must not end on an empty page.
    turned_away = client.post(path)
    wish = turned_away.headers.get("Location", "/").partition("next=")[2]
    response = attempt(client, holder.address, holder.password, next=wish)
    landed = client.get(response.headers["Location"], follow=True)
    assert Page(landed).heading == "Guten Tag, Büro Musterland"


@pytest.mark.parametrize(
    "response",
    [
        lambda: errors.bad_request(RequestFactory().get("/")),
        lambda: errors.bad_request(RequestFactory().get("/"), RequestDataTooBig()),
        lambda: errors.server_error(RequestFactory().get("/")),
        errors.too_busy,
        lambda: errors.too_many_entries(timedelta(seconds=1)),
    ],
    ids=["400", "413", "500", "503", "429"],
)
def test_pages_that_know_no_language_speak_both_and_say_which(response: Callable[[], HttpResponse]) -> None:
    page = _page(response())
    (html,) = page.all("html")
    assert html.attributes["lang"] == "de"
    (english,) = page.all("div", lang="en")
    assert "start" in english.text.lower() or "again" in english.text.lower()
    assert english.text not in "".join(page.heading)
    assert {f"/legal/{slug}/" for slug in ("imprint", "privacy", "accessibility")} <= set(page.links.values())


@pytest.mark.parametrize(
    ("path", "status", "error"), [("/no-such-page/", 404, "Resolver404"), ("/desk/accounts/", 403, "PermissionDenied")]
)
def test_a_refusal_has_a_reference_the_desk_can_look_up(path: str, status: int, error: str) -> None:
    holder = settled()
    response = sign_in(holder).get(f"{path}?{SECRET}")
    reference = response.headers["X-Request-Reference"]
    assert reference in Page(response).main.text
    desk = sign_in(settled("hr-service@example.org", role=Role.DESK))
    found = Page(desk.get("/desk/errors/", {"reference": reference.lower().replace("-", " ")})).main
    for word in (reference, str(status), error, holder.address):
        assert word in found.text
    assert SECRET not in found.text
    assert reference in Page(desk.get("/desk/errors/")).main.text
    assert "Keine Fehlerseite hat diese Nummer" in Page(desk.get("/desk/errors/?reference=AB-CDEF")).main.text


def test_a_fault_of_ours_has_a_reference_on_the_page_in_the_answer_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    holder = settled()
    client = sign_in(holder)
    client.raise_request_exception = False
    caplog.handler.setFormatter(TextLine())
    with patch("kundenportal.web.customer.home.account_of_session", side_effect=RuntimeError(SECRET)):
        response = client.get(f"/?{SECRET}")
    reference = response.headers["X-Request-Reference"]
    assert Page(response).main.text.count(reference) == 2  # in both languages
    (line,) = [line for line in caplog.text.splitlines() if "shared.references" in line]
    assert line.endswith(f"RuntimeError on the page home [{reference}]")
    fault = Fault.objects.get(reference=reference)
    assert (fault.status, fault.page, fault.error, fault.account) == (500, "home", "RuntimeError", holder.account)


def test_a_page_comes_even_if_its_reference_cannot_be_noted() -> None:
    client = sign_in(settled())
    client.raise_request_exception = False
    with patch("kundenportal.domain.faults.operations.note", side_effect=RuntimeError(SECRET)):
        refused = client.get("/no-such-page/")
        with patch("kundenportal.web.customer.home.account_of_session", side_effect=RuntimeError(SECRET)):
            fault = client.get("/")
    assert refused.status_code == 404
    assert "Nummer" not in Page(refused).main.text  # nobody could look it up
    assert fault.status_code == 500
    assert fault.headers["X-Request-Reference"] in Page(fault).main.text  # it stands in the log


def test_whoever_asks_for_many_pages_that_are_not_there_fills_no_table(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "NOTED", Allowance(per_minute=3))
    answers = [client.get("/no-such-page/") for _ in range(8)]
    assert [answer.status_code for answer in answers] == [404] * 8
    shown = [answer.headers["X-Request-Reference"] in Page(answer).main.text for answer in answers]
    assert shown == [True] * 3 + [False] * 5
    assert "Nummer" not in Page(answers[-1]).main.text
    assert Fault.objects.count() == 3


def test_a_process_that_has_never_seen_the_database_says_who_can_be_asked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MAINTENANCE_BOARD = tmp_path
    noticeboard.put_up_what_holds(now=clock.now())
    known = site.current()
    monkeypatch.setattr(errors, "remembered", lambda: None)  # as after a start while the database is away
    page = _page(errors.server_error(RequestFactory().get("/")))
    assert page.all("aside", **{"class": "support"})
    assert {known.email, known.telephone} <= set(page.links)
    assert known.portal_name in page.text
    (tmp_path / "windows.json").unlink()
    assert not _page(errors.server_error(RequestFactory().get("/"))).all("aside")


def test_strangers_who_do_so_take_no_number_away_from_a_customer(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "NOTED", Allowance(per_minute=3))
    customer = sign_in(settled())
    for _ in range(8):
        client.get("/no-such-page/")
    answer = customer.get("/no-such-page/")
    assert answer.headers["X-Request-Reference"] in Page(answer).main.text


def test_a_number_shown_without_a_database_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    client = sign_in(settled())
    client.raise_request_exception = False
    caplog.handler.setFormatter(TextLine())
    for fails in (
        patch("kundenportal.web.customer.home.account_of_session", side_effect=OperationalError(SECRET)),
        patch.object(SessionStore, "load", side_effect=OperationalError(SECRET)),
    ):
        caplog.clear()
        with fails:
            answer = client.get("/")
        reference = answer.headers["X-Request-Reference"]
        assert Page(answer).main.text.count(reference) == 2
        (line,) = [line for line in caplog.text.splitlines() if "shared.references" in line]
        assert line.endswith(f"[{reference}]")
        assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("turn_away", "status"),
    [
        (lambda: errors.too_many_entries(timedelta(seconds=1)), 429),
        (errors.too_busy, 503),
    ],
    ids=["429", "503"],
)
def test_those_turned_away_at_a_rush_share_a_reference_for_a_minute(
    turn_away: Callable[[], HttpResponse], status: int, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-05-04T07:00:00Z", tick=False)
    answers = [turn_away() for _ in range(50)]
    fault = Fault.objects.get()
    assert fault.status == status
    assert {_page(answer).main.text.count(fault.reference) for answer in answers} == {2}  # in both languages
    time_machine.shift(references.SHARED_FOR)
    assert fault.reference not in _page(turn_away()).main.text
    assert Fault.objects.count() == 2


def test_whoever_is_turned_away_gets_a_page_even_if_that_cannot_be_noted(caplog: pytest.LogCaptureFixture) -> None:
    with patch("kundenportal.domain.faults.operations.note", side_effect=OperationalError(SECRET)):
        response = errors.too_many_entries(timedelta(seconds=1))
    reference = caplog.messages[0].partition(":")[0]
    assert reference in _page(response).main.text


@pytest.mark.parametrize("entries", [{"address": "x" * 3_000_000}, {f"field{number}": "x" for number in range(2_000)}])
def test_more_than_the_portal_reads_is_said_to_be_too_much(client: Client, entries: dict[str, str]) -> None:
    response = client.post("/password/forgotten/", entries)
    page = Page(response)
    assert (page.status, page.heading) == (413, "Das war zu viel auf einmal")
    assert response.headers["X-Request-Reference"] in page.main.text


def test_what_is_noted_is_forgotten_after_thirty_days(client: Client) -> None:
    client.get("/no-such-page/")
    noted_at = Fault.objects.get().happened_at
    faults.forget_old(now=noted_at + timedelta(days=30) - timedelta(seconds=1))
    assert Fault.objects.count() == 1
    faults.forget_old(now=noted_at + timedelta(days=30))
    assert Fault.objects.count() == 0


def _page(response: HttpResponse) -> Page:
    response.request = {"PATH_INFO": "/"}  # type: ignore[attr-defined]  # what the test client would add
    return Page(response)  # type: ignore[arg-type]

"""What browsers and those between are told on every page: what may run, what may be kept, who may look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings as portal
from django.http import HttpResponse
from django.test import Client
from django.utils.cache import add_never_cache_headers

from kundenportal.domain.accounts.rules import Role
from kundenportal.web.shared.sessions import NEVER_KEPT
from web.residents import attempt, letter_holder, newcomer, settled, sign_in, suspend

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from web.pages import Response

SIGNED_OUT_PAGES = ["/", "/sign-in/help/", "/password/forgotten/", "/no-such-page/", "/profile/", "/sign-in/"]
PAGES = ["/", "/profile/", "/sign-in/help/", "/password/forgotten/", "/no-such-page/", "/desk/accounts/"]
FORMS = {
    "/language/": {"language": "de"},
    "/profile/": {"action": "new-password"},
    "/password/strength/": {"new_password": "x"},
    "/desk/accounts/issue/": {},
    "/desk/accounts/send-letter-again/": {},
    "/session/prolong/": {},
    "/sign-out/": {},
}
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOTHING_FROM_ELSEWHERE = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


def _policy(response: Response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


def _every_answer() -> Iterator[tuple[str, Response]]:
    """One of every kind of answer the portal gives."""
    for path in SIGNED_OUT_PAGES:
        yield path, Client().get(path)
    yield "a wrong password", attempt(Client(), "nobody@example.org", "x")
    yield "a form from elsewhere", Client(enforce_csrf_checks=True).post("/sign-in/", {})
    yield "another host", Client().get("/", HTTP_HOST="evil.example.org")
    yield "too much", Client().generic("POST", "/sign-in/", b"x" * 3_000_000, "application/x-www-form-urlencoded")
    yield "no such method", Client().post("/")
    for role in (Role.CUSTOMER, Role.ADMIN):
        client = sign_in(settled(f"{role}@example.org", role=role))
        for path in PAGES:
            yield f"{role}: {path}", client.get(path)
        for path, fields in FORMS.items():
            yield f"{role}: {path}", client.post(path, fields)
    newly = sign_in(newcomer())
    yield "first sign-in", newly.get("/sign-in/first/")


@pytest.mark.django_db
def test_every_answer_says_what_may_run_in_it_and_who_may_frame_it() -> None:
    for what, response in _every_answer():
        assert _policy(response) == NOTHING_FROM_ELSEWHERE, what
        assert {name: response.headers.get(name) for name in SECURITY} == SECURITY, what
        assert "camera=()" in response.headers["Permissions-Policy"], what
        assert "microphone=()" in response.headers["Permissions-Policy"], what
        assert "geolocation=()" in response.headers["Permissions-Policy"], what


@pytest.mark.django_db
def test_no_answer_says_what_it_was_made_with() -> None:
    for what, response in _every_answer():
        assert not {"Server", "X-Powered-By", "X-Frame-Options-Debug"} & set(response.headers), what


@pytest.mark.django_db
def test_no_page_needs_what_the_policy_forbids() -> None:
    for what, response in _every_answer():
        text = response.content.decode()
        for forbidden in (" style=", "<style", " onclick=", " onload=", "javascript:", 'src="http', 'href="http'):
            assert forbidden not in text, f"{what}: {forbidden}"


@pytest.mark.django_db
def test_nothing_behind_the_sign_in_is_kept_by_browsers_or_proxies() -> None:
    client = sign_in(settled(role=Role.ADMIN))
    pages = {path: client.get(path) for path in [*PAGES, "/desk/accounts/issue/"]}
    forms = {f"POST {path}": client.post(path, fields) for path, fields in FORMS.items()}
    customer = sign_in(settled("kita@probstadt.example.org"))
    refused = {"refused": customer.get("/desk/accounts/"), "not there": customer.get("/no-such-page/")}
    kept = [
        what
        for what, response in {**pages, **forms, **refused}.items()
        if "no-store" not in response.headers.get("Cache-Control", "")
    ]
    assert kept == []


def test_what_keeps_a_page_out_of_caches_is_what_django_says() -> None:
    response = HttpResponse()
    add_never_cache_headers(response)
    assert response.headers["Cache-Control"] == NEVER_KEPT


@pytest.mark.django_db
@pytest.mark.parametrize(
    "knock",
    [
        lambda client: attempt(client, "nobody@example.org", "x"),
        lambda client: client.get("/"),
        lambda client: client.get("/?next=/profile/"),
        lambda client: attempt(client, *_credentials(letter_holder())),
        lambda client: attempt(client, *_credentials(suspend(settled()))),
    ],
)
def test_what_is_said_at_the_door_is_not_kept_either(knock: Callable[[Client], Response]) -> None:
    assert "no-store" in knock(Client()).headers["Cache-Control"]


def _credentials(holder: Any) -> tuple[str, str]:
    return holder.address, holder.password


@pytest.mark.django_db
def test_pages_differ_by_cookie_and_language_and_say_so() -> None:
    for client in (Client(), sign_in(settled())):
        for path in ("/", "/sign-in/help/", "/no-such-page/"):
            vary = {name.strip() for name in client.get(path).headers["Vary"].split(",")}
            assert {"Cookie", "Accept-Language"} <= vary


@pytest.mark.django_db
def test_only_the_necessary_cookies_are_set() -> None:
    client = sign_in(settled())
    client.get("/profile/")
    client.post("/language/", {"language": "de"})
    client.post("/profile/", {"colour_scheme": "dark", "name": "x", "language": "de"})
    assert set(client.cookies) == {"session", "csrf", "language", "colour-scheme", "messages", "browser"}
    for name, cookie in client.cookies.items():
        assert cookie["httponly"] is True, name
        assert cookie["samesite"] == "Lax", name
        assert cookie["path"] == "/", name
        assert not cookie["domain"], name
        # The demonstration runs without TLS; there a browser would not send back a cookie marked secure.
        assert not cookie["secure"], name


@pytest.mark.django_db
def test_without_tls_nothing_insists_on_it() -> None:
    assert portal.BASE_URL.startswith("http://")
    assert "Strict-Transport-Security" not in Client().get("/").headers


BEHIND_TLS = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
from django.test.utils import setup_test_environment
from kundenportal.domain.site import queries
from kundenportal.domain.site.rules.settings import EXAMPLE
from kundenportal.domain.maintenance import queries as maintenance
from kundenportal.domain.maintenance.rules.board import Board
setup_test_environment()
# The database of this process holds no tables.
queries._site = lambda: EXAMPLE
maintenance.board = Board
client = Client(headers={"X-Forwarded-Proto": "https", "Host": "portal.example.org"})
answer = client.get("/")
cookies = {name: dict(cookie) for name, cookie in client.cookies.items()}
switched = client.post("/language/", {"language": "en"})
cookies |= {name: dict(cookie) for name, cookie in switched.cookies.items()}
print(json.dumps({
    "headers": dict(answer.headers),
    "cookies": cookies,
    "names": [settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME,
              settings.COLOUR_SCHEME_COOKIE_NAME],
    "secure": [settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE, settings.LANGUAGE_COOKIE_SECURE],
    "message": settings.MESSAGE_STORAGE,
}))
"""


def _with_tls(*command: str) -> subprocess.CompletedProcess[str]:
    """A Python of its own, in which the portal is reached by https."""
    environment = os.environ | {
        "KUNDENPORTAL_BASE_URL": "https://portal.example.org",
        "KUNDENPORTAL_SECRET_KEY": "s" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def behind_tls() -> dict[str, Any]:
    """What the portal says of itself where it is reached by https."""
    run = _with_tls("-c", BEHIND_TLS)
    assert run.returncode == 0, run.stderr
    said: dict[str, Any] = json.loads(run.stdout)
    return said


def test_with_tls_every_cookie_is_locked_to_this_host(behind_tls: dict[str, Any]) -> None:
    assert behind_tls["names"] == ["__Host-session", "__Host-csrf", "__Host-language", "__Host-colour-scheme"]
    assert all(behind_tls["secure"])
    assert set(behind_tls["cookies"]) == {"__Host-csrf", "__Host-language"}
    for name, cookie in behind_tls["cookies"].items():
        # What browsers ask of the prefix: Secure, the whole host, no domain.
        assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", ""), name
        assert cookie["httponly"] is True, name


def test_with_tls_browsers_are_told_to_insist_on_it(behind_tls: dict[str, Any]) -> None:
    seconds = behind_tls["headers"]["Strict-Transport-Security"].removeprefix("max-age=")
    assert int(seconds) >= 365 * 24 * 60 * 60


def test_djangos_own_checks_find_nothing_to_warn_of() -> None:
    run = _with_tls("-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    assert run.returncode == 0, run.stderr
    assert "no issues" in run.stdout


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        "/sign-in/lockout/x/",
        "/sign-in/expired/x/",
        "/password/choose/x/",
        "/password/choose/",
        "/password/choose/done/",
    ],
)
def test_a_page_that_a_link_in_a_mail_leads_to_is_in_no_cache_and_no_search_engine(path: str) -> None:
    headers = Client().get(path).headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Robots-Tag"] == "noindex"
    assert "X-Robots-Tag" not in Client().get("/").headers, "the start page is to be found"

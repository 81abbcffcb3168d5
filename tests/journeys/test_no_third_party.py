"""The portal keeps to itself, and tells browsers to be strict."""

from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING, NamedTuple

import pytest
from playwright.sync_api import expect

from .browsing import follow, heading, press, sign_out
from .people import OWN_PASSWORDS, enter_with_initial_password, newcomer
from .serving import free_port
from .words import GERMAN

if TYPE_CHECKING:
    from email.message import Message

    from playwright.sync_api import Response

    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

BEHIND_THE_SIGN_IN = ("/", "/profile/", "/desk/accounts/", "/desk/accounts/issue/")
FEATURES_NOBODY_NEEDS = ("camera", "geolocation", "microphone", "payment", "usb")
NECESSARY_COOKIES = {"session", "csrf", "language", "colour-scheme", "messages", "browser"}


class Answer(NamedTuple):
    """What came back from a plain request."""

    status: int
    headers: Message


def test_nothing_leaves_the_origin_and_no_page_complains(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    words = GERMAN
    page = browsing.open(portal, words)
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright takes functions only

    enter_with_initial_password(page, newcomer(portal, mailbox, words, role="admin"))
    follow(page, words.profile)
    press(page, words.create_password)
    field = page.get_by_label(words.new_password, exact=True)
    field.fill("")
    field.press_sequentially("Regenschirm7")
    expect(page.locator("p").filter(has_text=f"{words.weak}:")).to_be_visible()
    field.fill(OWN_PASSWORDS["de"])
    press(page, words.update_profile)
    expect(page.get_by_text(words.password_updated)).to_be_visible()
    follow(page, words.desk)
    follow(page, words.accounts)
    page.get_by_role("main").get_by_role("link", name=words.issue_access, exact=True).click()
    expect(heading(page, words.issue_access)).to_be_visible()
    follow(page, words.home_link)
    press(page, "English")
    press(page, "Deutsch")
    sign_out(page, words)

    assert len(browsing.requested) > 20, "The browser has hardly been watched."
    assert browsing.complaints == []
    for answer in answers:
        _assert_strict(answer.headers, answer.url)
    _assert_only_necessary_cookies(page.context.cookies())


def test_nothing_behind_the_sign_in_is_stored_by_anybody(portal: Portal, mailbox: Mailbox, browsing: Browsing) -> None:
    page = browsing.open(portal, GERMAN)
    enter_with_initial_password(page, newcomer(portal, mailbox, GERMAN, role="admin"))
    for path in BEHIND_THE_SIGN_IN:
        answer = page.goto(path)
        assert answer is not None
        assert answer.ok
        assert "no-store" in answer.headers["cache-control"], path


@pytest.mark.parametrize("path", ["/", "/nothing/here/", "/password/forgotten/", "/sign-in/help/"])
def test_pages_for_everybody_are_strict_too(portal: Portal, path: str) -> None:
    answer = _ask(portal.url + path)
    _assert_strict({name.lower(): value for name, value in answer.headers.items()}, path)
    # Plain HTTP: a browser that heeded it could not come back.
    assert "Strict-Transport-Security" not in answer.headers


def test_over_https_browsers_are_told_to_stay_there(portal: Portal) -> None:
    served = portal.with_settings(BIND=f"127.0.0.1:{free_port()}", BASE_URL="https://portal.example.org")
    by_the_proxy = {"Host": "portal.example.org", "X-Forwarded-Proto": "https", "Accept-Language": "de"}
    with served.running("web"):
        answer = _ask(served.url, by_the_proxy)
    assert answer.status == 200
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookies = answer.headers.get_all("Set-Cookie") or []
    assert cookies
    for cookie in cookies:
        assert cookie.startswith("__Host-"), cookie
        assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; ")), cookie


def _ask(url: str, headers: dict[str, str] | None = None) -> Answer:
    class KeepAnswer(urllib.request.HTTPErrorProcessor):
        def http_response(self, request: urllib.request.Request, response: object) -> object:
            return response

    opener = urllib.request.build_opener(KeepAnswer)
    with opener.open(urllib.request.Request(url, headers=headers or {}), timeout=20) as response:
        return Answer(response.status, response.headers)


def _assert_strict(headers: dict[str, str], url: str) -> None:
    assert headers.get("x-content-type-options") == "nosniff", url
    assert headers.get("referrer-policy") in {"same-origin", "no-referrer", "strict-origin"}, url
    policy = {
        name: set(sources.split())
        for name, _, sources in (part.strip().partition(" ") for part in headers["content-security-policy"].split(";"))
    }
    assert policy["default-src"] == {"'self'"}, url
    assert policy["frame-ancestors"] == {"'none'"}, url
    assert policy["object-src"] == {"'none'"}, url
    assert policy["base-uri"] == {"'none'"}, url
    assert policy["form-action"] == {"'self'"}, url
    everywhere = set().union(*policy.values())
    assert not {"'unsafe-inline'", "'unsafe-eval'", "*", "https:", "http:"} & everywhere, url
    for feature in FEATURES_NOBODY_NEEDS:
        assert f"{feature}=()" in headers["permissions-policy"], url


def _assert_only_necessary_cookies(cookies: object) -> None:
    assert isinstance(cookies, list)
    assert cookies
    for cookie in cookies:
        assert cookie["name"] in NECESSARY_COOKIES
        assert cookie["httpOnly"], cookie["name"]
        assert cookie["sameSite"] == "Lax", cookie["name"]

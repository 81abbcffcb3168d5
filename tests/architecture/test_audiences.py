"""Every address of the portal and who may see it: what is not in this table fails."""

from __future__ import annotations

from copy import deepcopy
from enum import Enum, auto
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse

from factories.incoming import letter
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.inbox import operations as inbox
from kundenportal.domain.inbox.models import ReceivedMail
from kundenportal.domain.inbox.rules import keeping
from kundenportal.domain.mail.capture import captured_mails
from kundenportal.domain.support.models import Intake
from kundenportal.kernel import clock
from kundenportal.web.content.editing import PLACE
from web.residents import capture_mail, settled, sign_in, suspend

if TYPE_CHECKING:
    from web.pages import Response

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demonstration")]

# Where whoever signs in is led, if not to what was asked for: that shows no page.
SENT_FROM = {
    "help-remark-settle": "/help/remarks/",
    "news-read": "/news/",
    "organisation": "/",
    "desk-send-letter-again": "/desk/accounts/",
    "desk-send-link": "/desk/accounts/",
    "desk-take": "/desk/",
    "desk-send-mail-again": "/desk/mails/",
    "desk-import-start": "/desk/imports/",
    "desk-import-cancel": "/desk/imports/",
    "maintenance-mails": "/maintenance/",
    "password-strength": "/profile/",
    "session-prolong": "/",
}


class Visitor(Enum):
    """Who asks."""

    NOBODY = auto()
    SUSPENDED = auto()
    CUSTOMER = auto()
    INTAKE = auto()
    EDITOR = auto()
    DESK = auto()
    DESK_LEAD = auto()
    ADMIN = auto()


EVERYBODY = frozenset(Visitor)
SIGNED_IN = EVERYBODY - {Visitor.NOBODY, Visitor.SUSPENDED}
LEADS = frozenset({Visitor.DESK_LEAD, Visitor.ADMIN})
DESK = LEADS | {Visitor.DESK}
PLANNERS = LEADS | {Visitor.EDITOR}
EDITORS = frozenset({Visitor.EDITOR, Visitor.ADMIN})
TAKERS_DOWN = DESK | {Visitor.INTAKE}
SITE_EDITORS = LEADS | {Visitor.EDITOR}


class Place(NamedTuple):
    """Who is let in, and what they get when they ask for the page."""

    audience: frozenset[Visitor]
    answer: str = "200"


PLACES = {
    "home": Place(EVERYBODY),
    "sign-in": Place(EVERYBODY, "→ /"),
    "sign-in-help": Place(EVERYBODY),
    "lockout": Place(EVERYBODY, "404"),
    "password-forgotten": Place(EVERYBODY),
    "reset-link": Place(EVERYBODY, "→ /password/choose/"),
    "reset-choose": Place(EVERYBODY, "404"),
    "reset-strength": Place(EVERYBODY, "405"),
    "reset-done": Place(EVERYBODY, "→ /password/choose/"),
    "change-password": Place(EVERYBODY, "→ /password/forgotten/"),
    "contact": Place(EVERYBODY),
    "contact-taken": Place(EVERYBODY, "→ /contact/"),
    "brand": Place(EVERYBODY, "404"),
    "logo": Place(EVERYBODY, "404"),
    "language": Place(EVERYBODY, "→ /"),
    "expired-access": Place(EVERYBODY, "410"),
    "request-new-access": Place(EVERYBODY, "→ /"),
    "first-sign-in": Place(SIGNED_IN, "→ /"),
    "maintenance": Place(EVERYBODY),
    "maintenance-mails": Place(SIGNED_IN, "405"),
    "maintenance-calendar": Place(EVERYBODY, "404"),
    "sign-out": Place(EVERYBODY, "→ /"),
    "session-prolong": Place(SIGNED_IN, "405"),
    "password-strength": Place(SIGNED_IN, "405"),
    "profile": Place(SIGNED_IN),
    "caller-code": Place(SIGNED_IN),
    "own-data": Place(SIGNED_IN),
    "news": Place(SIGNED_IN),
    "news-read": Place(SIGNED_IN, "405"),
    "organisation": Place(SIGNED_IN, "405"),
    "article": Place(SIGNED_IN, "404"),
    "help": Place(EVERYBODY),
    "help-page": Place(EVERYBODY),
    "help-remarks": Place(EDITORS),
    "help-remark-settle": Place(EDITORS, "405"),
    "downloads": Place(SIGNED_IN),
    "download": Place(SIGNED_IN, "404"),
    "search": Place(EVERYBODY),
    "mails-we-send": Place(EVERYBODY),
    "legal": Place(EVERYBODY),
    "media": Place(EVERYBODY, "404"),
    "edit-sign-out": Place(EVERYBODY, "→ /"),
    "edit-account": Place(EDITORS, "→ /profile/"),
    "desk-today": Place(DESK),
    "desk-keys": Place(DESK),
    "desk-take": Place(DESK, "405"),
    "desk-check": Place(DESK, "404"),
    "desk-trail": Place(LEADS),
    "desk-trail-export": Place(LEADS),
    "desk-accounts": Place(DESK),
    "desk-accounts-export": Place(LEADS, "404"),
    "desk-issue-access": Place(DESK),
    "desk-send-letter-again": Place(DESK, "405"),
    "desk-account": Place(DESK),
    "desk-account-role": Place(DESK, "→ /desk/accounts/{account}/"),
    "desk-account-step": Place(DESK, "→ /desk/accounts/{account}/"),
    "desk-own-data": Place(LEADS, "→ /desk/accounts/{account}/"),
    "desk-send-link": Place(DESK, "405"),
    "desk-mails": Place(DESK),
    "desk-send-mail-again": Place(DESK, "405"),
    "desk-inbox": Place(DESK),
    "desk-received-mail": Place(DESK),
    "desk-intakes": Place(DESK),
    "desk-take-down": Place(TAKERS_DOWN),
    "desk-intake": Place(DESK),
    "desk-maintenance": Place(PLANNERS),
    "desk-maintenance-plan": Place(PLANNERS),
    "desk-maintenance-window": Place(PLANNERS, "404"),
    "desk-faults": Place(DESK),
    "desk-settings": Place(SITE_EDITORS),
    "desk-imports": Place(DESK),
    "desk-import-upload": Place(DESK),
    "desk-import": Place(DESK, "404"),
    "desk-import-columns": Place(DESK, "404"),
    "desk-import-start": Place(DESK, "404"),
    "desk-import-cancel": Place(DESK, "405"),
    "desk-import-file": Place(DESK, "404"),
    "demo-mails": Place(EVERYBODY),
    "demo-mail": Place(EVERYBODY),
    "demo-mail-html": Place(EVERYBODY),
}
ROLES = {
    Visitor.CUSTOMER: Role.CUSTOMER,
    Visitor.INTAKE: Role.INTAKE,
    Visitor.EDITOR: Role.EDITOR,
    Visitor.DESK: Role.DESK,
    Visitor.DESK_LEAD: Role.DESK_LEAD,
    Visitor.ADMIN: Role.ADMIN,
}


def _patterns() -> dict[str, str]:
    """The route of every address, by its name."""
    # Wagtail's own, walked through one by one in tests/web/content/test_editing.py.
    patterns = [pattern for pattern in get_resolver().url_patterns if str(pattern.pattern) != PLACE]
    assert all(isinstance(pattern, URLPattern) for pattern in patterns), "an included list hides its addresses"
    named = {str(pattern.name): str(pattern.pattern) for pattern in patterns if isinstance(pattern, URLPattern)}
    assert len(named) == len(patterns), "two addresses share a name, or one has none"
    return named


def _path(name: str, route: str) -> str:
    if "<str:key>" in route:
        return reverse(name, args=[captured_mails()[0].key])
    # Their own account is one whose file everybody at the desk may read, and nobody may change.
    examples = {
        "<str:token>": "not-a-token",
        "<int:account_id>": _own_account_id(),
        "<slug:step>": "suspend",
        "<slug:slug>": {"help-page": "registration", "legal": "imprint"}.get(name, "none"),
        "<path:name>": "none",
        "<int:remark_id>": 404,
        "<int:check_id>": 0,
        "<int:number>": 404,  # no import has been uploaded
        "<slug:name>": "own-own-00000000",
        "<str:name>": "0.png",
    }
    if "<int:received_id>" in route:
        examples["<int:received_id>"] = ReceivedMail.objects.latest("pk").pk
    if "<int:intake_id>" in route:
        examples["<int:intake_id>"] = Intake.objects.latest("pk").pk
    return reverse(name, args=[example for part, example in examples.items() if part in route])


def _own_account_id() -> int:
    return Account.objects.latest("pk").pk


def _browser(visitor: Visitor) -> Client:
    """A browser in which that visitor sits; meanwhile one mail has been captured, and one has come in."""
    holder = settled(role=ROLES.get(visitor, Role.ADMIN))
    capture_mail()
    inbox.take_in(inbox.mailbox_named("x", now=clock.now()), keeping.Place(1, 1), letter(), now=clock.now())
    browser = Client() if visitor is Visitor.NOBODY else sign_in(holder)
    if visitor is Visitor.SUSPENDED:
        suspend(holder)
    return browser


def _seen(response: Response) -> str:
    return f"→ {response.headers['Location']}" if response.status_code == 302 else str(response.status_code)


def _answer(name: str) -> str:
    return PLACES[name].answer.format(account=_own_account_id())


def _refusal(visitor: Visitor, name: str, path: str) -> str:
    return "403" if visitor in SIGNED_IN else f"→ /?next={quote(SENT_FROM.get(name, path))}"


def test_every_address_has_an_audience() -> None:
    assert set(_patterns()) == set(PLACES)


@pytest.mark.parametrize("visitor", Visitor)
def test_every_page_is_shown_to_its_audience_and_to_nobody_else(visitor: Visitor) -> None:
    browser = _browser(visitor)
    paths = {name: _path(name, route) for name, route in _patterns().items()}
    seen = {name: _seen(browser.get(path)) for name, path in paths.items()}
    if visitor in SIGNED_IN:
        assert seen.pop("change-password") == "→ /profile/#password"
    own = _own_account_id()
    assert seen == {
        name: PLACES[name].answer.format(account=own)
        if visitor in PLACES[name].audience
        else _refusal(visitor, name, path)
        for name, path in paths.items()
        if name in seen
    }


@pytest.mark.parametrize("visitor", Visitor)
def test_every_form_is_taken_from_its_audience_and_from_nobody_else(visitor: Visitor) -> None:
    browser = _browser(visitor)
    for name, route in _patterns().items():
        path, visit = _path(name, route), Client()
        visit.cookies = deepcopy(browser.cookies)
        with transaction.atomic():
            seen = _seen(visit.post(path))
            # Whoever has just signed out is signed in again at the next address.
            transaction.set_rollback(True)
        refused = seen == "403" or seen.startswith("→ /?next=")
        if visitor in PLACES[name].audience:
            assert not refused, f"{name}: {seen}"
        else:
            assert seen == _refusal(visitor, name, path), name


def test_whoever_had_to_sign_in_first_is_led_to_a_page() -> None:
    nobody, admin = Client(), _browser(Visitor.ADMIN)
    # A check of no number is not there; nobody acts on their own account, and is shown it instead.
    places = {"200", "→ /", "→ /profile/", "404", f"→ /desk/accounts/{_own_account_id()}/"}
    for name, route in _patterns().items():
        for asked in (nobody.get, nobody.post):
            _, refused, wish = asked(_path(name, route)).headers.get("Location", "").partition("?next=")
            if refused:
                assert _seen(admin.get(unquote(wish))) in places, name


@pytest.mark.parametrize("visitor", [Visitor.NOBODY, Visitor.ADMIN])
def test_no_form_is_taken_that_does_not_come_from_the_portal(visitor: Visitor) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = _browser(visitor).cookies
    taken = {
        name: seen
        for name, route in _patterns().items()
        if (seen := _seen(strict.post(_path(name, route), {"address": "a@example.org", "language": "en"}))) != "403"
    }
    # Whoever is signed in already and sends an old sign-in form is shown the portal; nobody is signed in by it.
    assert taken == ({} if visitor is Visitor.NOBODY else {"sign-in": "→ /"})
    assert strict.get("/profile/").status_code == (302 if visitor is Visitor.NOBODY else 200)


def test_a_form_that_comes_from_the_portal_is_taken() -> None:
    holder, strict = settled(), Client(enforce_csrf_checks=True)
    strict.get("/")
    token = {"csrfmiddlewaretoken": strict.cookies[settings.CSRF_COOKIE_NAME].value}
    sign_in(holder, strict, **token)
    assert _seen(strict.get("/profile/")) == "200"

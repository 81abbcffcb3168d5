"""Whatever is sent, the portal answers with a page and never with a fault of its own."""

from __future__ import annotations

from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from factories.accounts import OWN_PASSWORD
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.mail.models import OutgoingMail
from web.pages import Page
from web.residents import ADDRESS, capture_mail, issue, newcomer, refused_for_good, settled, sign_in
from web.served import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.pages import Response

pytestmark = pytest.mark.django_db

# Always the same entries, so that it fails for whoever broke something and not for whoever comes next.
fuzz = hypothesis_settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=30,
    suppress_health_check=list(HealthCheck),
)

NASTY = [
    "",
    "\x00",
    "Büro\x00Musterland",
    "\r\nSet-Cookie: a=b",
    "\u202eMusterland\u2066",
    "\u200b\ufeff",
    "e\u0301" * 200 + "İıſKßẞ",
    "🦔" * 100,
    "\U0010ffff\ufffe",
    "'\"`;--<script>alert(1)</script>{{ 7 }}{% now 'Y' %}%s%(a)s${x}\\",
    "%00%ff",
    "../../etc/passwd",
    "//evil.example.org",
    "http://[::1",
    "javascript:alert(1)",
    "9" * 30,
    "9" * 5000,
    "-1",
    "١٢٣²",
    "x" * 5000,
    ADDRESS,
    f"{'x' * 64}@{'x' * 63}.example.org",
    "büro@müsterland.example.org",
    OWN_PASSWORD,
    "new-password",
    "another-suggestion",
    "admin",
]
# Percent-encoded bytes that are no UTF-8: a lone surrogate, a stray byte, an overlong slash, half a character.
NO_TEXT = ["%ED%A0%80", "%FF", "%C0%AF", "%E2%82", "%", "%G1", "%u0041", "+%00+"]
HUGE = {
    "letters": "x" * 1_000_000,
    "umlauts": "ä" * 500_000,
    "signs": "🦔" * 250_000,
    "blanks": " " * 1_000_000,
    "dots": "a.a@" * 250_000,
    "NUL": "\x00" * 1_000_000,
    "right to left": "\u202e" * 300_000,
    "accents": "a" + "\u0301" * 500_000,
}
# Codecs that Python knows and that fail on plain text, and names that are none.
CHARSETS = ["utf-16", "utf-7", "hex", "idna", "undefined", "unicode_escape", "rot13", "no-such-charset", "\x00", "\xe4"]
CONTENT_TYPES = [
    "text/plain",
    "application/json",
    "application/xml",
    "",
    "x",
    "/;;;=",
    *(f"application/x-www-form-urlencoded; charset={charset}" for charset in CHARSETS),
    *(f"application/x-www-form-urlencoded; charset*={charset}''utf-8" for charset in CHARSETS),
    *(f"text/plain; format*={charset}''flowed" for charset in CHARSETS),
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "multipart/form-data; boundary=x",
    "multipart/form-data; boundary=\xe4",
    f"multipart/form-data; boundary={'x' * 300}",
    *(f"multipart/form-data; boundary=x; charset={charset}" for charset in CHARSETS),
    *(f"multipart/form-data; boundary*={charset}''x" for charset in CHARSETS),
]
BODIES = [
    b"",
    b"\x00\xff\xfe",
    b"address=a&address=b&&&===",
    b"{}",
    b"--x\r\n",
    b"--x\r\nContent-Disposition: form-data; name=address\r\n\r\nabcd+2AA-xyz\r\n--x--\r\n",
    (
        b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n+2AA-\r\n'
        b'--x\r\nContent-Disposition: form-data; name="new_password"\r\n\r\n+2AA-+2AA-+2AA-\r\n--x--\r\n'
    ),
    b'--x\r\nContent-Disposition: form-data; name="name"; filename="a"\r\n\r\nfile\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: base64\r\n\r\n???\r\n--x--\r\n',
    *(
        f"--x\r\nContent-Disposition: form-data; name*={charset}''name\r\n\r\nabc\r\n--x--\r\n".encode()
        for charset in CHARSETS
    ),
]

FORMS = {
    "/sign-in/": ("address", "password", "next"),
    "/language/": ("language", "next"),
    "/sign-in/first/": ("action", "new_password", "confirm_weak", "current_password"),
    "/profile/": ("action", "colour_scheme", "name", "language", "new_password", "confirm_weak", "current_password"),
    "/password/strength/": ("new_password",),
    "/desk/accounts/issue/": ("address", "name", "organisation", "kind", "language", "role"),
    "/desk/accounts/send-letter-again/": ("account",),
    "/desk/mails/send-again/": ("mail",),
    "/desk/intakes/new/": ("concern", "name", "call_back_number", "email", "preferred_time"),
    "/contact/": ("proof", "website", "concern", "name", "call_back_number", "email", "preferred_time"),
    "/desk/settings/": (
        *("action", "version", "portal_name", "email", "telephone", "charges_de", "monday", "state", "logo"),
        *("colour_light", "take_colour_light", "days-TOTAL_FORMS", "days-0-day", "days-0-hours", "days-0-every_year"),
    ),
}
QUESTIONS = {
    "/desk/errors/": ("reference", "after", "before"),
    "/": ("next",),
    "/language/": ("next", "language"),
    "/sign-in/": ("next",),
    "/profile/": ("action", "name"),
    "/desk/accounts/": ("q", "after", "before"),
    "/desk/accounts/issue/": ("address",),
    "/desk/mails/": ("q", "state", "kind", "after", "before"),
    "/desk/inbox/": ("after", "before"),
    "/desk/intakes/": ("state", "after", "before"),
    "/desk/imports/": ("before",),
    "/no-such-page/": ("next",),
}
# Fields in which one picks instead of typing; what is not on offer is refused the same way, whatever it is.
CHOICES = {"kind", "role", "colour_scheme", "confirm_weak"}
# What a form needs to get past its first fault.
RIGHT = {
    "address": "neu@example.org",
    "name": "Kita Probstadt",
    "organisation": "Kita Probstadt",
    "kind": "personal",
    "language": "de",
    "role": "customer",
    "colour_scheme": "dark",
    "password": OWN_PASSWORD,
    "new_password": "Ganz-Anderes-Kennwort-77",
    "action": "save",
    "concern": "Bitte um Rückruf",
    "call_back_number": "0511 1",
}
# One form for everybody, one for customers and one for staff: a body is read in the same place for all of them.
READ_AS_ALL_ARE = {"/sign-in/", "/profile/", "/desk/intakes/new/"}
# Where whoever filled in everything right is led.
LEADS_TO = {
    "/language/": "/",
    "/sign-in/first/": "/",
    "/profile/": "/profile/",
    "/desk/accounts/issue/": "/desk/accounts/",
    "/desk/accounts/send-letter-again/": "/desk/accounts/",
    "/desk/mails/send-again/": "/desk/mails/",
    "/desk/intakes/new/": "/desk/intakes/",
}

entry = st.one_of(
    st.sampled_from([quote(text) for text in NASTY]),
    st.sampled_from(NO_TEXT),
    st.text(max_size=60).map(quote),
    st.binary(max_size=40).map(quote),
)


def _browser(path: str) -> Client:
    """A browser in which somebody sits who may use that form."""
    if path == "/sign-in/first/":
        return sign_in(newcomer())
    if path.startswith("/desk/"):
        return sign_in(settled(role=Role.ADMIN))
    return sign_in(settled()) if path in {"/profile/", "/password/strength/"} else Client()


def _right(path: str) -> dict[str, str]:
    """What that form needs to be taken."""
    right = {name: RIGHT.get(name, "") for name in FORMS[path]}
    if "account" in right:
        right["account"] = str(refused_for_good(issue("kita@probstadt.example.org")).pk)
    if "mail" in right:
        right["mail"] = str(OutgoingMail.objects.get(recipient=refused_for_good(issue("kita@example.org")).address).pk)
    return right


def _answered(response: Response) -> Response:
    """The same answer, once it is clear that it is one."""
    assert response.status_code < 500
    if response.status_code == 200 and response.content:
        Page(response)
    for name, value in response.headers.items():
        assert "\n" not in f"{name}{value}"
    return response


@contextmanager
def _undone(client: Client) -> Iterator[None]:
    """Whatever is saved meanwhile does not change what the next entry meets: the browser's session, for example."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def _let_in(response: Response) -> Response:
    """The same answer, once it is clear that nobody was asked to sign in instead."""
    assert "?next=" not in response.headers.get("Location", "")
    return _answered(response)


def _sent(client: Client, path: str, body: bytes) -> None:
    with _undone(client):
        _let_in(client.generic("POST", path, body, content_type="application/x-www-form-urlencoded"))


@pytest.mark.parametrize("path", LEADS_TO)
def test_what_the_others_spoil_is_right_and_taken_again_and_again(path: str) -> None:
    client, right = _browser(path), _right(path)
    for _ in range(2):
        with _undone(client):
            assert client.post(path, right).headers["Location"] == LEADS_TO[path]


@pytest.mark.parametrize("path", FORMS)
def test_no_entry_in_any_field_is_a_fault_of_ours(path: str) -> None:
    client = _browser(path)
    right = {name: quote(value) for name, value in _right(path).items()}

    @fuzz
    @given(
        st.dictionaries(st.sampled_from(FORMS[path]), st.lists(entry, min_size=1, max_size=3), max_size=3),
        st.sets(st.sampled_from(FORMS[path]), max_size=2),
    )
    def send(wrong: dict[str, list[str]], missing: set[str]) -> None:
        fields = {name: [value] for name, value in right.items() if name not in missing} | wrong
        body = "&".join(f"{name}={value}" for name, values in fields.items() for value in values)
        _sent(client, path, body.encode())

    send()


@pytest.mark.parametrize("path", FORMS)
def test_every_nasty_entry_in_every_single_field_is_answered(path: str, request: pytest.FixtureRequest) -> None:
    client = _browser(path)
    right = {name: quote(value) for name, value in _right(path).items()}
    fields = sorted(set(FORMS[path]) - CHOICES)
    # Of a long form each field gets a sixth of them, and another one than its neighbours, unless --thorough is given.
    step = 6 if len(fields) >= 3 and not request.config.getoption("--thorough") else 1
    for number, name in enumerate(fields):
        for value in [*map(quote, NASTY), *NO_TEXT][number % step :: step]:
            body = "&".join(f"{field}={entry}" for field, entry in {**right, name: value}.items())
            _sent(client, path, body.encode())


@pytest.mark.parametrize(
    ("path", "size"),
    [
        pytest.param(path, size, marks=[pytest.mark.thorough] if (number + place) % 3 else [])
        for number, path in enumerate(FORMS)
        for place, size in enumerate(HUGE)
    ],
)
def test_a_megabyte_in_any_field_is_answered(path: str, size: str) -> None:
    client, right = _browser(path), _right(path)
    for name in FORMS[path]:
        with _undone(client):
            _let_in(client.post(path, {**right, name: HUGE[size]}))


def test_more_than_is_ever_typed_is_refused_before_it_is_read(client: Client) -> None:
    for body in (b"a=" + b"x" * 3_000_000, b"&".join(b"f%d=1" % number for number in range(2000))):
        response = client.generic("POST", "/sign-in/", body, content_type="application/x-www-form-urlencoded")
        assert _answered(response).status_code == 413


@pytest.mark.parametrize("visitor", ["nobody", "an administrator"])
@pytest.mark.parametrize("path", QUESTIONS)
def test_no_question_in_an_address_is_a_fault_of_ours(path: str, visitor: str) -> None:
    client = Client() if visitor == "nobody" else _browser("/desk/")

    @fuzz
    @given(st.lists(st.tuples(st.sampled_from(QUESTIONS[path]), entry), max_size=4))
    @example([(QUESTIONS[path][0], "%00")])
    @example([(QUESTIONS[path][0], "%ED%A0%80")])
    def ask(asked: list[tuple[str, str]]) -> None:
        question = "&".join(f"{name}={value}" for name, value in asked)
        _answered(client.generic("GET", path, QUERY_STRING=question))

    ask()


@pytest.mark.parametrize("name", ["q", "after", "before"])
def test_every_nasty_question_to_the_desk_is_answered(name: str) -> None:
    client = _browser("/desk/")
    for value in [*map(quote, NASTY), *NO_TEXT]:
        response = client.generic("GET", "/desk/accounts/", QUERY_STRING=f"{name}={value}", follow=True)
        assert _answered(response).status_code in {200, 302}


def _status(client: Client, path: str, content_type: str, body: bytes) -> int:
    """What is answered to a body that the test client would not send."""
    cookies = {name: cookie.value for name, cookie in client.cookies.items() if cookie.value}
    with transaction.atomic():
        status = served("POST", path, body, content_type=content_type, cookies=cookies)
        transaction.set_rollback(True)
    return status


@pytest.mark.parametrize(
    "path",
    [pytest.param(path, marks=[] if path in READ_AS_ALL_ARE else [pytest.mark.thorough]) for path in FORMS],
)
def test_a_body_that_is_no_form_is_answered(path: str) -> None:
    client = _browser(path)
    for content_type in CONTENT_TYPES:
        for body in BODIES if "boundary=" in content_type else BODIES[:3]:
            assert _status(client, path, content_type, body) < 500, (content_type, body)


@pytest.mark.parametrize("visitor", ["nobody", "a customer"])
@pytest.mark.usefixtures("demonstration")
def test_no_address_is_a_fault_of_ours(visitor: str) -> None:
    holder = settled()
    capture_mail()
    client = Client() if visitor == "nobody" else sign_in(holder)

    @fuzz
    @given(st.lists(entry, max_size=4), st.sampled_from(["/", "/demo/mail/", "/desk/", "/static/", "//"]))
    def ask(parts: list[str], beginning: str) -> None:
        _answered(client.generic("GET", beginning + "/".join(parts).replace("?", "").replace("#", "")))

    ask()


@pytest.mark.parametrize(
    "name",
    [
        settings.SESSION_COOKIE_NAME,
        settings.CSRF_COOKIE_NAME,
        settings.LANGUAGE_COOKIE_NAME,
        settings.COLOUR_SCHEME_COOKIE_NAME,
        "messages",
    ],
)
def test_no_cookie_is_a_fault_of_ours(name: str) -> None:
    made_up = ["a" * 32, '{"a": 1}:x:y', "W10:1abcde:" + "x" * 43, '"abcdefgh\\000"', '"\\355\\240\\200abcdefgh"']
    for value in [*(text for text in NASTY if not set(text) & set("\r\n")), *made_up]:
        # A header arrives as bytes, which WSGI hands on one by one.
        headers = {"Cookie": f"{name}={value}".encode().decode("latin-1")}
        _answered(Client().get("/", headers=headers))


@pytest.mark.parametrize(
    "header",
    ["Accept-Language", "Referer", "User-Agent", "Origin", "HX-Current-URL", "X-Forwarded-For"],
)
def test_no_header_is_a_fault_of_ours(header: str) -> None:
    client = _browser("/profile/")
    for value in [text for text in NASTY if not set(text) & set("\r\n")]:
        # A header arrives as bytes, which WSGI hands on one by one.
        headers = {header: value.encode().decode("latin-1")}
        _answered(client.get("/", headers=headers))
        _answered(client.post("/language/", {"language": "de"}, headers=headers))


@pytest.mark.parametrize("host", ["evil.example.org", "", "a b", "[::1", "x" * 300, "\xff", "testserver\x00", "@"])
@pytest.mark.parametrize("path", ["/", "/profile/", "/no-such-page/"])
def test_a_host_that_is_not_ours_is_refused_with_a_page(host: str, path: str) -> None:
    for client in (Client(), _browser("/profile/")):
        response = client.get(path, HTTP_HOST=host)
        assert response.status_code == 400
        assert "Diese Anfrage war nicht zu verstehen" in Page(response).text


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "PROPFIND", "X"])
def test_no_method_is_a_fault_of_ours(method: str) -> None:
    client = _browser("/desk/")
    for path in {*FORMS, *QUESTIONS, "/session/prolong/", "/sign-out/", "/password/forgotten/", "/sign-in/help/"}:
        with _undone(client):
            _let_in(client.generic(method, path, b"name=x", content_type="application/x-www-form-urlencoded"))


def test_what_was_typed_survives_except_passwords(client: Client) -> None:
    entries = {"address": "\u202eBüro 🦔", "password": "geheim-getippt", "next": "/profile/"}
    response = client.post("/sign-in/", entries)
    kept = Page(response).form("Anmelden").fields
    assert (kept["address"], kept["next"], kept["password"]) == ("\u202eBüro 🦔", "/profile/", "")
    assert "geheim-getippt" not in response.content.decode()

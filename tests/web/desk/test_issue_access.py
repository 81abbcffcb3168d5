"""The desk's form: who may issue access to whom, and what is said when it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from factories.trail import events_of
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.queries import account_of, organisation_names_of
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import attempt, issue, password_in_letter, settled, sign_in

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db

PATH = "/desk/accounts/issue/"
ISSUE = "Zugang einrichten"
ENTRIES = {
    "address": "kita@probstadt.example.org",
    "name": "Kita Probstadt",
    "organisation": "Kita Probstadt",
    "kind": "institutional",
    "language": "en",
}
STAFF = "hr-service@example.org"


@pytest.fixture
def desk() -> Client:
    """A browser in which a member of the desk's staff sits."""
    return sign_in(settled(STAFF, name="HR-Service", organisation="Vorführung", role=Role.DESK))


@pytest.fixture
def admin() -> Client:
    """A browser in which an administrator sits."""
    return sign_in(settled(STAFF, name="Verwaltung", organisation="Vorführung", role=Role.ADMIN))


def _account(address: str = ENTRIES["address"]) -> Account:
    account = account_of(address)
    assert account is not None
    return account


def test_access_is_issued_from_form_to_first_sign_in(desk: Client, client: Client) -> None:
    response = Page(desk.get(PATH)).form(ISSUE).press(desk, ISSUE, ENTRIES)
    assert response.headers["Location"] == "/desk/accounts/"
    (notice,) = Page(desk.get("/desk/accounts/")).notices
    assert "kita@probstadt.example.org" in notice
    account = _account()
    assert (account.name, account.kind, account.language, account.role) == (
        "Kita Probstadt",
        "institutional",
        "en",
        "customer",
    )
    assert organisation_names_of(account) == ["Kita Probstadt"]
    letter = AccessLetter.objects.get(account=account)
    assert letter.issued_by == _account(STAFF)
    assert events_of(account) == ["account.opened", "access.issued"]
    deliver_due_mails(clock=clock.now)
    assert attempt(client, account.address, password_in_letter(account.address)).status_code == 302


def test_the_form_starts_with_the_commonest_choices(desk: Client) -> None:
    fields = Page(desk.get(PATH)).form(ISSUE).fields
    assert (fields["kind"], fields["language"]) == ("personal", "de")


def test_no_password_is_asked_for_or_shown_anywhere(desk: Client) -> None:
    page = Page(desk.get(PATH))
    assert not page.all("input", type="password")
    response = page.form(ISSUE).press(desk, ISSUE, ENTRIES)
    deliver_due_mails(clock=clock.now)
    password = password_in_letter(ENTRIES["address"])
    for seen in (response, desk.get("/desk/accounts/"), desk.get("/desk/accounts/?q=probstadt")):
        assert password not in seen.content.decode()


@pytest.mark.parametrize(
    ("wrong", "faulty"),
    [
        ({"address": ""}, {"address"}),
        ({"address": "kita"}, {"address"}),
        ({"address": "kita@probstadt"}, {"address"}),
        ({"address": "kita@@probstadt.example.org"}, {"address"}),
        ({"address": "kita@probstadt.example.org, buero@example.org"}, {"address"}),
        ({"address": "kita@probstadt.example.org\nBcc: x@example.org"}, {"address"}),
        ({"address": "İ@example.org"}, {"address"}),
        ({"address": "x" * 300 + "@example.org"}, {"address"}),
        ({"address": STAFF}, {"address"}),
        ({"address": STAFF.upper()}, {"address"}),
        ({"address": f"  {STAFF} "}, {"address"}),
        ({"name": ""}, {"name"}),
        ({"name": " \t "}, {"name"}),
        ({"name": "x" * 151}, {"name"}),
        # The domain counts characters as it keeps them, and this one as two.
        ({"name": "\u0958" * 150}, {"name"}),
        ({"organisation": "\u0958" * 200}, {"organisation"}),
        ({"organisation": ""}, {"organisation"}),
        ({"organisation": "\u3000"}, {"organisation"}),
        ({"organisation": "x" * 201}, {"organisation"}),
        ({"telephone": "siehe oben"}, {"telephone"}),
        ({"telephone": "siehe oben", "name": ""}, {"telephone", "name"}),
        ({"telephone": "1" * 41}, {"telephone"}),
        ({"kind": ""}, {"kind"}),
        ({"kind": "office"}, {"kind"}),
        ({"language": "fr"}, {"language"}),
        ({"address": "", "name": "", "organisation": "", "kind": "", "language": ""}, set(ENTRIES)),
    ],
)
def test_what_is_refused_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Client, wrong: dict[str, str], faulty: set[str]
) -> None:
    before = Account.objects.count()
    entries = ENTRIES | wrong
    page = Page(desk.post(PATH, entries))
    assert page.status == 200
    assert set(page.errors) == {f"id_{name}" for name in faulty}
    assert all(page.errors.values())
    for name in ("address", "name", "organisation"):
        assert page.control(name).attributes.get("value", "") == entries[name]
    fields = page.form(ISSUE).fields
    for name in {"kind", "language"} - faulty:
        assert fields[name] == entries[name]
    assert Account.objects.count() == before


def test_the_faults_are_listed_on_top_with_links_to_their_fields(desk: Client) -> None:
    page = Page(desk.post(PATH, {}))
    (summary,) = page.all("div", role="alert")
    targets = {link.attributes["href"].removeprefix("#") for link in summary.all("a")}
    assert targets == {f"id_{name}" for name in ENTRIES}
    assert targets <= {each.attributes.get("id") for each in page.walk()}


def test_known_organisations_are_offered_and_not_added_twice(desk: Client) -> None:
    issue()
    page = Page(desk.get(PATH))
    (offers,) = page.all("datalist")
    assert [offer.attributes["value"] for offer in offers.all("option")] == ["Kirchenkreis Musterland", "Vorführung"]
    page.form(ISSUE).press(desk, ISSUE, ENTRIES, organisation="KIRCHENKREIS  musterland")
    assert organisation_names_of(_account()) == ["Kirchenkreis Musterland"]


@pytest.mark.parametrize("role", Role)
def test_an_administrator_chooses_the_role(admin: Client, role: Role) -> None:
    Page(admin.get(PATH)).form(ISSUE).press(admin, ISSUE, ENTRIES, role=role.value)
    assert _account().role == role


def test_an_administrator_who_chooses_no_role_there_is_is_told_so(admin: Client) -> None:
    for role in ("", "root"):
        assert set(Page(admin.post(PATH, {**ENTRIES, "role": role})).errors) == {"id_role"}
    assert account_of(ENTRIES["address"]) is None


@pytest.mark.parametrize("role", [Role.DESK, Role.EDITOR, Role.ADMIN, "root", ""])
def test_staff_who_are_not_asked_for_a_role_cannot_forge_one(desk: Client, role: str) -> None:
    assert not Page(desk.get(PATH)).all("select", name="role")
    assert desk.post(PATH, {**ENTRIES, "role": role}).status_code == 302
    assert _account().role == Role.CUSTOMER


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.EDITOR])
def test_whoever_is_not_of_the_desk_issues_nothing(role: Role) -> None:
    client = sign_in(settled(role=role))
    assert client.post(PATH, ENTRIES).status_code == 403
    assert account_of(ENTRIES["address"]) is None


def test_pressing_twice_issues_once(desk: Client) -> None:
    desk.post(PATH, ENTRIES)
    assert set(Page(desk.post(PATH, ENTRIES)).errors) == {"id_address"}
    deliver_due_mails(clock=clock.now)
    assert len([letter for letter in mail.outbox if letter.to == [ENTRIES["address"]]]) == 1


def test_names_are_shown_and_never_run(desk: Client, client: Client) -> None:
    nasty = "<script>alert(1)</script><img src=x>\"'&"
    refused = desk.post(PATH, {**ENTRIES, "name": nasty, "organisation": nasty, "address": nasty})
    assert b"<script>alert" not in refused.content
    assert Page(refused).control("name").attributes["value"] == nasty
    desk.post(PATH, {**ENTRIES, "name": nasty, "organisation": nasty})
    assert nasty in Page(desk.get(PATH)).all("datalist")[0].all("option")[0].attributes["value"]
    deliver_due_mails(clock=clock.now)
    (letter,) = (letter for letter in mail.outbox if letter.to == [ENTRIES["address"]])
    assert nasty in str(letter.body)
    html = str(letter.alternatives[0][0])  # type: ignore[attr-defined]  # a mail with alternatives
    assert "<script>" not in html
    assert "<img" not in html
    attempt(client, ENTRIES["address"], password_in_letter(ENTRIES["address"]))
    for path in ("/", "/sign-in/first/", "/profile/"):
        assert b"<script>alert" not in client.get(path).content
    assert Page(client.get("/")).heading.endswith(nasty)


@pytest.mark.usefixtures("remembered_as_in_a_process")
def test_the_form_asks_the_database_for_little(desk: Client) -> None:
    for number in range(20):
        issue(f"einrichtung-{number:03}@example.org", organisation=f"Einrichtung {number}")
    desk.get(PATH)
    with CaptureQueriesContext(connection) as queries:
        desk.get(PATH)
    assert len(queries) <= 3
    with CaptureQueriesContext(connection) as queries:
        desk.post(PATH, ENTRIES)
    assert len(queries) <= 29

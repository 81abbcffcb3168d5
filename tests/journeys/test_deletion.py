"""Somebody takes along what is kept about them; then their access is deleted, taken back, and deleted for good."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, follow, heading, press, sign_in, sign_out
from .letters import text_of
from .people import enter_with_initial_password, newcomer, settle
from .readers import SCRIPTED_OR_PLAIN
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .letters import Mailbox
    from .people import Person
    from .serving import Portal

pytestmark = pytest.mark.journey

TWO_WEEKS_LATER = """
from datetime import timedelta
from kundenportal.domain.privacy import operations as privacy
from kundenportal.kernel import clock
print(privacy.delete_due(now=clock.now() + timedelta(days=14, minutes=1)))
"""


def open_account(page: Page, person: Person) -> None:
    """The head of the desk opens the account's page."""
    page.goto(f"/desk/accounts/?q={person.address}")
    page.get_by_role("main").get_by_role("link", name=person.name).click()
    expect(heading(page, person.name)).to_be_visible()


def take_step(page: Page, step: str) -> None:
    """A step that asks how the caller was verified."""
    follow(page, step)
    page.get_by_label("Mir persönlich bekannt").check()
    press(page, step)


@SCRIPTED_OR_PLAIN
def test_data_taken_along_and_access_deleted_and_taken_back_and_deleted_for_good(
    portal: Portal,
    mailbox: Mailbox,
    browsing: Browsing,
    javascript: bool,  # noqa: FBT001 - a case of the table above
) -> None:
    lead, newcome = newcomer(portal, mailbox, GERMAN, role="desk_lead"), newcomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, GERMAN, javascript=javascript)
    person = settle(page, newcome)
    follow(page, GERMAN.profile)
    follow(page, "Meine Daten herunterladen")
    with page.expect_download() as taken:
        press(page, "Meine Daten herunterladen")
    assert taken.value.suggested_filename.startswith("meine-daten-")
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert json.loads(archive.read("meine-daten.json"))["account"][0]["address"] == person.address
    sign_out(page, GERMAN)

    desk = browsing.open(portal, GERMAN, javascript=javascript)
    enter_with_initial_password(desk, lead)
    open_account(desk, person)
    take_step(desk, "Zugang löschen")
    expect(desk.get_by_text("Dieser Zugang wird am")).to_be_visible()
    told = mailbox.wait_for(person.address, number=3)  # after the access data, and that a password was chosen
    assert str(told["Subject"]).endswith("Ihr Zugang wird gelöscht")
    sign_in(page, GERMAN, person.address, person.password)
    expect(heading(page, GERMAN.suspended)).to_be_visible()

    take_step(desk, "Zugang wieder freigeben")
    assert "bleibt bestehen" in text_of(mailbox.wait_for(person.address, number=4))
    sign_in(page, GERMAN, person.address, person.password)
    expect_home(page, GERMAN, person.name)
    sign_out(page, GERMAN)

    take_step(desk, "Zugang löschen")
    mailbox.wait_for(person.address, number=5)
    assert portal.python(TWO_WEEKS_LATER).strip() == "1"
    desk.reload()
    expect(desk.get_by_text(person.address)).to_have_count(0)
    desk.goto("/desk/trail/")
    gone = desk.get_by_role("listitem").filter(has_text="Zugang endgültig gelöscht").first
    expect(gone).to_contain_text("gelöschter Zugang")
    sign_in(page, GERMAN, person.address, person.password)
    expect(page.get_by_role("alert")).to_contain_text(GERMAN.entry_wrong)

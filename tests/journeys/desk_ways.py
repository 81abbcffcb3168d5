"""The ways to the pages of the desk, for whoever is signed in there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .browsing import press
from .demonstration import BEING_CHECKED, CUSTOMER, NEWCOMER, STAFF
from .ways import send_past_the_browser

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from .demonstration import Demonstration
    from .words import Words

# Nobody works on the one that is shown running: it is somebody's until the day after tomorrow.
IMPORT_UP_TO = """
from datetime import timedelta
from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.imports import chunks, operations, queries
from kundenportal.domain.imports.rules.runs import Letters
from kundenportal.kernel import clock
from kundenportal.kernel.origin import COMMAND_LINE
content = \'\'\'Zugänge Kita Probstadt;;;;
E-Mail;Name;Einrichtung;Art;Sprache
krippe.{stage}@probstadt.example.org;Krippe Probstadt;Kita Probstadt;;
dora.{stage}@gmial.com;Dora Beispiel;Kita Probstadt;Person;deutsch
niemand;Clara Beispiel;Kita Probstadt;Person;
krippe.{stage}@probstadt.example.org;Krippe;Kita Probstadt;;
\'\'\'.encode("cp1252")
staff, now, stage = account_of("{staff}"), clock.now(), "{stage}"
run = operations.upload(content, file_name="zugaenge.csv", uploaded_by=staff, now=now, origin=COMMAND_LINE)
chosen = queries.layout_of(run).columns
if stage == "running":
    operations.check(run, chosen=chosen, now=now + timedelta(days=2), claimed=True)
elif stage != "uploaded":
    chunks.go_on(operations.check(run, chosen=chosen, now=now, claimed=True), clock=clock.now)
if stage == "finished":
    claim = operations.start(
        run, letters=Letters.NEVER, started_by=staff, now=now, origin=COMMAND_LINE, claimed=True
    )
    chunks.go_on(claim, clock=clock.now)
print(run.pk)
"""


def issue_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After an address that has access already."""
    page.goto("/desk/accounts/issue/")
    page.get_by_label(words.address, exact=True).fill(CUSTOMER)
    send_past_the_browser(page, words.issue_access)


def mail_that_came_back(page: Page, words: Words, demonstration: Demonstration) -> None:
    """With the words of the server that refused it."""
    page.goto("/desk/mails/?state=bounced")
    page.get_by_role("main").locator("summary").first.click()


def first_in(path: str, number: int = 0) -> Callable[[Page, Words, Demonstration], None]:
    """Opened from a list, as the row of that number."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.goto(path)
        page.get_by_role("main").get_by_role("rowheader").get_by_role("link").nth(number).click()
        page.wait_for_url(re.compile(r"/[0-9]+/$"))

    return way


def upload_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a file that is no table."""
    page.goto("/desk/imports/new/")
    page.locator("input[type=file]").set_input_files(
        files={"name": "brief.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    send_past_the_browser(page, words.upload)


def import_up_to(stage: str) -> Callable[[Page, Words, Demonstration], None]:
    """An import that has come so far."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        number = demonstration.portal.python(IMPORT_UP_TO.format(staff=STAFF, stage=stage))
        page.goto(f"/desk/imports/{number}/")

    return way


received_mail_set_aside = first_in("/desk/inbox/")
received_mail = first_in("/desk/inbox/", -1)
intake = first_in("/desk/intakes/")


def take_down_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After an empty request."""
    page.goto("/desk/intakes/new/")
    send_past_the_browser(page, words.take_down)


def start_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a date that was not entered."""
    import_up_to("checked")(page, words, demonstration)
    page.get_by_label(words.letters_on_a_date, exact=True).check()
    send_past_the_browser(page, words.start_import)


def columns_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a column that is needed was not chosen."""
    import_up_to("uploaded")(page, words, demonstration)
    page.locator("#id_organisation").select_option("")
    send_past_the_browser(page, words.check_file)


def imports(page: Page, words: Words, demonstration: Demonstration) -> None:
    """The list, with an import in it."""
    import_up_to("finished")(page, words, demonstration)
    page.goto("/desk/imports/")


def file(address: str, step: str = "") -> Callable[[Page, Words, Demonstration], None]:
    """The page of an account, or of one step there."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.goto(f"/desk/accounts/?q={address}")
        page.get_by_role("row").filter(has_text=address).get_by_role("link").first.click()
        page.wait_for_url(re.compile(r"/desk/accounts/\d+/$"))
        if step:
            page.goto(f"{page.url}{step}/")
            page.wait_for_url(f"**/{step}/")  # one that is not offered leads back

    return way


def step_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After an empty entry."""
    file(NEWCOMER, "correct-address")(page, words, demonstration)
    page.locator("main form").evaluate("(form) => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.get_by_role("alert")).to_be_visible()


def check(page: Page, words: Words, demonstration: Demonstration) -> None:
    """Opened from what waits."""
    page.goto("/desk/?kind=check")
    page.get_by_role("row").filter(has_text=BEING_CHECKED).get_by_role("link").last.click()
    page.wait_for_url("**/desk/checks/*/")


def check_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a decision without its reason."""
    check(page, words, demonstration)
    page.locator("button[value=decline]").click()
    expect(page.get_by_role("alert")).to_be_visible()


def settings_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After entries that cannot be saved."""
    page.goto("/desk/settings/")
    page.locator("#id_colour_light").fill("#ffd400")
    page.locator("#id_monday").fill("morgens")
    page.locator("#id_days-2-hours").fill("7–12")
    send_past_the_browser(page, words.save)
    page.locator("#id_monday").fill("7–17")
    page.locator("#id_days-2-hours").fill("")
    send_past_the_browser(page, words.save)


def settings_preview(page: Page, words: Words, demonstration: Demonstration) -> None:
    """With colours that are not saved yet."""
    page.goto("/desk/settings/")
    page.locator("#id_colour_light").fill("#7d2f70")
    press(page, words.look_first)
    page.wait_for_function("() => document.querySelector('link[href*=\"/brand/\"]')")


def faults(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After an error page."""
    page.goto("/nothing/here/")
    page.goto("/desk/errors/")


def maintenance_previewed(page: Page, words: Words, demonstration: Demonstration) -> None:
    """Before it is planned."""
    page.goto("/desk/maintenance/plan/")
    page.locator("#id_starts").fill("2035-06-01T18:00")
    page.locator("#id_ends").fill("2035-06-01T20:00")
    page.locator("#id_message_de").fill("Wir bauen neue Platten ein.")
    page.locator("button[value=preview]").click()
    expect(page.locator("button[value=plan]")).to_be_visible()


def maintenance_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After nothing was entered."""
    page.goto("/desk/maintenance/plan/")
    send_past_the_browser(page, words.show_preview)


def keys_shown(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After the key that shows what each key does."""
    page.goto("/desk/")
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()

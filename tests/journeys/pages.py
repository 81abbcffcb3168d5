"""Every page there is, and the way to it: a list for whoever wants to look at all of them."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .browsing import heading, press, sign_in, wait_for_the_end
from .letters import lockout_link_in_text, password_in_text, reset_link_in_text
from .people import OWN_PASSWORDS
from .words import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from playwright.sync_api import Page, StorageState

    from .browsing import Browsing
    from .serving import Portal
    from .words import Words

STAFF = "hr-service@example.org"
CUSTOMER = "buero@musterland.example.org"
NEWCOMER = "anna.beispiel@musterland.example.org"
EXPIRED = "leitung@probstadt.example.org"
BEING_CHECKED = "verwaltung@probstadt.example.org"
DECLINED = "ehrenamt@musterland.example.org"
SUSPENDED = "kasse@beispielhausen.example.org"
FORGETFUL = "pflege@beispielhausen.example.org"  # whose password nobody else needs: a link of theirs is used up
SEVERAL = "pfarramt@musterland.example.org"  # who acts for more than one organisation, and has asked for a call
LOCKED_OUT = "redaktion@example.org"  # who never signs in here
NOBODY = ""

MILLISECONDS_TO_READ = 2_500  # less than a person takes for a form, and more than a program
LOOKS_FOR_A_MAIL, MILLISECONDS_BETWEEN_LOOKS = 100, 200
COMMON, WEAK = "passwort", "Regenschirm7"

PASSWORDS_OF_RESIDENTS = """
import json
from kundenportal.jobs.demo import RESIDENTS, password_of
print(json.dumps({resident.address: password_of(resident) for resident in RESIDENTS}))
"""
ANOTHER_LATECOMER = """
from datetime import timedelta
from kundenportal.jobs import demo
from kundenportal.kernel import clock
resident = demo.Resident("{address}", "Kita Probstadt", demo.NURSERY, issued_ago=timedelta(days=40), signed_in=False)
demo._move_in(resident, now=clock.now())
"""
# What is shown when hardly anything can be relied on, made the way the portal makes it; nobody can ask for it.
SHOWN_WHEN_IT_MATTERS = """
from datetime import timedelta
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError
from django.test import RequestFactory
from kundenportal.domain.maintenance import noticeboard, queries
from kundenportal.domain.site.queries import current
from kundenportal.kernel import clock
from kundenportal.kernel.request_reference import referenced
from kundenportal.web.shared import errors
current()
request = RequestFactory().get("/")
def fault(exception):
    try:
        raise exception
    except type(exception):
        return errors.server_error(request)
with referenced():
    print(({made}).content.decode())
"""
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


@dataclass
class Demonstration:
    """The demonstration portal, and how its residents sign in."""

    portal: Portal
    passwords: dict[str, str]
    _sessions: dict[str, StorageState] = field(default_factory=dict)
    _links: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, portal: Portal) -> Demonstration:
        """The demonstration served by a portal."""
        return cls(portal, json.loads(portal.python(PASSWORDS_OF_RESIDENTS)))

    def open(self, browsing: Browsing, words: Words, who: str, **options: Any) -> Page:
        """A window in which this resident is signed in and reads this language."""
        page = browsing.open(self.portal, words, storage_state=self._sessions.get(who), **options)
        page.goto("/")
        if who and page.get_by_role("button", name=words.sign_in, exact=True).is_visible():
            self._sign_in(page, words, who)
            self._sessions[who] = page.context.storage_state()
            page.goto("/")
        if page.locator("html").get_attribute("lang") != words.language:
            press(page, {"de": "Deutsch", "en": "English"}[words.language])
            expect(page.locator("html")).to_have_attribute("lang", words.language)
        return page

    def initial_password(self, page: Page, address: str) -> str:
        """The password in the letter to the address, read where the demonstration shows its mail."""
        page.goto("/demo/mail/")
        page.get_by_role("link").filter(has_text=address).last.click()
        return password_in_text(page.locator("pre").inner_text())

    def link(self, page: Page, words: Words, address: str) -> str:
        """The link sent to the address; asked for once, because opening it does not use it up."""
        if address not in self._links:
            _ask_for_link(page, words, address)
            self._links[address] = self._link_in_mail(page, address)
        return self._links[address]

    def used_link(self, page: Page, words: Words) -> str:
        """A link by which FORGETFUL has chosen a password."""
        is_new = FORGETFUL not in self._links
        link = self.link(page, words, FORGETFUL)
        if is_new:
            page.goto(link)
            page.get_by_label(words.new_password, exact=True).fill(OWN_PASSWORDS["en"])
            press(page, words.save_password)
            expect(heading(page, words.reset_done)).to_be_visible()
        return link

    def lockout_link(self, page: Page, words: Words) -> str:
        """The link in the mail that tells LOCKED_OUT of wrong entries."""
        if LOCKED_OUT not in self._links:
            _lock(page, words, LOCKED_OUT)
            text = self._mail_to(page, LOCKED_OUT, *(each.locked_subject for each in LANGUAGES))
            self._links[LOCKED_OUT] = lockout_link_in_text(text)
        return self._links[LOCKED_OUT]

    def _link_in_mail(self, page: Page, address: str) -> str:
        return reset_link_in_text(self._mail_to(page, address, *(words.reset_subject for words in LANGUAGES)))

    def _mail_to(self, page: Page, address: str, *subjects: str) -> str:
        page.goto("/demo/mail/")
        mails = page.get_by_role("link").filter(has_text=address).filter(has_text=re.compile("|".join(subjects)))
        for _ in range(LOOKS_FOR_A_MAIL):
            if mails.count():
                break
            page.wait_for_timeout(MILLISECONDS_BETWEEN_LOOKS)
            page.reload()
        mails.first.click()
        return page.locator("pre").inner_text()

    def _sign_in(self, page: Page, words: Words, who: str) -> None:
        password = self.initial_password(page, who) if who == NEWCOMER else self.passwords[who]
        sign_in(page, words, who, password)
        expect(page.locator("html")).to_be_visible()
        page.wait_for_function("() => document.querySelector('[action$=\"/sign-out/\"]')")


@dataclass(frozen=True)
class Place:
    """A page: who sees it, and the way from the start page to it."""

    who: str
    way: Callable[[Page, Words, Demonstration], None]

    def open(self, demonstration: Demonstration, browsing: Browsing, words: Words, **options: Any) -> Page:
        """A window that shows the page."""
        page = demonstration.open(browsing, words, self.who, **options)
        self.way(page, words, demonstration)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page


def _at(path: str) -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.goto(path)

    return way


def _stranger() -> str:
    # Somebody new each time: whoever comes again and again is locked out.
    return f"niemand-{secrets.token_hex(4)}@example.org"


def _wrong_entry(page: Page, words: Words, demonstration: Demonstration) -> None:
    sign_in(page, words, _stranger(), "not the password")
    expect(page.get_by_role("alert")).to_be_visible()


def _locked(page: Page, words: Words, demonstration: Demonstration) -> None:
    _lock(page, words, _stranger())


def _lockout(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto(demonstration.lockout_link(page, words))


def _lock(page: Page, words: Words, address: str) -> None:
    for number in range(6):
        sign_in(page, words, address, f"wrong for the {number + 1}. time")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(heading(page, words.locked)).to_be_visible()


def _empty_entry(page: Page, words: Words, demonstration: Demonstration) -> None:
    _send_past_the_browser(page, words.sign_in)


def _first_sign_in_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/sign-in/first/")
    page.get_by_label(words.new_password, exact=True).fill(COMMON)
    press(page, words.save_password)
    expect(page.get_by_role("alert")).to_be_visible()


def _create_password(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/profile/")
    press(page, words.create_password)
    expect(page.get_by_label(words.new_password, exact=True)).to_be_visible()


def _weak_password(page: Page, words: Words, demonstration: Demonstration) -> None:
    _create_password(page, words, demonstration)
    page.get_by_label(words.new_password, exact=True).fill(WEAK)
    press(page, words.update_profile)
    expect(page.get_by_role("alert")).to_be_visible()


def _profile_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    _create_password(page, words, demonstration)
    page.get_by_label(words.name, exact=True).fill(" ")
    page.get_by_label(words.new_password, exact=True).fill("")
    _send_past_the_browser(page, words.update_profile)


def _profile_updated(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/profile/")
    press(page, words.update_profile)
    expect(page.get_by_text(words.profile_updated)).to_be_visible()


def _issue_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/accounts/issue/")
    page.get_by_label(words.address, exact=True).fill(CUSTOMER)
    _send_past_the_browser(page, words.issue_access)


def _mail_that_came_back(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/mails/?state=bounced")
    page.locator("details summary").first.click()


def _first_in(path: str, number: int = 0) -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.goto(path)
        page.get_by_role("main").get_by_role("rowheader").get_by_role("link").nth(number).click()
        page.wait_for_url(re.compile(r"/[0-9]+/$"))

    return way


def _upload_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/imports/new/")
    page.locator("input[type=file]").set_input_files(
        files={"name": "brief.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    _send_past_the_browser(page, words.upload)


def _import(stage: str) -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        number = demonstration.portal.python(IMPORT_UP_TO.format(staff=STAFF, stage=stage))
        page.goto(f"/desk/imports/{number}/")

    return way


_received_mail_set_aside = _first_in("/desk/inbox/")
_received_mail = _first_in("/desk/inbox/", -1)
_intake = _first_in("/desk/intakes/")


def _take_down_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/intakes/new/")
    _send_past_the_browser(page, words.take_down)


def _start_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    _import("checked")(page, words, demonstration)
    page.get_by_label(words.letters_on_a_date, exact=True).check()
    _send_past_the_browser(page, words.start_import)


def _columns_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    _import("uploaded")(page, words, demonstration)
    page.locator("#id_organisation").select_option("")
    _send_past_the_browser(page, words.check_file)


def _imports(page: Page, words: Words, demonstration: Demonstration) -> None:
    _import("finished")(page, words, demonstration)
    page.goto("/desk/imports/")


def _expired(address: str) -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        sign_in(page, words, address, demonstration.initial_password(page, address))
        expect(heading(page, words.expired)).to_be_visible()

    return way


def _access_requested(page: Page, words: Words, demonstration: Demonstration) -> None:
    # Somebody new each time: a request is told that it has come in only once.
    address = f"{secrets.token_hex(4)}@probstadt.example.org"
    demonstration.portal.python(ANOTHER_LATECOMER.format(address=address))
    _expired(address)(page, words, demonstration)
    press(page, words.request_new_access)
    expect(heading(page, words.access_requested)).to_be_visible()


def _suspended(page: Page, words: Words, demonstration: Demonstration) -> None:
    sign_in(page, words, SUSPENDED, demonstration.passwords[SUSPENDED])
    expect(heading(page, words.suspended)).to_be_visible()


def _ask_for_link(page: Page, words: Words, address: str) -> None:
    page.goto("/password/forgotten/")
    page.get_by_label(words.address, exact=True).fill(address)
    press(page, words.send_link)
    expect(heading(page, words.asked)).to_be_visible()


def _link_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/password/forgotten/")
    page.get_by_label(words.address, exact=True).fill("anna at musterland")
    _send_past_the_browser(page, words.send_link)


def _link_asked_for(page: Page, words: Words, demonstration: Demonstration) -> None:
    _ask_for_link(page, words, "nobody@example.org")


def _link_opened(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto(demonstration.link(page, words, CUSTOMER))
    expect(heading(page, words.choose_password)).to_be_visible()


def _link_opened_weak_password(page: Page, words: Words, demonstration: Demonstration) -> None:
    _link_opened(page, words, demonstration)
    page.get_by_label(words.new_password, exact=True).fill(WEAK)
    press(page, words.save_password)
    expect(page.get_by_role("alert")).to_be_visible()


def _link_used(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto(demonstration.used_link(page, words))
    expect(heading(page, words.link_used)).to_be_visible()


def _password_reset(page: Page, words: Words, demonstration: Demonstration) -> None:
    _link_used(page, words, demonstration)
    page.goto("/password/choose/done/")
    expect(heading(page, words.reset_done)).to_be_visible()


def _form_too_old(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/")
    page.context.clear_cookies(name="csrf")
    page.get_by_label(words.address, exact=True).fill(CUSTOMER)
    page.get_by_label(words.password, exact=True).fill("anything")
    press(page, words.sign_in)
    page.wait_for_url("**/sign-in/")


def _mail(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/demo/mail/")
    page.get_by_role("main").get_by_role("link").filter(has_text=NEWCOMER).last.click()
    page.wait_for_url("**/demo/mail/*/")


def _waiting(title: str, *, until_seconds_before_the_end: int) -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.clock.install()
        page.goto("/profile/")
        wait_for_the_end(page, until_seconds_before_the_end)
        expect(page.get_by_role("dialog", name=getattr(words, title), exact=True)).to_be_visible()

    return way


def _file(address: str, step: str = "") -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.goto(f"/desk/accounts/?q={address}")
        page.get_by_role("row").filter(has_text=address).get_by_role("link").first.click()
        page.wait_for_url(re.compile(r"/desk/accounts/\d+/$"))
        if step:
            page.goto(f"{page.url}{step}/")

    return way


def _step_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    _file(NEWCOMER, "correct-address")(page, words, demonstration)
    page.locator("main form").evaluate("(form) => { form.noValidate = true; form.requestSubmit(); }")
    expect(page.get_by_role("alert")).to_be_visible()


def _check(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/?kind=check")
    page.get_by_role("row").filter(has_text=BEING_CHECKED).get_by_role("link").last.click()
    page.wait_for_url("**/desk/checks/*/")


def _check_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    _check(page, words, demonstration)
    page.locator("button[value=decline]").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _contact_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/contact/")
    page.wait_for_timeout(MILLISECONDS_TO_READ)
    _send_past_the_browser(page, words.send)


def _contact_taken(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/contact/")
    page.wait_for_timeout(MILLISECONDS_TO_READ)
    page.locator("#id_concern").fill("Bitte rufen Sie mich zurück.")
    page.locator("#id_name").fill("Büro Musterland")
    page.locator("#id_call_back_number").fill("0511 12345")
    press(page, words.send)
    page.wait_for_url("**/contact/taken/")


def _settings_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/settings/")
    page.locator("#id_colour_light").fill("#ffd400")
    page.locator("#id_monday").fill("morgens")
    page.locator("#id_days-2-hours").fill("7–12")
    _send_past_the_browser(page, words.save)
    page.locator("#id_monday").fill("7–17")
    page.locator("#id_days-2-hours").fill("")
    _send_past_the_browser(page, words.save)


def _settings_preview(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/settings/")
    page.locator("#id_colour_light").fill("#7d2f70")
    press(page, words.look_first)
    page.wait_for_function("() => document.querySelector('link[href*=\"/brand/\"]')")


def _faults(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/nothing/here/")
    page.goto("/desk/errors/")


def _when_it_matters(made: str) -> Callable[[Page, Words, Demonstration], None]:
    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        content = demonstration.portal.python(SHOWN_WHEN_IT_MATTERS.format(made=made))
        page.route("**/shown/", lambda route: route.fulfill(body=content, content_type="text/html; charset=utf-8"))
        page.goto("/shown/")

    return way


def _remark_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/help/registration/")
    page.locator("#id_remark").evaluate("(field) => { field.removeAttribute('maxlength'); }")
    page.locator("#id_remark").fill("Zu lang. " * 200)
    page.locator("button[name=helped][value=no]").click()
    expect(page.get_by_role("alert")).to_be_visible()


def _has_helped(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/help/registration/")
    page.locator("button[name=helped][value=yes]").click()
    expect(page.locator(".notice--success")).to_be_visible()


def _home_of_one(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.locator("#organisation").select_option(index=1)
    page.locator("form.acting button").click()
    expect(page.locator("#organisation option:checked")).not_to_have_attribute("value", "")


def _caller_code(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/profile/caller-code/")
    page.get_by_role("main").get_by_role("button").click()
    expect(page.locator(".code")).to_be_visible()


def _during_maintenance(path: str, title: str) -> Callable[[Page, Words, Demonstration], None]:
    """The page as it is seen meanwhile; by the time it is looked at, the portal is open to everybody again."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        demonstration.portal.command("maintenance", "begin", "--message", "Wir bauen neue Platten ein.")
        try:
            page.goto(path)
            expect(heading(page, getattr(words, title))).to_be_visible()
        finally:
            demonstration.portal.command("maintenance", "end")

    return way


def _maintenance_previewed(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/maintenance/plan/")
    page.locator("#id_starts").fill("2035-06-01T18:00")
    page.locator("#id_ends").fill("2035-06-01T20:00")
    page.locator("#id_message_de").fill("Wir bauen neue Platten ein.")
    page.locator("button[value=preview]").click()
    expect(page.locator("button[value=plan]")).to_be_visible()


def _maintenance_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    page.goto("/desk/maintenance/plan/")
    _send_past_the_browser(page, words.show_preview)


def _send_past_the_browser(page: Page, button: str) -> None:
    # So that the server's own words are seen, and not those of the browser's bubbles.
    page.evaluate("() => { for (const form of document.forms) form.noValidate = true; }")
    press(page, button)
    expect(page.get_by_role("alert")).to_be_visible()


PAGES = {
    "start": Place(NOBODY, _at("/")),
    "start-wrong-entry": Place(NOBODY, _wrong_entry),
    "start-empty-entry": Place(NOBODY, _empty_entry),
    "locked": Place(NOBODY, _locked),
    "lockout": Place(NOBODY, _lockout),
    "lockout-unknown": Place(NOBODY, _at("/sign-in/lockout/none/")),
    "password-forgotten": Place(NOBODY, _at("/password/forgotten/")),
    "password-forgotten-refused": Place(NOBODY, _link_refused),
    "reset-asked": Place(NOBODY, _link_asked_for),
    "reset-choose": Place(NOBODY, _link_opened),
    "reset-choose-weak": Place(NOBODY, _link_opened_weak_password),
    "reset-done": Place(NOBODY, _password_reset),
    "reset-link-used": Place(NOBODY, _link_used),
    "reset-link-incomplete": Place(NOBODY, _at("/password/choose/none/")),
    "reset-link-missing": Place(NOBODY, _at("/password/choose/")),
    "maintenance": Place(NOBODY, _at("/maintenance/")),
    "maintenance-signed-in": Place(CUSTOMER, _at("/maintenance/")),
    "during-maintenance": Place(NOBODY, _during_maintenance("/", "under_maintenance")),
    "during-maintenance-signed-in": Place(CUSTOMER, _during_maintenance("/profile/", "under_maintenance")),
    "during-maintenance-sign-in": Place(NOBODY, _during_maintenance("/sign-in/", "welcome_to_the_portal")),
    "during-maintenance-staff": Place(STAFF, _during_maintenance("/profile/", "profile")),
    "sign-in-help": Place(NOBODY, _at("/sign-in/help/")),
    "expired": Place(NOBODY, _expired(EXPIRED)),
    "expired-being-checked": Place(NOBODY, _expired(BEING_CHECKED)),
    "expired-declined": Place(NOBODY, _expired(DECLINED)),
    "expired-page-too-old": Place(NOBODY, _at("/sign-in/expired/none/")),
    "access-requested": Place(NOBODY, _access_requested),
    "suspended": Place(NOBODY, _suspended),
    "help-of-everybody": Place(NOBODY, _at("/help/")),
    "help-registration": Place(NOBODY, _at("/help/registration/")),
    "help-remark-refused": Place(NOBODY, _remark_refused),
    "help-helped": Place(NOBODY, _has_helped),
    "imprint": Place(NOBODY, _at("/legal/imprint/")),
    "privacy": Place(NOBODY, _at("/legal/privacy/")),
    "accessibility": Place(NOBODY, _at("/legal/accessibility/")),
    "mails-we-send": Place(NOBODY, _at("/legal/e-mails/")),
    "search-nothing-found": Place(NOBODY, _at("/search/?q=Regenbogenforelle")),
    "form-too-old": Place(NOBODY, _form_too_old),
    "not-found": Place(NOBODY, _at("/nothing/here/")),
    "bad-request": Place(NOBODY, _when_it_matters("errors.bad_request(request)")),
    "too-much": Place(NOBODY, _when_it_matters("errors.bad_request(request, RequestDataTooBig())")),
    "too-many-entries": Place(NOBODY, _when_it_matters("errors.too_many_entries(timedelta(seconds=1))")),
    "too-busy": Place(NOBODY, _when_it_matters("errors.too_busy(request)")),
    "fault": Place(NOBODY, _when_it_matters("fault(RuntimeError())")),
    "database-away": Place(NOBODY, _when_it_matters("fault(OperationalError())")),
    "portal-away": Place(
        NOBODY, _when_it_matters("errors.HttpResponse(noticeboard.page(queries.board(), now=clock.now()))")
    ),
    "contact": Place(NOBODY, _at("/contact/")),
    "contact-refused": Place(NOBODY, _contact_refused),
    "contact-taken": Place(NOBODY, _contact_taken),
    "mails": Place(NOBODY, _at("/demo/mail/")),
    "mail": Place(NOBODY, _mail),
    "first-sign-in": Place(NEWCOMER, _at("/sign-in/first/")),
    "first-sign-in-refused": Place(NEWCOMER, _first_sign_in_refused),
    "home-with-notice": Place(NEWCOMER, _at("/")),
    "home": Place(CUSTOMER, _at("/")),
    "home-of-several": Place(SEVERAL, _at("/")),
    "home-of-one-of-several": Place(SEVERAL, _home_of_one),
    "news": Place(CUSTOMER, _at("/news/")),
    "news-of-several": Place(SEVERAL, _at("/news/")),
    "article": Place(CUSTOMER, _at("/news/annahmeschluss-im-dezember/")),
    "help": Place(CUSTOMER, _at("/help/")),
    "downloads": Place(CUSTOMER, _at("/downloads/")),
    "search": Place(CUSTOMER, _at("/search/?q=Checkliste")),
    "search-before": Place(CUSTOMER, _at("/search/")),
    "profile": Place(CUSTOMER, _at("/profile/")),
    "profile-new-password": Place(CUSTOMER, _create_password),
    "profile-weak-password": Place(CUSTOMER, _weak_password),
    "profile-refused": Place(CUSTOMER, _profile_refused),
    "profile-updated": Place(CUSTOMER, _profile_updated),
    "session-ends": Place(CUSTOMER, _waiting("session_ends", until_seconds_before_the_end=50)),
    "session-over": Place(CUSTOMER, _waiting("session_over", until_seconds_before_the_end=-10)),
    "forbidden": Place(CUSTOMER, _at("/desk/accounts/")),
    "not-found-signed-in": Place(CUSTOMER, _at("/nothing/here/")),
    "caller-code": Place(CUSTOMER, _at("/profile/caller-code/")),
    "caller-code-shown": Place(CUSTOMER, _caller_code),
    "home-of-staff": Place(STAFF, _at("/")),
    "news-of-an-editor": Place(STAFF, _at("/news/")),
    "imprint-of-an-editor": Place(STAFF, _at("/legal/imprint/")),
    "help-remarks": Place(STAFF, _at("/help/remarks/")),
    "today": Place(STAFF, _at("/desk/")),
    "today-nothing": Place(STAFF, _at("/desk/?after=2999-01-01T00:00:00%2B00:00~check~0")),
    "account": Place(STAFF, _file(CUSTOMER)),
    "account-not-signed-in": Place(STAFF, _file(NEWCOMER)),
    "account-suspended": Place(STAFF, _file(SUSPENDED)),
    "account-own": Place(STAFF, _file(STAFF)),
    "step-issue-again": Place(STAFF, _file(EXPIRED, "issue-again")),
    "step-correct-address": Place(STAFF, _file(NEWCOMER, "correct-address")),
    "step-refused": Place(STAFF, _step_refused),
    "step-suspend": Place(STAFF, _file(CUSTOMER, "suspend")),
    "role": Place(STAFF, _file(CUSTOMER, "role")),
    "check": Place(STAFF, _check),
    "check-refused": Place(STAFF, _check_refused),
    "trail": Place(STAFF, _at("/desk/trail/")),
    "trail-refused": Place(STAFF, _at("/desk/trail/?account=nobody@example.org")),
    "accounts": Place(STAFF, _at("/desk/accounts/")),
    "accounts-none-found": Place(STAFF, _at("/desk/accounts/?q=nobody")),
    "accounts-alike": Place(STAFF, _at("/desk/accounts/?q=mustrland&sort=-name")),
    "issue-access": Place(STAFF, _at("/desk/accounts/issue/")),
    "issue-access-refused": Place(STAFF, _issue_refused),
    "desk-mails": Place(STAFF, _at("/desk/mails/")),
    "desk-mails-came-back": Place(STAFF, _mail_that_came_back),
    "desk-mails-none-found": Place(STAFF, _at("/desk/mails/?q=nobody")),
    "desk-inbox": Place(STAFF, _at("/desk/inbox/")),
    "desk-received-mail": Place(STAFF, _received_mail),
    "desk-received-mail-set-aside": Place(STAFF, _received_mail_set_aside),
    "desk-intakes": Place(STAFF, _at("/desk/intakes/")),
    "desk-intakes-done": Place(STAFF, _at("/desk/intakes/?state=done")),
    "desk-intake": Place(STAFF, _intake),
    "desk-take-down": Place(STAFF, _at("/desk/intakes/new/")),
    "desk-take-down-refused": Place(STAFF, _take_down_refused),
    "desk-maintenance": Place(STAFF, _at("/desk/maintenance/")),
    "desk-maintenance-over": Place(STAFF, _at("/desk/maintenance/?state=over")),
    "desk-maintenance-plan": Place(STAFF, _at("/desk/maintenance/plan/")),
    "desk-maintenance-previewed": Place(STAFF, _maintenance_previewed),
    "desk-maintenance-refused": Place(STAFF, _maintenance_refused),
    "desk-maintenance-window": Place(STAFF, _first_in("/desk/maintenance/")),
    "faults": Place(STAFF, _faults),
    "faults-none-found": Place(STAFF, _at("/desk/errors/?reference=AB-CDEF")),
    "settings": Place(STAFF, _at("/desk/settings/")),
    "settings-refused": Place(STAFF, _settings_refused),
    "settings-preview": Place(STAFF, _settings_preview),
    "imports": Place(STAFF, _imports),
    "import-upload": Place(STAFF, _at("/desk/imports/new/")),
    "import-upload-refused": Place(STAFF, _upload_refused),
    "import-columns": Place(STAFF, _import("uploaded")),
    "import-columns-refused": Place(STAFF, _columns_refused),
    "import-running": Place(STAFF, _import("running")),
    "import-checked": Place(STAFF, _import("checked")),
    "import-start-refused": Place(STAFF, _start_refused),
    "import-finished": Place(STAFF, _import("finished")),
}

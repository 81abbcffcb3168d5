"""The ways from the start page to the pages of everybody and of customers."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from .browsing import heading, press, sign_in, wait_for_the_end
from .demonstration import CUSTOMER, SUSPENDED, WRITTEN_TO, ask_for_link, lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from .demonstration import Demonstration
    from .words import Words

MILLISECONDS_TO_READ = 2_500  # less than a person takes for a form, and more than a program
COMMON, WEAK = "passwort", "Regenschirm7"

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


def at(path: str) -> Callable[[Page, Words, Demonstration], None]:
    """Opened by its address."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.goto(path)

    return way


def _stranger() -> str:
    # Somebody new each time: whoever comes again and again is locked out.
    return f"niemand-{secrets.token_hex(4)}@example.org"


def wrong_entry(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a wrong password."""
    sign_in(page, words, _stranger(), "not the password")
    expect(page.get_by_role("alert")).to_be_visible()


def locked(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After so many wrong passwords that no more are taken."""
    lock(page, words, _stranger())


def lockout(page: Page, words: Words, demonstration: Demonstration) -> None:
    """By the link in the mail that tells of wrong entries."""
    page.goto(demonstration.lockout_link(page, words))


def empty_entry(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After nothing was entered."""
    page.goto("/")
    send_past_the_browser(page, words.sign_in)


def first_sign_in_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a password that everybody knows."""
    page.goto("/sign-in/first/")
    page.get_by_label(words.new_password, exact=True).fill(COMMON)
    press(page, words.save_password)
    expect(page.get_by_role("alert")).to_be_visible()


def create_password(page: Page, words: Words, demonstration: Demonstration) -> None:
    """With a field for a new password."""
    page.goto("/profile/")
    press(page, words.create_password)
    expect(page.get_by_label(words.new_password, exact=True)).to_be_visible()


def weak_password(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a weak password that was not confirmed."""
    create_password(page, words, demonstration)
    page.get_by_label(words.new_password, exact=True).fill(WEAK)
    press(page, words.update_profile)
    expect(page.get_by_role("alert")).to_be_visible()


def profile_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After entries that cannot be saved."""
    create_password(page, words, demonstration)
    page.get_by_label(words.name, exact=True).fill(" ")
    page.get_by_label(words.new_password, exact=True).fill("")
    send_past_the_browser(page, words.update_profile)


def profile_updated(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After entries that were saved."""
    page.goto("/profile/")
    press(page, words.update_profile)
    expect(page.get_by_text(words.profile_updated)).to_be_visible()


def expired(address: str) -> Callable[[Page, Words, Demonstration], None]:
    """After the right password came too late."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        sign_in(page, words, address, demonstration.initial_password(page, address))
        expect(heading(page, words.expired)).to_be_visible()

    return way


def access_requested(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After somebody who came too late has asked for new access."""
    # Somebody new each time: a request is told that it has come in only once.
    address = f"{secrets.token_hex(4)}@probstadt.example.org"
    demonstration.portal.python(ANOTHER_LATECOMER.format(address=address))
    expired(address)(page, words, demonstration)
    press(page, words.request_new_access)
    expect(heading(page, words.access_requested)).to_be_visible()


def suspended(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After the right password for an account that is suspended."""
    sign_in(page, words, SUSPENDED, demonstration.passwords[SUSPENDED])
    expect(heading(page, words.suspended)).to_be_visible()


def link_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After an address that is none."""
    page.goto("/password/forgotten/")
    page.get_by_label(words.address, exact=True).fill("anna at musterland")
    send_past_the_browser(page, words.send_link)


def link_asked_for(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After asking for a link."""
    ask_for_link(page, words, "nobody@example.org")


def link_opened(page: Page, words: Words, demonstration: Demonstration) -> None:
    """By a link that still counts."""
    page.goto(demonstration.link(page, words, CUSTOMER))
    expect(heading(page, words.choose_password)).to_be_visible()


def link_opened_weak_password(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a weak password was chosen there."""
    link_opened(page, words, demonstration)
    page.get_by_label(words.new_password, exact=True).fill(WEAK)
    press(page, words.save_password)
    expect(page.get_by_role("alert")).to_be_visible()


def link_used(page: Page, words: Words, demonstration: Demonstration) -> None:
    """By a link that has been used."""
    page.goto(demonstration.used_link(page, words))
    expect(heading(page, words.link_used)).to_be_visible()


def password_reset(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a password was chosen by a link."""
    link_used(page, words, demonstration)
    page.goto("/password/choose/done/")
    expect(heading(page, words.reset_done)).to_be_visible()


def sent_again(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a form whose token is gone, where what was typed waits."""
    page.goto("/profile/")
    page.context.clear_cookies(name="csrf")
    press(page, words.update_profile)
    expect(page.locator(".notice--warning")).to_be_visible()


def form_too_old(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a form whose cookie is gone."""
    page.goto("/")
    page.context.clear_cookies(name="csrf")
    page.get_by_label(words.address, exact=True).fill(CUSTOMER)
    page.get_by_label(words.password, exact=True).fill("anything")
    press(page, words.sign_in)
    page.wait_for_url("**/sign-in/")


def mail(page: Page, words: Words, demonstration: Demonstration) -> None:
    """A letter among the mail the demonstration has captured."""
    page.goto("/demo/mail/")
    page.get_by_role("main").get_by_role("link").filter(has_text=WRITTEN_TO[words.language]).last.click()
    page.wait_for_url("**/demo/mail/*/")


def waiting(title: str, *, until_seconds_before_the_end: int) -> Callable[[Page, Words, Demonstration], None]:
    """After waiting for the end of the session, by the browser's clock."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        page.clock.install()
        page.goto("/profile/")
        wait_for_the_end(page, until_seconds_before_the_end)
        expect(page.get_by_role("dialog", name=getattr(words, title), exact=True)).to_be_visible()

    return way


def contact_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After an empty request."""
    page.goto("/contact/")
    page.wait_for_timeout(MILLISECONDS_TO_READ)
    send_past_the_browser(page, words.send)


def contact_taken(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a request was taken down."""
    page.goto("/contact/")
    page.wait_for_timeout(MILLISECONDS_TO_READ)
    page.locator("#id_concern").fill("Bitte rufen Sie mich zurück.")
    page.locator("#id_name").fill("Büro Musterland")
    page.locator("#id_call_back_number").fill("0511 12345")
    press(page, words.send)
    page.wait_for_url("**/contact/taken/")


def when_it_matters(made: str) -> Callable[[Page, Words, Demonstration], None]:
    """Shown instead of another page, as the portal makes it."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        content = demonstration.portal.python(SHOWN_WHEN_IT_MATTERS.format(made=made))
        page.route("**/shown/", lambda route: route.fulfill(body=content, content_type="text/html; charset=utf-8"))
        page.goto("/shown/")

    return way


def remark_refused(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After a remark that is too long."""
    page.goto("/help/registration/")
    page.locator("#id_remark").evaluate("(field) => { field.removeAttribute('maxlength'); }")
    page.locator("#id_remark").fill("Zu lang. " * 200)
    page.locator("button[name=helped][value=no]").click()
    expect(page.get_by_role("alert")).to_be_visible()


def has_helped(page: Page, words: Words, demonstration: Demonstration) -> None:
    """After saying that the page has helped."""
    page.goto("/help/registration/")
    page.locator("button[name=helped][value=yes]").click()
    expect(page.locator(".notice--success")).to_be_visible()


def home_of_one(page: Page, words: Words, demonstration: Demonstration) -> None:
    """Narrowed to one organisation."""
    page.goto("/")
    page.locator("#organisation").select_option(index=1)
    page.locator("form.acting button").click()
    expect(page.locator("#organisation option:checked")).not_to_have_attribute("value", "")


def caller_code(page: Page, words: Words, demonstration: Demonstration) -> None:
    """With a code for the telephone."""
    page.goto("/profile/caller-code/")
    current_password = page.locator("[name=current_password]")
    if current_password.is_visible():  # where signing in was a while ago
        current_password.fill(demonstration.passwords[CUSTOMER])
    page.locator("main [type=submit]").click()
    expect(page.locator(".code")).to_be_visible()


def during_maintenance(path: str, title: str) -> Callable[[Page, Words, Demonstration], None]:
    """The page as it is seen meanwhile; by the time it is looked at, the portal is open to everybody again."""

    def way(page: Page, words: Words, demonstration: Demonstration) -> None:
        demonstration.portal.command("maintenance", "begin", "--message", "Wir bauen neue Platten ein.")
        try:
            page.goto(path)
            expect(heading(page, getattr(words, title))).to_be_visible()
        finally:
            demonstration.portal.command("maintenance", "end")

    return way


def send_past_the_browser(page: Page, button: str) -> None:
    """Presses the button so that the server's own words are seen, and not those of the browser's bubbles."""
    page.evaluate("() => { for (const form of document.forms) form.noValidate = true; }")
    press(page, button)
    expect(page.get_by_role("alert")).to_be_visible()

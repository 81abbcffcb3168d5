"""Windows of a real browser, and what a person does in them."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, Response

    from .serving import Portal
    from .words import Words

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The same browser without windows of its own, which needs a third of the work for a page.
WITHOUT_WINDOWS = "chromium-headless-shell"
MILLISECONDS_TO_ANSWER = 20_000
OF_THE_BROWSER_ITSELF = ("data:", "blob:", "about:", "chrome:")

# What sticks out of the page, if it scrolls sideways.
SIDEWAYS = """() => {
    const { scrollWidth, clientWidth } = document.scrollingElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll('body *')]
        .filter((element) => element.getBoundingClientRect().right > clientWidth)
        .map((element) => `scrolls sideways: ${element.outerHTML.slice(0, 80)}`);
}"""

# What lies under something else, or outside the window, while it has the focus.
COVERED = """() => {
    const stops = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
    return [...document.querySelectorAll(stops)].flatMap((element) => {
        if (!element.checkVisibility({ visibilityProperty: true })) return [];
        document.activeElement.blur();
        element.focus();
        if (document.activeElement !== element || element.tabIndex < 0) return [];
        // A radio button may be drawn by its label alone.
        const seen = ['radio', 'checkbox'].includes(element.type) ? element.closest('label') ?? element : element;
        const { left, top, right, bottom } = seen.getBoundingClientRect();
        const x = (Math.max(left, 0) + Math.min(right, innerWidth)) / 2;
        const y = (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2;
        const above = document.elementFromPoint(x, y);
        if (above && (seen.contains(above) || above.contains(seen))) return [];
        return [`has the focus and is covered: ${element.outerHTML.slice(0, 80)}`];
    });
}"""

expect.set_options(timeout=MILLISECONDS_TO_ANSWER)


def start_of_chromium(*, with_windows: bool = False) -> tuple[str, list[str]]:
    """The browser's program, and what it is started with; a page needs none of the browser's own windows."""
    programs = BROWSERS if with_windows else (WITHOUT_WINDOWS, *BROWSERS)
    executable = next(filter(None, map(shutil.which, programs)), None)
    assert executable, "There is no Chromium on this machine: `make test` installs it, and so does your distribution."
    # Chromium's sandbox refuses to run as root.
    return executable, ["--no-sandbox"] if os.geteuid() == 0 else []


class Browsing:
    """Opens windows, each of a browser nobody has used before, and keeps an eye on all of them."""

    def __init__(self, chromium: Browser) -> None:
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.requested: list[str] = []

    def open(self, portal: Portal, words: Words, *, javascript: bool = True, **options: Any) -> Page:
        """A window with nothing in it yet."""
        context = self._chromium.new_context(
            base_url=portal.url, locale=words.locale, java_script_enabled=javascript, **options
        )
        context.set_default_timeout(MILLISECONDS_TO_ANSWER)
        watch = _Watch(portal, self.complaints, self.requested)
        context.on("console", watch.note_console)
        context.on("weberror", lambda error: self.complaints.append(f"script: {error.error}"))
        context.on("request", watch.note_request)
        context.on("response", watch.note_response)
        self._contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        """Closes every window."""
        for context in self._contexts:
            context.close()


class _Watch:
    """Notes what no page may do: leave the portal's origin, or leave an error in the console."""

    def __init__(self, portal: Portal, complaints: list[str], requested: list[str]) -> None:
        self._origin = f"{portal.url}/"
        self._complaints = complaints
        self._requested = requested
        self._refused_documents: set[str] = set()

    def note_request(self, request: Request) -> None:
        self._requested.append(request.url)
        if not request.url.startswith((self._origin, *OF_THE_BROWSER_ITSELF)):
            self._complaints.append(f"request to another origin: {request.url}")

    def note_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and (response.status in range(400, 500) or response.status == 503):
            self._refused_documents.add(response.url)

    def note_console(self, message: ConsoleMessage) -> None:
        # The browser itself notes every page that comes with 403, 404 or 503: that is what those pages are for.
        if message.type == "error" and message.location["url"] not in self._refused_documents:
            self._complaints.append(f"console: {message.text} ({message.location['url']})")


def sign_in(page: Page, words: Words, address: str, password: str) -> None:
    """Opens the start page and signs in there, by whatever name its parts can be found."""
    page.goto("/")
    page.get_by_label(words.address, exact=True).fill(address)
    page.get_by_label(words.password, exact=True).fill(password)
    press(page, words.sign_in)


def sign_out(page: Page, words: Words) -> None:
    """Signs out, and reads that it worked."""
    press(page, words.sign_out)
    expect(page.get_by_text(words.signed_out)).to_be_visible()


def wait_for_the_end(page: Page, seconds_before: int) -> None:
    """Moves the clock of the browser, which must be installed, to so many seconds before the session ends."""
    left = int(page.locator("#session").get_attribute("data-seconds") or 0)
    page.clock.fast_forward(f"{(left - seconds_before) // 60:02}:{(left - seconds_before) % 60:02}")


def press(page: Page, name: str) -> None:
    """Presses the button of exactly that name."""
    page.get_by_role("button", name=name, exact=True).click()


def expect_alive(page: Page) -> None:
    """The part that has come is complete: whatever is typed in it now is heard.

    Nobody types within the few milliseconds that takes, but a browser that is driven does.
    """
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)


def follow(page: Page, name: str) -> None:
    """Follows the link of exactly that name."""
    page.get_by_role("link", name=name, exact=True).click()


def heading(page: Page, name: str) -> Locator:
    """The heading of exactly that name."""
    return page.get_by_role("heading", name=name, exact=True)


def expect_home(page: Page, words: Words, name: str) -> None:
    """The portal's home greets the person by name."""
    expect(heading(page, words.good_day.format(name=name))).to_be_visible()
    expect(page).to_have_url(f"{origin_of(page)}/")


def expect_start_page(page: Page, words: Words) -> None:
    """The page asks for a sign-in, and nobody is signed in."""
    expect(page.get_by_role("button", name=words.sign_in, exact=True)).to_be_visible()
    expect(page.get_by_role("button", name=words.sign_out, exact=True)).to_have_count(0)


def origin_of(page: Page) -> str:
    """Scheme, host and port of the page."""
    scheme, _, rest = page.url.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}"


def colour(page: Page, of: str = "background-color") -> str:
    """A colour the whole page is painted in, as the browser computed it."""
    painted = page.evaluate(
        """(property) => [document.body, document.documentElement]
            .map((element) => getComputedStyle(element).getPropertyValue(property))
            .find((colour) => colour !== 'rgba(0, 0, 0, 0)')""",
        of,
    )
    return str(painted)


def scheme_attribute(page: Page) -> str | None:
    """The colour scheme in which the server sent the page."""
    return page.locator("html").get_attribute("data-colour-scheme")

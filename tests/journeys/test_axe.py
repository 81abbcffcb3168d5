"""No page shuts anybody out: not in any colour scheme, in either language, on a telephone or with other colours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize, expect

from .browsing import COVERED, SIDEWAYS, colour
from .looks import Look, every_look, every_other_look
from .pages import PAGES
from .spoken import DONE_THERE, done_there, unheard
from .words import GERMAN, LANGUAGES, Words

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from .browsing import Browsing
    from .demonstration import Demonstration

pytestmark = pytest.mark.journey

WIDE: ViewportSize = {"width": 1280, "height": 800}
TABLET: ViewportSize = {"width": 800, "height": 800}
TELEPHONE: ViewportSize = {"width": 320, "height": 640}
ZOOMED: ViewportSize = {"width": 320, "height": 256}  # what 400 % leave of 1280 by 1024
LONG_WORD = (
    "Kirchengemeindeverbandsverwaltungshauptstellenbetriebsgesellsch"  # 63 letters, as much as a domain may have
)
OF_COLOURS = ("color-contrast", "link-in-text-block")  # all that another look can make worse
LEAST_TARGET = 44  # WCAG 2.2, 2.5.5

MOVING = """() => [...document.querySelectorAll('*')].filter((element) => {
    const { transitionDuration, animationDuration } = getComputedStyle(element);
    return `${transitionDuration}, ${animationDuration}`.split(', ').some((time) => parseFloat(time) > 0);
}).map((element) => `moves: ${element.outerHTML.slice(0, 80)}`)"""

# A link within a sentence is as high as its line; a tick is as large as its label.
SMALL = """(least) => [...document.querySelectorAll('a, button, input, select, summary, textarea')].flatMap(element => {
    const isWithinASentence = element.tagName === 'A' && getComputedStyle(element).display === 'inline'
        && element.parentElement.textContent.trim() !== element.textContent.trim();
    const target = ['radio', 'checkbox'].includes(element.type) ? element.closest('label') : element;
    const { width, height } = target.getBoundingClientRect();
    const isShown = element.checkVisibility({ visibilityProperty: true }) && width > 1 && height > 1;
    if (isWithinASentence || !isShown || (height >= least && width >= least)) return [];
    return [`only ${Math.round(width)} by ${Math.round(height)} pixels: ${element.outerHTML.slice(0, 80)}`];
})"""


# In English one pair of pages in twenty, for one is looked into wide and one on a telephone; the others by --thorough.
LOOKED_INTO = [
    pytest.param(
        name,
        words,
        id=f"{words.language}-{name}",
        marks=[pytest.mark.thorough] if words != GERMAN and number % 40 > 1 else [],
    )
    for words in LANGUAGES
    for number, name in enumerate(PAGES)
]


@pytest.mark.parametrize(("name", "words"), LOOKED_INTO)
def test_a_page_shuts_nobody_out(
    demonstration: Demonstration, browsing: Browsing, request: pytest.FixtureRequest, name: str, words: Words
) -> None:
    page = PAGES[name].open(demonstration, browsing, words, reduced_motion="reduce", viewport=WIDE)
    # Once for all looks: reading it takes longer than running it.
    page.evaluate(Axe().axe_script)
    thorough, faults = request.config.getoption("--thorough"), []
    # Pages are made of the same blocks: of two neighbours one is looked into wide and one on a telephone, unless
    # --thorough is given.
    if _is_looked_into_wide(name) or thorough:
        faults += _found_by_axe(page)
    # What a page says in another language has the same parts, in the same colours and in shorter words.
    if words == GERMAN:
        faults += unheard(page)
        if name in DONE_THERE:
            assert done_there(page) == DONE_THERE[name]
        looks = list(every_other_look())
        if not thorough:
            looks = [looks[list(PAGES).index(name) % len(looks)]]  # so do neighbours share them
        for look in looks:
            look.put_on(page)
            faults += [f"{look}: {fault}" for fault in _found_by_axe(page, only=OF_COLOURS)]
    faults += page.evaluate(MOVING)
    faults += page.evaluate(SMALL, LEAST_TARGET)
    page.set_viewport_size(TELEPHONE)
    page.evaluate("() => document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    if thorough or not _is_looked_into_wide(name):
        faults += [f"telephone: {fault}" for fault in _found_by_axe(page)]
    faults += page.evaluate(SIDEWAYS)
    faults += page.evaluate(SMALL, LEAST_TARGET)
    if words == GERMAN:
        page.set_viewport_size(ZOOMED)
        faults += [f"zoomed: {fault}" for fault in (*page.evaluate(SIDEWAYS), *page.evaluate(COVERED))]
    assert not faults, "\n".join(faults)


def test_a_word_longer_than_its_column_scrolls_no_page_sideways(
    demonstration: Demonstration, browsing: Browsing
) -> None:
    demonstration.portal.issue_access(
        f"{LONG_WORD}@{LONG_WORD}.example.org".lower(), name=LONG_WORD, organisation=f"{LONG_WORD} {LONG_WORD}"
    )
    page = PAGES["accounts"].open(demonstration, browsing, GERMAN, reduced_motion="reduce")
    expect(page.get_by_role("cell", name=f"{LONG_WORD} {LONG_WORD}", exact=True)).to_be_visible()
    for viewport in (TELEPHONE, TABLET, WIDE):
        page.set_viewport_size(viewport)
        assert not page.evaluate(SIDEWAYS), viewport


@pytest.mark.parametrize("where", [".support__ways a", "main .lone-link"])
def test_a_word_longer_than_the_window_scrolls_no_page_sideways(
    demonstration: Demonstration, browsing: Browsing, where: str
) -> None:
    page = PAGES["help-registration"].open(demonstration, browsing, GERMAN, reduced_motion="reduce")
    page.set_viewport_size(ZOOMED)
    page.locator(where).first.evaluate("(element, word) => { element.textContent = word; }", LONG_WORD)
    assert not page.evaluate(SIDEWAYS)


def test_every_colour_scheme_paints_the_page_in_its_own_colours(
    demonstration: Demonstration, browsing: Browsing
) -> None:
    page = PAGES["profile"].open(demonstration, browsing, GERMAN, reduced_motion="reduce")
    painted = {str(look): _painted(page, look) for look in every_look()}
    # By day and by night, "like the device" looks like "light" and "dark".
    assert painted["device-light"] == painted["light"]
    assert painted["device-dark"] == painted["dark"]
    assert len(set(painted.values())) == len(painted) - 2
    # A device that asks for more contrast gets it unasked.
    for device in ("light", "dark"):
        assert _painted(page, Look("device", device, contrast="more")) == painted[f"high-contrast-{device}"]


@pytest.mark.parametrize("name", ["start-wrong-entry", "home-with-notice", "profile-weak-password", "accounts"])
def test_a_device_may_force_its_own_colours(demonstration: Demonstration, browsing: Browsing, name: str) -> None:
    page = PAGES[name].open(demonstration, browsing, GERMAN, forced_colors="active", color_scheme="dark")
    page.evaluate(Axe().axe_script)
    assert page.evaluate("matchMedia('(forced-colors: active)').matches")
    # Axe reads the colour of a text where the browser does not put the forced one.
    assert not [fault for fault in _found_by_axe(page) if not fault.startswith("color-contrast ")]
    shown = page.get_by_role("main").get_by_role("button").or_(page.get_by_role("main").get_by_role("link")).first
    shown.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(shown).to_be_focused()
    assert shown.evaluate("element => getComputedStyle(element).outlineStyle") != "none"


def _is_looked_into_wide(name: str) -> bool:
    return list(PAGES).index(name) % 2 == 0


def _found_by_axe(page: Page, *, only: tuple[str, ...] = ()) -> list[str]:
    violations = page.evaluate(
        "(only) => axe.run({ resultTypes: ['violations'], ...(only.length ? { runOnly: only } : {}) })"
        ".then(({ violations }) => violations)",
        only,
    )
    return [
        f"{violation['id']} at {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for violation in violations
        for node in violation["nodes"]
    ]


def _painted(page: Page, look: Look) -> tuple[str, str]:
    look.put_on(page)
    return colour(page), colour(page, "color")

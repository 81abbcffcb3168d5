"""Somebody writes to us, and signs in in another tab before sending it: nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import press
from .people import newcomer, settle
from .readers import SCRIPTED_OR_PLAIN
from .ways import MILLISECONDS_TO_READ
from .words import GERMAN

if TYPE_CHECKING:
    from .browsing import Browsing
    from .letters import Mailbox
    from .serving import Portal

pytestmark = pytest.mark.journey

TYPED = "Ich finde die Bescheinigung nicht."


@SCRIPTED_OR_PLAIN
def test_a_sign_in_in_another_tab_loses_nothing(
    portal: Portal, mailbox: Mailbox, browsing: Browsing, *, javascript: bool
) -> None:
    words, person = GERMAN, newcomer(portal, mailbox, GERMAN)
    page = browsing.open(portal, words, javascript=javascript)
    page.goto("/contact/")
    page.locator("#id_concern").fill(TYPED)
    page.locator("#id_name").fill(person.name)
    page.locator("#id_email").fill(person.address)
    token = page.locator("form:has(#id_concern) [name=csrfmiddlewaretoken]")
    before = token.input_value()
    settle(page.context.new_page(), person)
    if javascript:
        expect(token).not_to_have_value(before)  # the other tab has told this one
        page.wait_for_timeout(MILLISECONDS_TO_READ)
    press(page, words.send)
    if not javascript:
        # With it, the form has been told of the sign-in and is simply sent.
        expect(page.locator(".notice--warning")).to_contain_text("noch einmal")
        expect(page.locator("#id_concern")).to_have_value(TYPED)
        expect(page.locator("#id_email")).to_have_value(person.address)
        page.wait_for_timeout(MILLISECONDS_TO_READ)
        press(page, words.send)
    page.wait_for_url("**/contact/taken/")

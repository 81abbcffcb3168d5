"""Chromium's own password manager: what it offers to keep, what it keeps, and what it is told to do.

It keeps quiet in a browser that says it is driven by a program, so this one does not say so. Its bubble is no part of
any page: it is read and pressed by way of Chromium's tool for its own windows (UI DevTools), through a page of
Chromium's that may connect to it, the one that tells what the manager thinks of each form.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error

from .browsing import MILLISECONDS_TO_ANSWER, start_of_chromium
from .serving import SECONDS_BETWEEN_LOOKS, free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Frame

    from .serving import Portal
    from .words import Words

SECONDS_BETWEEN_CLICKS = 1.0
ITS_THOUGHTS = "chrome://password-manager-internals/"
ITS_VAULT = "chrome://password-manager/passwords"

CONNECT = """port => new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/0`);
    const waiting = new Map();
    window.ask = (method, params = {}) => new Promise((answer) => {
        waiting.set(waiting.size, answer);
        socket.send(JSON.stringify({ id: waiting.size - 1, method, params }));
    });
    const parts = (node) => [node, ...(node.children ?? []).flatMap(parts)];
    const named = (node, name) => node.attributes?.includes(name);
    // What is to be seen in the bubble, in the order in which it stands there.
    window.bubble = async () => {
        const { root } = (await ask("DOM.getDocument")).result;
        const widget = parts(root).find((node) => node.nodeName === "Widget" && named(node, "PasswordSaveUpdateView"));
        const seen = [];
        for (const part of widget ? parts(widget) : []) {
            if (!named(part, "Textfield") && !named(part, "MdTextButton")) continue;
            const { matchedCSSRules } = (await ask("CSS.getMatchedStylesForNode", { nodeId: part.nodeId })).result;
            const is = Object.fromEntries(matchedCSSRules.flatMap(({ rule }) =>
                rule.style.cssProperties.map(({ name, value }) => [name, value])));
            if (is.IsDrawn === "true") seen.push({ ...is, nodeId: part.nodeId });
        }
        return seen;
    };
    window.entered = async () =>
        (await bubble()).filter((part) => part.ClassName === "Textfield").map((part) => part.Text);
    window.agree = async () => {
        const { nodeId } = (await bubble()).find((part) => part.IsDefault === "true") ?? {};
        for (const type of ["mousePressed", "mouseReleased"]) {
            const event = { type, x: 5, y: 5, button: "left", wheelDirection: "none" };
            await ask("DOM.dispatchMouseEvent", { nodeId, event });
        }
    };
    socket.onmessage = ({ data }) => { const { id, ...answer } = JSON.parse(data); waiting.get(id)?.(answer); };
    socket.onopen = resolve;
    socket.onerror = reject;
})"""
# So many pages have come, and the manager has made up its mind about what was sent before the last of them.
DECISION = """pages => document.body.innerText.split("PasswordManager::DidNavigateMainFrame")[pages]
    ?.match(/Decision: (?:ASK|DROP|UPDATE)|No provisional save manager/)?.[0]"""
KEPT = """async () => Object.fromEntries(await Promise.all((await chrome.passwordsPrivate.getSavedPasswordList()).map(
    async ({ id, username }) => [username, await chrome.passwordsPrivate.requestPlaintextPassword(id, "VIEW")])))"""


class PasswordManager:
    """The manager of a browser nobody has used before, and a window of that browser."""

    def __init__(self, context: BrowserContext, port: int) -> None:
        self._vault = context.new_page()
        self._vault.goto(ITS_VAULT)
        self.page = context.new_page()
        self._thoughts = context.new_page()
        self._thoughts.goto(ITS_THOUGHTS)
        try:
            self._thoughts.evaluate(CONNECT, port)
        except Error:
            pytest.skip("This Chromium lets nobody look at its own windows.")
        self.page.bring_to_front()  # a bubble comes up only in front
        # From here on the manager notes every page that comes, and so do we.
        self._pages: list[Frame] = []
        self.page.on("framenavigated", lambda frame: self._pages.append(frame))  # noqa: PLW0108 - Playwright looks into it

    @contextmanager
    def offering(self, name: str, password: str) -> Iterator[None]:
        """What is done meanwhile makes the manager offer to keep this password for this name; it is told to."""
        yield
        assert self._decision() == "Decision: ASK"
        _wait_until(lambda: self._thoughts.evaluate("entered()") == [name, password])
        # A bubble that has just come up takes no click, nor one that was clicked on half a second ago, in vain.
        _wait_until(
            lambda: self._thoughts.evaluate("agree().then(entered)") == [], seconds_between=SECONDS_BETWEEN_CLICKS
        )
        _wait_until(lambda: self.kept().get(name) == password)

    @contextmanager
    def offering_nothing(self) -> Iterator[None]:
        """What is done meanwhile makes the manager offer nothing."""
        yield
        assert self._decision() != "Decision: ASK"
        assert self._thoughts.evaluate("entered()") == []

    def kept(self) -> dict[str, str]:
        """The passwords the manager keeps, by name."""
        return dict(self._vault.evaluate(KEPT))

    def _decision(self) -> object:
        return self._thoughts.wait_for_function(DECISION, arg=len(self._pages)).json_value()


def _wait_until(it_is_so: Callable[[], bool], *, seconds_between: float = SECONDS_BETWEEN_LOOKS) -> None:
    deadline = time.monotonic() + MILLISECONDS_TO_ANSWER / 1000
    while not it_is_so():
        assert time.monotonic() < deadline, "The password manager does not do what it should."
        time.sleep(seconds_between)


@contextmanager
def password_manager(chromium: Browser, portal: Portal, words: Words, profile: Path) -> Iterator[PasswordManager]:
    """The password manager of another browser, which keeps everything in its profile."""
    executable, arguments = start_of_chromium(with_windows=True)
    port = free_port()
    context = chromium.browser_type.launch_persistent_context(
        profile,
        executable_path=executable,
        base_url=portal.url,
        locale=words.locale,
        ignore_default_args=["--enable-automation"],
        args=[
            *arguments,
            f"--enable-ui-devtools={port}",
            "--enable-features=ui-debug-tools-enable-synthetic-events",
        ],
    )
    context.set_default_timeout(MILLISECONDS_TO_ANSWER)
    yield PasswordManager(context, port)
    context.close()

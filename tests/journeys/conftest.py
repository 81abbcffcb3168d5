"""What every journey needs: a portal that runs, a mail server, a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

from .browsing import Browsing, start_of_chromium
from .demonstration import Demonstration
from .letters import Mailbox, mail_server
from .serving import Portal, ready_portal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

PICTURES = {"test_screens": "--screens", "test_pictures": "--pictures"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds what only the journeys know."""
    parser.addoption(
        "--screens", action="store_true", help="take pictures of every page in every scheme instead of testing"
    )
    parser.addoption("--help-pictures", action="store_true", help="take the pictures that the help shows anew")
    parser.addoption("--pictures", action="store_true", help="take the pictures of every page in docs/ anew")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Pictures are no tests: they are taken when asked for, and then nothing else is done."""
    asked_for = {name for name, option in PICTURES.items() if config.getoption(option, default=False)}
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    is_wanted = collection_path.stem in asked_for if asked_for else collection_path.stem not in PICTURES
    return True if is_test and not is_wanted else None


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """The mail server the portal hands its letters to."""
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture(scope="session")
def portal(mailbox: Mailbox) -> Iterator[Portal]:
    """A portal as an operator runs it."""
    with ready_portal(SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}") as portal, portal.running("serve"):
        yield portal


@pytest.fixture(scope="session")
def demonstration() -> Iterator[Demonstration]:
    """The demonstration, which has an account in every state."""
    with ready_portal() as portal, portal.running("demo", "--serve"):
        yield Demonstration.of(portal)


# For the journeys only, not for the whole session: while Playwright runs, its event loop would keep other tests
# in the same process from using Django's models.
@pytest.fixture(scope="package")
def chromium(request: pytest.FixtureRequest) -> Iterator[Browser]:
    """The browser; by --thorough the one that people have, with windows of its own that nobody sees."""
    executable, arguments = start_of_chromium(with_windows=request.config.getoption("--thorough"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def browsing(chromium: Browser) -> Iterator[Browsing]:
    """Opens windows; a journey fails when one of them left the portal's origin or reported an error."""
    browsing = Browsing(chromium)
    yield browsing
    browsing.close()
    assert not browsing.complaints

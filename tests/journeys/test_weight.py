"""The first view of the home is light enough for a slow telephone: what really comes over the line is weighed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from .demonstration import CUSTOMER, Demonstration
from .pages import PAGES
from .words import GERMAN

if TYPE_CHECKING:
    from playwright.sync_api import Response

    from .browsing import Browsing

pytestmark = pytest.mark.journey

BYTES_AT_MOST = 100_000
WEIGHED = frozenset({"document", "stylesheet", "script"})
COMPRESSED = frozenset({"br", "gzip"})


class Part(NamedTuple):
    """Something the browser fetched for the first view."""

    kind: str
    url: str
    encoding: str
    size: int

    @classmethod
    def of(cls, response: Response) -> Part:
        """As it came over the line."""
        kind, sizes = response.request.resource_type, response.request.sizes()
        return cls(kind, response.url, response.headers.get("content-encoding", ""), sizes["responseBodySize"])


@pytest.mark.parametrize("name", ["start", "home", "home-of-staff"])
def test_the_first_view_is_light(demonstration: Demonstration, browsing: Browsing, name: str) -> None:
    signed_in = demonstration.open(browsing, GERMAN, PAGES[name].who)
    # A browser that has the session, and nothing of the portal in its cache.
    page = browsing.open(demonstration.portal, GERMAN, storage_state=signed_in.context.storage_state())
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))  # noqa: PLW0108 - Playwright takes functions only
    page.goto("/", wait_until="networkidle")
    parts = [Part.of(response) for response in responses if response.request.resource_type in WEIGHED]
    assert {part.kind for part in parts} == WEIGHED
    # The page itself goes out as it is: whether it is compressed is for the proxy in front to decide.
    for part in parts:
        assert part.encoding in COMPRESSED or part.kind == "document", part
    weight = sum(part.size for part in parts)
    assert 0 < weight < BYTES_AT_MOST, "\n".join(map(str, parts))


def test_what_was_fetched_once_is_not_fetched_again(demonstration: Demonstration, browsing: Browsing) -> None:
    page = demonstration.open(browsing, GERMAN, CUSTOMER)
    answer = page.goto("/")
    assert answer is not None
    sheet = page.locator("link[rel=stylesheet]").first.get_attribute("href")
    cached = page.request.get(str(sheet)).headers["cache-control"]
    assert "max-age=31536000" in cached or "max-age=315360000" in cached
    assert "immutable" in cached

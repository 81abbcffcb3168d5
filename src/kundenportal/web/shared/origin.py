from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.origin import USER_AGENT_MAX_LENGTH, Origin
from kundenportal.kernel.text import on_one_line

if TYPE_CHECKING:
    from django.http import HttpRequest


def origin_of(request: HttpRequest) -> Origin:
    """Where the request came from: the client's own address (see `proxies`), and its browser's words on one line."""
    return Origin(
        network_address=request.META.get("REMOTE_ADDR", ""),
        # Cut first: a header may be as long as whoever sends it likes.
        user_agent=on_one_line(request.META.get("HTTP_USER_AGENT", "")[:USER_AGENT_MAX_LENGTH]),
    )

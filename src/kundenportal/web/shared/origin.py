from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.kernel.origin import Origin

if TYPE_CHECKING:
    from django.http import HttpRequest


def origin_of(request: HttpRequest) -> Origin:
    """Where the request came from."""
    return Origin(network_address=request.META.get("REMOTE_ADDR", ""))

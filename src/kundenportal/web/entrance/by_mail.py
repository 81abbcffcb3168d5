"""Pages that only a link in somebody's mail leads to."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING

from django.views.decorators.cache import never_cache

from kundenportal.web.shared.access import everybody

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Concatenate, ParamSpec

    from django.http import HttpRequest, HttpResponse

    P = ParamSpec("P")
    View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def by_mail(view: View[P]) -> View[P]:
    """Open to whoever holds the link; in no cache, and, should the link get about, in no search engine."""

    @wraps(view)
    def shown(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return never_cache(everybody(shown))

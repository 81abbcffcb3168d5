from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kundenportal.web.content import queries
from kundenportal.web.shared.access import everybody

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@everybody
@require_safe
def legal(request: HttpRequest, slug: str) -> HttpResponse:
    """Imprint, privacy or accessibility."""
    page = queries.legal_page(slug, get_language())
    if page is None:
        raise Http404
    return page.serve(request)

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kundenportal.web.content import queries
from kundenportal.web.shared.access import account_of_session, everybody

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

QUERY_MAX_LENGTH = 200


@everybody
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The pages that have these words, as far as the visitor may see them."""
    words = request.GET.get("q", "").replace("\0", "").strip()[:QUERY_MAX_LENGTH]
    account = account_of_session(request) if request.user.is_authenticated else None
    found = queries.pages_with(words, account, get_language()) if words else []
    return render(request, "content/search.html", {"query": words, "found": found})

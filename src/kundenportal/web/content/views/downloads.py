from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from kundenportal.kernel.connections import leave_connection
from kundenportal.web.content import queries
from kundenportal.web.content.acting import Acting
from kundenportal.web.shared.access import account_of_session

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All documents for this account."""
    acting = Acting.of(request)
    documents = queries.downloads(account_of_session(request), get_language(), organisation=acting.chosen)
    return render(request, "content/downloads.html", {"acting": acting, "downloads": documents})


@require_safe
def download(request: HttpRequest, slug: str) -> FileResponse:
    """One document, to be kept and never shown in the portal's own name."""
    page = queries.downloads(account_of_session(request), get_language()).filter(slug=slug).first()
    if page is None:
        raise Http404
    document = page.document
    leave_connection()  # the storage may be slow
    if not document.file.storage.exists(document.file.name):
        raise Http404
    return FileResponse(document.file.open("rb"), as_attachment=True, filename=document.filename)

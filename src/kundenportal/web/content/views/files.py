from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404
from django.views.decorators.http import require_safe
from wagtail.images.models import Rendition
from wagtail.models import ReferenceIndex

from kundenportal.kernel.connections import leave_connection
from kundenportal.web.content.models import ArticlePage, HelpPage, LegalPage
from kundenportal.web.shared.access import everybody

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from kundenportal.domain.accounts.models import Account


@everybody
@require_safe
def media(request: HttpRequest, name: str) -> FileResponse:
    """A picture, for whoever may see a page it is on; editors see all, and have the documents, too."""
    if "\0" in name or not _may_see(request.user, name):
        raise Http404
    # Only pictures Wagtail has made itself are shown; whatever else was uploaded is to be kept.
    is_picture = Rendition.objects.filter(file=name).exists()
    leave_connection()  # the storage may be slow
    if not default_storage.exists(name):
        raise Http404
    return FileResponse(default_storage.open(name), as_attachment=not is_picture)


def _may_see(visitor: Account | AnonymousUser, name: str) -> bool:
    if visitor.is_authenticated and visitor.may_edit_content:
        return True
    picture = Rendition.objects.filter(file=name).select_related("image").first()
    if picture is None:
        return False
    on_pages = ReferenceIndex.get_references_to(picture.image).values_list("object_id", flat=True)
    ids = [int(page_id) for page_id in on_pages]
    return any(pages.filter(pk__in=ids).exists() for pages in _pages_for(visitor))


def _pages_for(visitor: Account | AnonymousUser) -> Iterator[QuerySet[ArticlePage | HelpPage | LegalPage]]:
    yield LegalPage.objects.live()
    yield HelpPage.objects.for_visitor(signed_in=visitor.is_authenticated)
    if visitor.is_authenticated:
        yield ArticlePage.objects.for_account(visitor)

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from kundenportal.web.content.blocks import TextBlock
from kundenportal.web.shared.access import account_of_session

from .pages import KeptPage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest
    from wagtail.blocks import StreamValue


class LegalPage(KeptPage):
    """What the law wants everybody to find: imprint, privacy, accessibility."""

    body = StreamField(TextBlock(), verbose_name=_("text"))

    content_panels = [FieldPanel("title"), FieldPanel("body")]
    parent_page_types: list[str] = []
    subpage_types: list[str] = []
    template = "content/legal.html"
    preview_modes = KeptPage.DEFAULT_PREVIEW_MODES

    class Meta:
        verbose_name = _("legal page")

    def address(self) -> str:
        """The page alone."""
        return reverse("legal", args=[self.slug])

    def get_context(self, request: HttpRequest, *args: object, **kwargs: object) -> dict[str, Any]:
        """Adds what of the text is shown to whoever asks."""
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        may_edit = request.user.is_authenticated and account_of_session(request).may_edit_content
        return {**context, "text": self.body if may_edit else without_gaps(self.body)}


def without_gaps(text: Iterable[StreamValue.StreamChild]) -> list[StreamValue.StreamChild]:
    """What there is to read: no gaps, and no headings under which there is nothing else."""
    read = [block for block in text if block.block_type != "gap"]
    return [
        block
        for block, following in zip_longest(read, read[1:])
        if block.block_type != "heading" or (following is not None and following.block_type != "heading")
    ]

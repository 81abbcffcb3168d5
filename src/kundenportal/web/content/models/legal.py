from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField

from kundenportal.web.content.blocks import TextBlock

from .pages import KeptPage


class LegalPage(KeptPage):
    """What the law wants everybody to find: imprint, privacy, accessibility."""

    body = StreamField(TextBlock(), verbose_name=_("text"))

    content_panels = [FieldPanel("title"), FieldPanel("body")]
    parent_page_types: list[str] = []
    subpage_types: list[str] = []
    template = "content/legal.html"

    class Meta:
        verbose_name = _("legal page")

    def address(self) -> str:
        """The page alone."""
        return reverse("legal", args=[self.slug])

    @property
    def gaps(self) -> int:
        """How much the operator still has to fill in."""
        return sum(block.block_type == "gap" for block in self.body)

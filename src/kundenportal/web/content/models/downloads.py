from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.search import index

from .pages import AddressedPage, AddressedPageForm, KeptPage, title_panel

if TYPE_CHECKING:
    from typing import Any

# What a browser would run, or Windows would, were it opened from the folder of downloads.
OFFERED = frozenset({"pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp", "csv", "txt", "zip"})


class DownloadsPage(KeptPage):
    """Where the downloads of one language are filed."""

    content_panels = [FieldPanel("title")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.DownloadPage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("downloads")

    def address(self) -> str:
        """The list of all downloads."""
        return reverse("downloads")


class DownloadPageForm(AddressedPageForm):
    """Takes only files that nothing runs."""

    def clean(self) -> dict[str, Any]:
        """Refuses a file of a kind that is not offered."""
        cleaned = super().clean()
        document = cleaned.get("document")
        if document and document.file_extension not in OFFERED:
            self.add_error(
                "document",
                ValidationError(
                    _("Files of this kind are not offered; offered are: %(kinds)s."),
                    params={"kinds": ", ".join(sorted(OFFERED))},
                ),
            )
        return cleaned


class DownloadPage(AddressedPage):
    """A document, and who may have it."""

    summary = models.CharField(max_length=250, blank=True, verbose_name=_("in one sentence"))
    document = models.ForeignKey("wagtaildocs.Document", models.PROTECT, related_name="+", verbose_name=_("document"))

    base_form_class = DownloadPageForm
    content_panels = [title_panel(), FieldPanel("summary"), FieldPanel("document"), AddressedPage.audience_panel]
    search_fields = [*AddressedPage.search_fields, index.SearchField("summary")]
    parent_page_types = ["content.DownloadsPage"]
    subpage_types: list[str] = []
    template = "content/download.html"

    class Meta:
        verbose_name = _("download")

    def address(self) -> str:
        """Where the document is handed out."""
        return reverse("download", args=[self.slug])

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel

from .pages import KeptPage


class HomePage(KeptPage):
    """The home behind the sign-in, as far as editors write it; all pages of its language lie below it."""

    welcome = models.CharField(
        max_length=250,
        blank=True,
        verbose_name=_("words of welcome"),
        help_text=_("Stand below the greeting; may be left empty."),
    )

    content_panels = [FieldPanel("title"), FieldPanel("welcome")]
    parent_page_types = ["wagtailcore.Page"]
    max_count_per_parent = 2

    class Meta:
        verbose_name = _("home")

    def address(self) -> str:
        """The portal's home."""
        return reverse("home")

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index

from kundenportal.web.content.blocks import QuestionBlock

from .pages import KeptPage, KeptPermissions, PortalPage, PortalPageQuerySet, title_panel

if TYPE_CHECKING:
    from typing import Self

    from wagtail.models import PagePermissionTester

    from kundenportal.domain.accounts.models import Account

REMARK_MAX_LENGTH = 1000
# Comes with the portal: what people ask before they are signed in.
ABOUT_SIGNING_IN = "registration"


class HelpIndexPage(KeptPage):
    """Where the help pages of one language are filed."""

    content_panels = [FieldPanel("title")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.HelpPage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("help")

    def address(self) -> str:
        """The list of all help pages."""
        return reverse("help")


class HelpQuerySet(PortalPageQuerySet):
    def for_visitor(self, *, signed_in: bool) -> Self:
        """The published help pages; to whoever is not signed in only the public ones."""
        return self.live() if signed_in else self.live().filter(is_public=True)


class HelpPage(PortalPage):
    """Questions and answers about one subject."""

    summary = models.CharField(
        max_length=250, verbose_name=_("in one sentence"), help_text=_("Stands in the list of help pages.")
    )
    is_public = models.BooleanField(
        default=False,
        verbose_name=_("public"),
        help_text=_("Shown to everybody on the internet, not only to whoever is signed in."),
    )
    questions = StreamField([("question", QuestionBlock())], verbose_name=_("questions"))

    objects = PageManager.from_queryset(HelpQuerySet)()
    content_panels = [title_panel(), FieldPanel("summary"), FieldPanel("is_public"), FieldPanel("questions")]
    search_fields = [*PortalPage.search_fields, index.SearchField("summary"), index.SearchField("questions")]
    parent_page_types = ["content.HelpIndexPage"]
    subpage_types: list[str] = []
    template = "content/help_page.html"

    class Meta:
        verbose_name = _("help page")

    def permissions_for_user(self, user: Account) -> PagePermissionTester:
        """What an editor may do with it: the one about signing in stays, because the start page leads to it."""
        return KeptPermissions(user, self) if self._is_about_signing_in() else super().permissions_for_user(user)

    def clean(self) -> None:
        """Keeps the page about signing in where everybody finds it."""
        super().clean()
        if self._is_about_signing_in():
            self.slug = ABOUT_SIGNING_IN
            if not self.is_public:
                raise ValidationError({"is_public": _("The start page leads to this page, so it stays public.")})

    def _is_about_signing_in(self) -> bool:
        return bool(self.pk) and type(self).objects.filter(pk=self.pk, slug=ABOUT_SIGNING_IN).exists()

    def address(self) -> str:
        """The help page alone."""
        return reverse("help-page", args=[self.slug])


class HelpFeedback(models.Model):
    """Whether a help page has helped somebody, and what they remarked."""

    page = models.ForeignKey(HelpPage, models.CASCADE, related_name="feedback")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    has_helped = models.BooleanField()
    remark = models.TextField(max_length=REMARK_MAX_LENGTH, blank=True)
    given_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["given_at"],
                name="remarks_to_be_seen_to",
                condition=models.Q(settled_at__isnull=True) & ~models.Q(remark=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.page_id} has {'helped' if self.has_helped else 'not helped'}"

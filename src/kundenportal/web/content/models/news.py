from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Window
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.fields import StreamField
from wagtail.models import PageManager
from wagtail.search import index

from kundenportal.web.content.blocks import TextBlock

from .pages import AddressedPage, AddressedQuerySet, KeptPage, title_panel

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Self

    from kundenportal.domain.accounts.models import Account


class NewsIndexPage(KeptPage):
    """Where the news of one language are filed."""

    content_panels = [FieldPanel("title")]
    parent_page_types = ["content.HomePage"]
    subpage_types = ["content.ArticlePage"]
    max_count_per_parent = 1

    class Meta:
        verbose_name = _("news")

    def address(self) -> str:
        """The list of all news."""
        return reverse("news")


class ArticleQuerySet(AddressedQuerySet):
    def told_whether_new(self, account: Account, *, since: datetime) -> Self:
        """Each with `is_new`: published since then (accounts.rules.news_count_from), and not opened by it yet."""
        read = ArticleRead.objects.filter(account=account, article=OuterRef("translation_key"))
        return self.annotate(is_new=Q(first_published_at__gte=since) & ~Exists(read))

    def with_number_of_new(self) -> Self:
        """Each with `number_new`: how many of them all are new, so that nobody has to ask a second time."""
        return self.annotate(number_new=Window(Count("pk", filter=Q(is_new=True))))

    def newest_first(self) -> Self:
        """By the time they were published."""
        return self.order_by("-first_published_at", "-pk")


class ArticlePage(AddressedPage):
    """A piece of news."""

    summary = models.CharField(
        max_length=250,
        verbose_name=_("in one sentence"),
        help_text=_("Stands in the list of news and on the home of whoever may read it."),
    )
    body = StreamField(TextBlock(), verbose_name=_("text"), blank=True)

    objects = PageManager.from_queryset(ArticleQuerySet)()
    content_panels = [title_panel(), FieldPanel("summary"), FieldPanel("body"), AddressedPage.audience_panel]
    search_fields = [*AddressedPage.search_fields, index.SearchField("summary"), index.SearchField("body")]
    parent_page_types = ["content.NewsIndexPage"]
    subpage_types: list[str] = []
    template = "content/article.html"

    class Meta:
        verbose_name = _("piece of news")

    def address(self) -> str:
        """The article alone."""
        return reverse("article", args=[self.slug])


class ArticleRead(models.Model):
    """An account has opened an article, in whichever language."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    article = models.UUIDField()  # the translation key: a translation is the same news
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "article"], name="an_article_is_read_once")]

    def __str__(self) -> str:
        return f"{self.account_id} has read {self.article}"

"""Every look-up of pages for whoever reads them: published, in their language, and meant for them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, F, Func, IntegerField, OuterRef, Subquery, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from wagtail.models import Page

from .models import ArticlePage, ArticleRead, DownloadPage, HelpFeedback, HelpPage, HomePage, LegalPage, NewsIndexPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account

    from .models.help import HelpQuerySet
    from .models.news import ArticleQuerySet
    from .models.pages import AddressedQuerySet, PortalPage


SEARCHED = {"de": "default", "en": "en"}  # settings.WAGTAILSEARCH_BACKENDS
FOUND_AT_MOST = 30
HEADLINES = 3


def words_of_welcome(language: str) -> Subquery:
    """What editors have written for the home: `words`, and the `language` they are in, the other one if need be."""
    homes = HomePage.objects.live().order_by(Case(When(locale__language_code=language, then=0), default=1), "path")
    return Subquery(homes.values(said=JSONObject(words="welcome", language="locale__language_code"))[:1])


def news(account: Account, language: str, *, organisation: int | None = None) -> ArticleQuerySet:
    """The news the account may read, the newest first, each with `meant_for`."""
    found = ArticlePage.objects.for_account(account, organisation=organisation).in_language(language)
    return found.told_for_whom(account).newest_first()


class Headline(NamedTuple):
    """A piece of news, as far as the home says it, and how many are new in all."""

    title: str
    summary: str
    slug: str
    language: str
    first_published_at: datetime
    meant_for: Sequence[str]
    is_new: bool
    number_new: int

    @classmethod
    def of(cls, said: dict[str, Any]) -> Headline:
        """As `headlines` has it."""
        published = datetime.fromisoformat(said["first_published_at"])
        return cls(**{**said, "first_published_at": published, "meant_for": tuple(said["meant_for"])})

    def address(self) -> str:
        """The article alone."""
        return reverse("article", args=[self.slug])


def headlines(account: Account, language: str, *, since: datetime, organisation: int | None = None) -> ArraySubquery:
    """The latest news the account may read, the newest first; new is what was published since then."""
    found = news(account, language, organisation=organisation).told_whether_new(account, since=since)
    said = {name: name for name in Headline._fields} | {"language": "locale__language_code"}
    return ArraySubquery(found.with_number_of_new().values(said=JSONObject(**said))[:HEADLINES])


def news_index(language: str) -> NewsIndexPage | None:
    """Where news in this language are filed."""
    found: NewsIndexPage | None = NewsIndexPage.objects.in_language(language).first()
    return found


def downloads(account: Account, language: str, *, organisation: int | None = None) -> AddressedQuerySet:
    """The documents the account may have, each with `meant_for`."""
    found = DownloadPage.objects.for_account(account, organisation=organisation).in_language(language)
    return found.told_for_whom(account).select_related("document").order_by("title")


def number_of_downloads(
    account: Account, language: str, *, since: datetime, organisation: int | None = None
) -> Subquery:
    """How many documents that is (`number`), and how many of them were published since then (`new`)."""
    found = DownloadPage.objects.for_account(account, organisation=organisation).in_language(language)
    # Not Count(), which would give a number for each row.
    counted = {
        "number": Func("pk", function="COUNT"),
        "new": Func(Case(When(first_published_at__gte=since, then="pk")), function="COUNT"),
    }
    return Subquery(found.order_by().annotate(said=JSONObject(**counted)).values("said"))


def number_of_help_pages() -> Subquery:
    """How many help pages there are for whoever is signed in, each once, in whatever language."""
    found = HelpPage.objects.for_visitor(signed_in=True).order_by()
    # Not Count(), as above.
    once = Func("translation_key", template="COUNT(DISTINCT %(expressions)s)", output_field=IntegerField())
    return Subquery(found.annotate(number=once).values("number"))


def help_pages(language: str, *, signed_in: bool) -> HelpQuerySet:
    """The help pages that are shown, in the order the editors gave them."""
    return HelpPage.objects.for_visitor(signed_in=signed_in).in_language(language).order_by("path")


def legal_page(slug: str, language: str) -> LegalPage | None:
    """Imprint, privacy or accessibility."""
    found: LegalPage | None = LegalPage.objects.live().filter(slug=slug).in_language(language).first()
    return found


def own_traces(account: Account) -> dict[str, list[dict[str, Any]]]:
    """What somebody has left behind on pages: which news they have opened, and what they remarked on help."""
    in_own_language = Case(When(locale__language_code=account.language, then=0), default=1)
    title = ArticlePage.objects.filter(translation_key=OuterRef("article")).order_by(in_own_language)
    opened = ArticleRead.objects.filter(account=account).annotate(title=Subquery(title.values("title")[:1]))
    remarks = HelpFeedback.objects.filter(account=account).annotate(title=F("page__title"), text=F("remark"))
    return {
        "news_read": [dict(row) for row in opened.order_by("read_at").values("title", "read_at")],
        "remarks": [dict(row) for row in remarks.order_by("given_at").values("title", "given_at", "text")],
    }


def pages_with(words: str, account: Account | None, language: str) -> list[PortalPage]:
    """The pages the visitor may see that have these words, those in the reader's language first."""
    visible = [help_pages(language, signed_in=account is not None)]
    if account is not None:
        visible += [news(account, language), downloads(account, language)]
    languages = dict(row for pages in visible for row in pages.order_by().values_list("pk", "locale__language_code"))
    found: list[PortalPage] = []
    for code, backend in sorted(SEARCHED.items(), key=lambda each: each[0] != language):
        pages = Page.objects.filter(pk__in=[pk for pk, written_in in languages.items() if written_in == code])
        found += pages.specific().search(words, backend=backend)[:FOUND_AT_MOST]
    return found


def remarks() -> QuerySet[HelpFeedback]:
    """What readers remarked on help pages and no editor has seen to, the oldest first."""
    waiting = HelpFeedback.objects.filter(settled_at__isnull=True).exclude(remark="")
    return waiting.select_related("page", "account").order_by("given_at")

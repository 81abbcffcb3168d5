"""Every look-up of pages for whoever reads them: published, in their language, and meant for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wagtail.models import Page

from .models import ArticlePage, DownloadPage, HelpFeedback, HelpPage, HomePage, LegalPage, NewsIndexPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account

    from .models.help import HelpQuerySet
    from .models.news import ArticleQuerySet
    from .models.pages import AddressedQuerySet, PortalPage


SEARCHED = {"de": "default", "en": "en"}  # settings.WAGTAILSEARCH_BACKENDS
FOUND_AT_MOST = 30


def home_page(language: str) -> HomePage | None:
    """What editors have written for the home."""
    found: HomePage | None = HomePage.objects.live().in_language(language).first()
    return found


def news(account: Account, language: str) -> ArticleQuerySet:
    """The news the account may read, the newest first, each with `is_new`."""
    return ArticlePage.objects.for_account(account).in_language(language).told_whether_new(account).newest_first()


def news_index(language: str) -> NewsIndexPage | None:
    """Where news in this language are filed."""
    found: NewsIndexPage | None = NewsIndexPage.objects.in_language(language).first()
    return found


def downloads(account: Account, language: str) -> AddressedQuerySet:
    """The documents the account may have."""
    found = DownloadPage.objects.for_account(account).in_language(language)
    return found.select_related("document").order_by("title")


def help_pages(language: str, *, signed_in: bool) -> HelpQuerySet:
    """The help pages that are shown, in the order the editors gave them."""
    return HelpPage.objects.for_visitor(signed_in=signed_in).in_language(language).order_by("path")


def legal_page(slug: str, language: str) -> LegalPage | None:
    """Imprint, privacy or accessibility."""
    found: LegalPage | None = LegalPage.objects.live().filter(slug=slug).in_language(language).first()
    return found


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

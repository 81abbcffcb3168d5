"""Pages, published as an editor would: news, help, downloads."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from django.core.files.base import ContentFile
from django.utils.text import slugify
from wagtail.documents.models import Document

from kundenportal.domain.organisations.operations import organisation_named
from kundenportal.web.content.models import (
    ArticlePage,
    Audience,
    DownloadPage,
    DownloadsPage,
    HelpIndexPage,
    HelpPage,
    NewsIndexPage,
)

from .accounts import NOW

if TYPE_CHECKING:
    from wagtail.models import Page

_numbers = count(1)


def article(title: str = "Annahmeschluss im Dezember", *organisations: str, language: str = "de", **fields: Any) -> Any:
    """A published piece of news, for everybody or for the named organisations."""
    defaults = {"summary": f"Kurz gesagt: {title}", "body": [("paragraph", f"<p>Ausführlich: {title}</p>")]}
    return _published(NewsIndexPage, ArticlePage(**_titled(title), **{**defaults, **fields}), organisations, language)


def download(title: str = "Checkliste", *organisations: str, content: bytes = b"Inhalt", language: str = "de") -> Any:
    """A published document, for everybody or for the named organisations."""
    document = Document.objects.create(title=title, file=ContentFile(content, name=f"{slugify(title)}.pdf"))
    return _published(DownloadsPage, DownloadPage(**_titled(title), document=document), organisations, language)


def help_page(title: str = "Krankmeldungen", *, is_public: bool = False, language: str = "de") -> Any:
    """A published help page with one question."""
    question = {"question": f"{title}: wie geht das?", "anchor": "wie", "answer": [("paragraph", "<p>So.</p>")]}
    page = HelpPage(**_titled(title), summary=title, is_public=is_public, questions=[("question", question)])
    return _published(HelpIndexPage, page, (), language)


def _titled(title: str) -> dict[str, str]:
    return {"title": title, "slug": f"{slugify(title)}-{next(_numbers)}"}


def _published(index: type[Page], page: Any, organisations: tuple[str, ...], language: str) -> Any:
    parent = index.objects.get(locale__language_code=language)
    page.locale = parent.locale
    if organisations:
        page.audience = Audience.CHOSEN
        page.organisations = [organisation_named(name, now=NOW) for name in organisations]
    parent.add_child(instance=page)
    page.save_revision().publish()
    page.refresh_from_db()
    return page

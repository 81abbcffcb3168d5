from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from kundenportal.kernel import clock
from kundenportal.web.content import queries, reading
from kundenportal.web.content.acting import Acting, chosen_organisation
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.sessions import news_since

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PAGE_SIZE = 20


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All news for this account, the newest first."""
    account, acting = account_of_session(request), Acting.of(request)
    articles = queries.news(account, get_language(), organisation=acting.chosen)
    articles = articles.told_whether_new(account, since=news_since(request))
    page = Paginator(articles, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "acting": acting,
        "articles": page,
        "news_index": queries.news_index(get_language()) if account.may_edit_content else None,
        "some_are_new": articles.filter(is_new=True).exists(),
        "previous_page_url": f"?page={page.previous_page_number()}" if page.has_previous() else "",
        "next_page_url": f"?page={page.next_page_number()}" if page.has_next() else "",
    }
    return render(request, "content/news.html", context)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """One piece of news, which has been read from now on."""
    account = account_of_session(request)
    page = queries.news(account, get_language()).filter(slug=slug).first()
    if page is None:
        raise Http404
    reading.note_read(account, [page], now=clock.now())
    return page.serve(request)


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Nothing of what is shown is new any more."""
    account = account_of_session(request)
    shown = queries.news(account, get_language(), organisation=chosen_organisation(request))
    new = shown.told_whether_new(account, since=news_since(request)).filter(is_new=True)
    reading.note_read(account, new, now=clock.now())
    return redirect("news")

"""What is new for an account, in which language, and when it is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command

from factories.pages import article
from kundenportal.domain.accounts.rules import Language
from kundenportal.kernel import clock
from kundenportal.web.content.models import ArticlePage, ArticleRead
from web.pages import Page
from web.residents import settled, sign_in

pytestmark = pytest.mark.django_db

NEW = "Neuigkeiten: 1 ist neu für Sie"


def test_news_are_new_until_they_have_been_opened() -> None:
    client = sign_in(settled())
    news = article()
    home = Page(client.get("/")).main.text
    assert NEW in home
    assert f"{news.title} neu" in home
    assert client.get(news.address()).status_code == 200
    assert NEW not in Page(client.get("/")).main.text
    assert f"{news.title} neu" not in Page(client.get("/news/")).main.text


def test_what_one_account_has_read_is_still_new_for_another() -> None:
    one, other = sign_in(settled("eins@example.org")), sign_in(settled("zwei@example.org"))
    one.get(article().address())
    assert NEW in Page(other.get("/")).main.text


def test_reading_twice_is_reading_once() -> None:
    client, news = sign_in(settled()), article()
    for _ in range(2):
        client.get(news.address())
    assert ArticleRead.objects.count() == 1


def test_what_was_published_before_the_account_was_opened_is_not_new() -> None:
    with time_machine.travel(clock.now() - timedelta(days=1), tick=False):
        news = article()
    page = Page(sign_in(settled()).get("/news/")).main.text
    assert news.title in page
    assert f"{news.title} neu" not in page


def test_new_is_what_was_published_since_the_last_visit() -> None:
    start, holder = clock.now() - timedelta(days=9), None
    seen = []
    with time_machine.travel(start, tick=False):
        holder = settled()
    for day in range(1, 5):
        with time_machine.travel(start + timedelta(days=day), tick=False):
            client = sign_in(holder)
        with time_machine.travel(start + timedelta(days=day, minutes=5), tick=False):
            if day == 2:
                article("Mitten im Besuch")
            text = Page(client.get("/news/")).main.text
            home = Page(client.get("/")).main.text
            seen.append("Mitten im Besuch neu" in text)
            assert (NEW in home) is seen[-1]
    # During the second visit and in the third; whoever has seen it in the list twice knows it.
    assert seen == [False, True, True, False]


def test_everything_can_be_marked_as_read_at_once() -> None:
    client = sign_in(settled())
    article("Das eine")
    article("Das andere")
    page = Page(client.get("/news/"))
    page.form("Alles als gelesen markieren").press(client, "Alles als gelesen markieren")
    after = Page(client.get("/news/"))
    assert "neu" not in after.main.text.split()
    assert "Alles als gelesen markieren" not in after.main.text


def test_news_are_read_in_the_accounts_language_where_they_have_been_translated() -> None:
    german = article("Annahmeschluss")
    translation = german.copy_for_translation(_english())
    translation.title = "Closing date"
    translation.summary = "By the tenth of December"
    translation.slug = german.slug
    translation.save_revision().publish()
    article("Nur auf Deutsch")
    client = sign_in(settled(language=Language.ENGLISH))
    page = Page(client.get("/news/"))
    assert "Closing date" in page.main.text
    assert "Annahmeschluss" not in page.main.text
    # What the portal itself says beside them is English.
    in_german = [part.text for part in page.all("span") if part.attributes.get("lang") == "de"]
    assert in_german[0] == "Nur auf Deutsch"
    assert "new" not in in_german
    # The same news: read in one language, it is not new in the other.
    client.get(german.address())
    client.post("/language/", {"language": "de"})
    assert "Annahmeschluss neu" not in Page(client.get("/news/")).main.text


def _english() -> object:
    from wagtail.models import Locale

    return Locale.objects.get(language_code="en")


def test_what_is_scheduled_is_shown_when_its_time_has_come_and_until_it_is_over() -> None:
    news = article("Später")
    news.unpublish()
    now = clock.now()
    news.go_live_at, news.expire_at = now + timedelta(hours=1), now + timedelta(hours=2)
    news.save_revision().publish()
    client = sign_in(settled())
    seen = []
    for minutes in (59, 61, 121):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            call_command("publish_scheduled")
            seen.append(ArticlePage.objects.live().filter(pk=news.pk).exists())
    assert seen == [False, True, False]
    assert client.get(news.address()).status_code == 404


def test_where_there_is_no_news_the_page_says_so() -> None:
    assert "Es gibt noch keine Neuigkeiten" in Page(sign_in(settled()).get("/news/")).main.text

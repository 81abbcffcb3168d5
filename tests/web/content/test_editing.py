"""Where pages are written: open to editors and admins, and to them only what the portal uses."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.template.loader import get_template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from wagtail.models import Locale, get_page_models
from wagtail.models import Page as AnyPage

from factories.pages import article, help_page
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import EDITING_ROLES, Role
from kundenportal.kernel import clock
from kundenportal.kernel.links import link_to
from kundenportal.kernel.origin import COMMAND_LINE
from kundenportal.web.content.editing import is_open
from kundenportal.web.content.models import ArticlePage, HelpPage, LegalPage, NewsIndexPage
from kundenportal.web.content.models.help import ABOUT_SIGNING_IN
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from web.pages import Response

pytestmark = pytest.mark.django_db

EXAMPLES = {"int": "1", "str": "x", "slug": "x", "path": "x", "uuid": "00000000-0000-0000-0000-000000000000"}


def _routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def _paths() -> set[str]:
    """An example of every address below /edit/."""
    import re

    converter = re.compile(r"<(?:(\w+):)?\w+>")
    routes = {route for route in _routes(get_resolver().url_patterns) if route.startswith("edit/")}
    plain = {converter.sub(lambda found: EXAMPLES.get(found[1] or "str", "x"), route) for route in routes}
    return {f"/{path}" for path in plain if not set("^$()\\[") & set(path)}


def _policy(response: Response) -> dict[str, str]:
    parts = response.headers["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


@pytest.mark.parametrize("role", Role)
def test_only_roles_that_edit_are_let_in(role: Role) -> None:
    client = sign_in(settled(role=role))
    assert client.get("/edit/").status_code == (200 if role in EDITING_ROLES else 403)
    assert ("/edit/" in client.get("/").content.decode()) is (role in EDITING_ROLES)


@pytest.mark.parametrize("role", sorted(set(Role) - EDITING_ROLES))
def test_no_address_of_it_answers_anybody_else(role: Role) -> None:
    paths = _paths()
    assert len(paths) > 100
    client = sign_in(settled(role=role))
    answers = {path: client.get(path).status_code for path in paths - {"/edit/logout/"}}
    assert set(answers.values()) == {403}


def test_whoever_is_not_signed_in_is_led_to_our_sign_in() -> None:
    for path in _paths() - {"/edit/logout/"}:
        answer = Client().get(path)
        assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/"), path


@pytest.mark.parametrize(
    "path",
    [
        "/edit/login/",
        "/edit/password_reset/",
        "/edit/users/",
        "/edit/users/1/",
        "/edit/groups/",
        "/edit/workflows/list/",
        "/edit/collections/",
        "/edit/reports/site-history/",
    ],
)
def test_what_the_portal_does_not_use_of_wagtail_is_not_there(path: str) -> None:
    client = sign_in(settled(role=Role.ADMIN))
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == 404


def test_no_link_of_its_pages_leads_nowhere() -> None:
    client = sign_in(settled(role=Role.ADMIN))
    one_of_each_kind = {page.content_type_id: page.pk for page in AnyPage.objects.all()}.values()
    pages = [f"/edit/pages/{number}/{view}" for number in one_of_each_kind for view in ("", "edit/")]
    links = {
        link
        for path in ("/edit/", "/edit/pages/", "/edit/images/", "/edit/documents/", *pages)
        for link in re.findall(r'(?:href=|"url": )"(/[^"]*)"', client.get(path, follow=True).content.decode())
    }
    assert {"/edit/account/", "/edit/pages/", "/edit/images/"} <= links
    # What is done to several pages at once is told their numbers by a script.
    here = {html.unescape(link) for link in links if not link.startswith(("/static/", "/edit/bulk/"))}
    assert {link: status for link in here if (status := client.get(link).status_code) >= 400} == {}


def test_its_menu_leads_back_to_the_portal() -> None:
    page = sign_in(settled(role=Role.EDITOR)).get("/edit/").content.decode()
    entry = re.search(rf'{{[^{{}}]*"label": {re.escape(json.dumps("Zurück zum Portal"))}[^{{}}]*{{}}[^{{}}]*}}', page)
    assert entry is not None
    assert json.loads(entry[0])["url"] == link_to("home")


def test_its_way_to_the_account_leads_to_the_profile() -> None:
    assert sign_in(settled(role=Role.EDITOR)).get("/edit/account/").headers["Location"] == "/profile/"


def test_its_way_out_is_ours() -> None:
    client = sign_in(settled(role=Role.EDITOR))
    assert client.post("/edit/logout/").headers["Location"] == "/"
    assert client.get("/edit/").status_code == 302


def test_the_role_alone_decides_from_one_page_to_the_next() -> None:
    holder, admin = settled(role=Role.EDITOR), settled("admin@example.org", role=Role.ADMIN).account
    client = sign_in(holder)
    assert client.get("/edit/").status_code == 200
    accounts.change_role(holder.account, Role.CUSTOMER, changed_by=admin, now=clock.now(), origin=COMMAND_LINE)
    assert client.get("/edit/").status_code == 403
    assert not Account.objects.get(pk=holder.account.pk).has_perm("wagtailadmin.access_admin")


def test_a_suspended_editor_may_nothing() -> None:
    holder = settled(role=Role.EDITOR)
    accounts.suspend(holder.account, suspended_by=None, now=clock.now(), origin=COMMAND_LINE)
    assert not Account.objects.get(pk=holder.account.pk).has_perm("wagtailadmin.access_admin")


def test_there_are_no_groups_but_those_of_roles_and_nobody_can_be_put_into_one() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == {str(role) for role in EDITING_ROLES}
    editor = settled(role=Role.EDITOR).account
    assert [group.name for group in editor.groups.all()] == ["editor"]
    assert not editor.is_superuser


def test_editors_may_write_every_page_and_remove_no_legal_one() -> None:
    editor = settled(role=Role.EDITOR).account
    for page in AnyPage.objects.filter(depth__gt=1).specific():
        may = page.permissions_for_user(editor)
        assert may.can_edit(), page
        assert may.can_publish(), page
    client = sign_in(settled("zwei@example.org", role=Role.EDITOR))
    imprint = LegalPage.objects.filter(slug="imprint").first()
    for act in ("delete", "unpublish", "move"):
        client.post(f"/edit/pages/{imprint.pk}/{act}/", {"include_descendants": ""})
    assert LegalPage.objects.filter(pk=imprint.pk, live=True).exists()


def test_the_looser_policy_is_for_this_place_only() -> None:
    client = sign_in(settled(role=Role.EDITOR))
    assert "'unsafe-inline'" in _policy(client.get("/edit/"))["script-src"]
    for path in ("/", "/news/", "/help/", "/legal/imprint/", "/profile/", "/no-such-page/"):
        assert "unsafe" not in client.get(path).headers["Content-Security-Policy"], path


def test_it_asks_nothing_of_strangers() -> None:
    page = sign_in(settled(role=Role.EDITOR)).get("/edit/").content.decode()
    for stranger in ("gravatar", "releases.wagtail.io", 'src="http'):
        assert stranger not in page


def test_what_is_open_is_known_to_wagtail() -> None:
    opened = {path for path in _paths() if is_open(resolve(path))}
    assert {"/edit/", "/edit/pages/", "/edit/images/", "/edit/documents/"} <= opened


@pytest.mark.parametrize("model", [model for model in get_page_models() if model is not AnyPage])
def test_what_can_be_previewed_has_something_to_show(model: type[AnyPage]) -> None:
    if model().preview_modes:
        get_template(model.template)  # raises if there is none


def test_the_help_about_signing_in_stays_where_the_start_page_leads() -> None:
    page = HelpPage.objects.filter(slug=ABOUT_SIGNING_IN).earliest("pk")
    permissions = page.permissions_for_user(settled(role=Role.ADMIN).account)
    assert not any((permissions.can_delete(), permissions.can_unpublish(), permissions.can_move()))
    page.slug, page.is_public = "elsewhere", False
    with pytest.raises(ValidationError) as refused:
        page.full_clean()
    assert refused.value.message_dict.keys() == {"is_public"}
    page.is_public = True
    page.full_clean()
    assert page.slug == ABOUT_SIGNING_IN


def test_an_address_belongs_to_one_page_and_its_translations() -> None:
    german = article("Preise")
    translation = german.copy_for_translation(Locale.objects.get(language_code="en"))
    translation.slug = german.slug
    translation.save_revision().publish()
    other = article("Prices", language="en")
    other.slug = article("Preise").slug
    with pytest.raises(ValidationError, match="andere Seite"):
        other.full_clean()
    elsewhere = help_page("Preise")
    elsewhere.slug = german.slug  # another address
    elsewhere.full_clean()


def test_an_editor_who_takes_the_address_of_a_page_in_the_other_language_is_told_so() -> None:
    german = article("Preise")
    client = sign_in(settled(role=Role.EDITOR))
    index = NewsIndexPage.objects.get(locale__language_code="en")
    fields = {
        "title": "Prices",
        "slug": german.slug,
        "summary": "Prices",
        "audience": "everybody",
        "body-count": "0",
        "action-publish": "",
    }
    answer = client.post(f"/edit/pages/add/content/articlepage/{index.pk}/", fields)
    assert "Unter dieser Adresse gibt es schon eine andere Seite" in answer.content.decode()
    assert ArticlePage.objects.filter(slug=german.slug).count() == 1

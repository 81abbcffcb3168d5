"""R1: nobody can create an account for themselves, by any route."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver

from kundenportal.domain.accounts.models import Account
from kundenportal.web.content.editing import PLACE
from kundenportal.web.entrance.adapter import AccountAdapter
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

USUAL_ROUTES = [
    "/accounts/signup/",
    "/accounts/login/",
    "/accounts/password/reset/",
    "/accounts/email/",
    "/accounts/social/signup/",
    "/admin/",
    "/admin/login/",
    "/signup/",
    "/sign-up/",
    "/register/",
    "/registrieren/",
    "/registration/",
    "/_allauth/browser/v1/auth/signup",
]
EVERY_FIELD = {
    "address": "selbst@example.org",
    "email": "selbst@example.org",
    "username": "selbst@example.org",
    "login": "selbst@example.org",
    "name": "Selbst",
    "organisation": "Selbst",
    "kind": "personal",
    "language": "de",
    "role": "admin",
    "password": "Wolkenbruch-Ziegel-41",
    "password1": "Wolkenbruch-Ziegel-41",
    "password2": "Wolkenbruch-Ziegel-41",
    "new_password": "Wolkenbruch-Ziegel-41",
    "colour_scheme": "dark",
    "action": "save",
    "next": "/",
}
# What lasts; sessions and the audit trail grow by being asked.
KEPT = ["accounts.Account", "accounts.Membership", "organisations.Organisation", "credentials.AccessLetter"]


def _kept() -> dict[str, list[object]]:
    # Anybody may ask for a reset link: a mail answers, and nobody gets access by it.
    mails = apps.get_model("mail.OutgoingMail").objects.exclude(kind="password_reset")
    kept = {name: list(apps.get_model(name).objects.order_by("pk").values()) for name in KEPT}
    return {**kept, "mail.OutgoingMail": list(mails.order_by("pk").values())}


def _our_routes() -> Iterator[str]:
    for pattern in get_resolver().url_patterns:
        # Of Wagtail's own, in which there are no accounts, its door.
        assert isinstance(pattern, URLPattern) or str(pattern.pattern) == PLACE
        if "<" not in str(pattern.pattern):
            yield f"/{pattern.pattern}"


def test_no_request_of_somebody_not_signed_in_leaves_anything_behind(client: Client) -> None:
    settled()
    before = _kept()
    for route in [*_our_routes(), *USUAL_ROUTES]:
        for method in (client.get, client.post, client.head):
            method(route, EVERY_FIELD)
        for method in (client.put, client.patch, client.delete, client.options):
            method(route, "name=Selbst", content_type="application/x-www-form-urlencoded")
    assert _kept() == before


def test_no_request_of_a_customer_gives_access_to_anybody() -> None:
    client = sign_in(settled())
    before = set(Account.objects.values_list("pk", "address", "role"))
    for route in {*_our_routes(), *USUAL_ROUTES} - {"/sign-out/"}:
        client.get(route, EVERY_FIELD)
        client.post(route, EVERY_FIELD)
    assert set(Account.objects.values_list("pk", "address", "role")) == before


@pytest.mark.parametrize("route", USUAL_ROUTES)
def test_the_frameworks_own_pages_are_not_there(client: Client, route: str) -> None:
    assert client.get(route).status_code == 404
    assert client.post(route, EVERY_FIELD).status_code == 404


def test_no_address_of_the_portal_is_a_frameworks() -> None:
    views = [pattern.callback for pattern in get_resolver().url_patterns if isinstance(pattern, URLPattern)]
    assert {view.__module__.split(".")[0] for view in views} == {"kundenportal"}


def test_the_frameworks_own_way_in_lets_nobody_in() -> None:
    holder = settled()
    request = RequestFactory().post("/")
    for name in ("username", "email", "login", "address"):
        assert authenticate(request, **{name: holder.address, "password": holder.password}) is None
    assert not Client().login(username=holder.address, password=holder.password)


def test_the_framework_is_told_that_nobody_registers() -> None:
    assert not AccountAdapter().is_open_for_signup(RequestFactory().get("/"))

"""The token in our forms is one that Django takes, and another on every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.test import RequestFactory

from kundenportal.web.shared.form_tokens import form_token

SECRET = "aZ09" * 8


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return HttpResponseForbidden(reason)


def _asked_with(secret: str) -> HttpRequest:
    request = RequestFactory().get("/")
    request.META["CSRF_COOKIE"] = secret
    return request


def _is_taken(token: str, *, cookie: str) -> bool:
    request = RequestFactory(enforce_csrf_checks=True).post("/", {"csrfmiddlewaretoken": token})
    request.COOKIES["csrf"] = cookie
    middleware = CsrfViewMiddleware(lambda _: HttpResponse())
    middleware.process_request(request)
    return middleware.process_view(request, lambda _: HttpResponse(), (), {}) is None


def test_it_is_taken_by_django_and_never_the_same() -> None:
    tokens = {form_token(_asked_with(SECRET)) for _ in range(100)}
    assert len(tokens) == 100
    assert all(_is_taken(token, cookie=SECRET) for token in tokens)


def test_it_is_as_long_as_djangos_and_does_not_show_the_secret() -> None:
    token = form_token(_asked_with(SECRET))
    assert len(token) == len(get_token(_asked_with(SECRET)))
    assert SECRET not in token


def test_it_is_not_taken_with_another_cookie(settings: Any) -> None:
    settings.CSRF_FAILURE_VIEW = f"{__name__}.refused"
    assert not _is_taken(form_token(_asked_with(SECRET)), cookie=SECRET[::-1])


def test_the_cookie_is_sent_and_lives_on() -> None:
    for request in (RequestFactory().get("/"), _asked_with(SECRET)):
        token = form_token(request)
        assert request.META["CSRF_COOKIE_NEEDS_UPDATE"]
        assert _is_taken(token, cookie=request.META["CSRF_COOKIE"])

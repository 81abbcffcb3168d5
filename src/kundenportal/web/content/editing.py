"""The place where pages are written: Wagtail's, behind our sign-in, for our roles, and less of it than there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csp.constants import SELF, UNSAFE_INLINE
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse

from kundenportal.web.shared.access import account_of_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.urls import ResolverMatch

PLACE = "edit/"
# Ours, where Wagtail's would be: its pages lead there.
SIGN_OUT, ACCOUNT = "edit-sign-out", "edit-account"
# Everything else of Wagtail's is not there: its accounts, its sign-in, its groups, its sites.
OPEN_NAMES = frozenset(
    {
        ACCOUNT,
        "wagtailadmin_home",
        "wagtailadmin_explore_root",
        "wagtailadmin_explore",
        "wagtailadmin_choose_page",
        "wagtailadmin_choose_page_child",
        "wagtailadmin_choose_page_search",
        "wagtailadmin_choose_page_chosen_multiple",
        "wagtailadmin_choose_external_link",
        "wagtailadmin_choose_email_link",
        "wagtailadmin_choose_phone_link",
        "wagtailadmin_choose_anchor_link",
        "wagtailadmin_tag_autocomplete",
        "wagtailadmin_tag_model_autocomplete",
        "wagtailadmin_dismissibles",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtail_bulk_action",
    }
)
OPEN_NAMESPACES = frozenset(
    {
        "wagtailadmin_pages",
        "wagtailadmin_api",
        "wagtailimages",
        "wagtailimages_chooser",
        "wagtaildocs",
        "wagtaildocs_chooser",
        "simple_translation",
    }
)
# Wagtail's editor sets styles and starts itself from within its pages, and shows previews in a frame.
POLICY = {"script-src": [SELF, UNSAFE_INLINE], "style-src": [SELF, UNSAFE_INLINE], "frame-ancestors": [SELF]}


class EditingMiddleware:
    """Lets only those in who write pages, and gives Wagtail there the looser policy it needs."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_editing(request.resolver_match):
            response._csp_replace = POLICY  # type: ignore[attr-defined]  # noqa: SLF001 - as its own decorator does
        return response

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        match = request.resolver_match
        if match is None or not _is_editing(match):
            return None
        # Some of its views say that they are for everybody, so that SignInFirstMiddleware lets them pass.
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path(), reverse("home"))
        if not account_of_session(request).may_edit_content:
            raise PermissionDenied
        if not is_open(match):
            raise Http404
        return None


def account(request: HttpRequest) -> HttpResponse:
    """Where Wagtail's pages lead whoever wants to see their account: to the profile."""
    return redirect("profile")


def is_open(match: ResolverMatch) -> bool:
    """Whether this place of Wagtail's is one of those the portal uses."""
    return match.url_name in OPEN_NAMES if not match.namespaces else match.namespaces[0] in OPEN_NAMESPACES


def _is_editing(match: ResolverMatch | None) -> bool:
    return match is not None and match.route.startswith(PLACE) and match.url_name != SIGN_OUT

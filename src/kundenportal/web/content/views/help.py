from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenportal.domain.credentials.rules.throttling import network_of
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.content import queries, reading
from kundenportal.web.content.forms import FeedbackForm
from kundenportal.web.content.models.help import ABOUT_SIGNING_IN
from kundenportal.web.shared.access import account_of_session, editors_only, everybody
from kundenportal.web.shared.again import shows_what_was_typed, typed
from kundenportal.web.shared.origin import origin_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from kundenportal.web.content.models import HelpPage


@everybody
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All help pages the visitor may read."""
    pages = queries.help_pages(get_language(), signed_in=request.user.is_authenticated)
    return render(request, "content/help.html", {"pages": pages})


@everybody
@require_safe
def about_signing_in(request: HttpRequest) -> HttpResponse:
    """The help to which the start page leads."""
    return _shown(request, _found(request, ABOUT_SIGNING_IN), FeedbackForm())


@shows_what_was_typed
@everybody
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """A help page, and what its readers say of it; one that is not public asks for a sign-in."""
    found = _found(request, slug)
    if not (found.is_public or request.user.is_authenticated):
        return redirect_to_login(request.path, reverse("home"))
    if request.method != "POST":
        return _shown(request, found, FeedbackForm(initial=typed(request)))
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _shown(request, found, form)
    try:
        reading.give_feedback(
            found,
            account=account_of_session(request) if request.user.is_authenticated else None,
            network=network_of(origin_of(request).network_address),
            has_helped=form.cleaned_data["helped"],
            remark=form.cleaned_data["remark"],
            now=clock.now(),
        )
    except Refusal as refusal:
        form.say_why_not(refusal)
        return _shown(request, found, form)
    messages.success(request, _("Thank you. That helps us to make these pages better."))
    return redirect(found.address())


@editors_only
@require_safe
def remarks(request: HttpRequest) -> HttpResponse:
    """What readers remarked, for those who write the help."""
    return render(request, "content/remarks.html", {"remarks": queries.remarks()})


@editors_only
@require_POST
def settle_remark(request: HttpRequest, remark_id: int) -> HttpResponse:
    """A remark has been seen to."""
    reading.settle_remark(remark_id, now=clock.now())
    return redirect("help-remarks")


def _found(request: HttpRequest, slug: str) -> HelpPage:
    found = queries.help_pages(get_language(), signed_in=True).filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, found: HelpPage, form: FeedbackForm) -> HttpResponse:
    return render(request, "content/help_page.html", {**found.get_context(request), "form": form})

"""What the portal says of itself and of its operator, changed on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kundenportal.domain.site import operations, queries
from kundenportal.domain.site.pictures import MOST_BYTES
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, speakers_only
from kundenportal.web.shared.context import site_context
from kundenportal.web.shared.origin import origin_of

from .site_forms import COLOURS, SiteForm, SpecialDays, special_days_of, with_more_rows
from .words import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest, HttpResponse, QueryDict

    from kundenportal.domain.site.queries import Stand
    from kundenportal.domain.site.rules.settings import Site


@speakers_only
@require_http_methods(["GET", "HEAD", "POST"])
def site_settings(request: HttpRequest) -> HttpResponse:
    """Shows the settings, shows them as they would look, and changes them."""
    stand = queries.stand()
    if request.method == "POST":
        return _take(request, stand)
    now = clock.now()
    context = {
        "form": SiteForm.of(stand.site, version=stand.version),
        "days": special_days_of(stand.site, today=localdate(now)),
        "stand": stand,
    }
    return render(request, "desk/site_settings.html", context)


def _take(request: HttpRequest, stand: Stand) -> HttpResponse:
    data, action = _entries(request.POST), request.POST.get("action")
    unreadable = _keep_logo(request, data)
    form, days = SiteForm(data), SpecialDays(data)
    context: dict[str, object] = {"form": form, "days": days, "stand": stand}
    if unreadable:
        form.say_why_not(unreadable)
    are_valid = [form.is_valid(), days.is_valid()]
    if all(are_valid) and action != "more":
        wanted = form.site(stand.site, days.entered)
        try:
            if action == "preview":
                context |= site_context(operations.valid(wanted), now=clock.now()) | {"is_preview": True}
            else:
                _change(request, wanted, version=form.cleaned_data["version"])
                return redirect("desk-settings")
        except operations.ChangedMeanwhile as met:
            # Sent once more, the entries replace what the other editor wrote, and knowingly.
            form.data = data = data.copy()
            data["version"] = str(met.stand.version)
            context |= {"stand": met.stand, "differences": _differences(met.stand.site, wanted)}
        except Refusal as refusal:
            form.say_why_not(refusal)
    return render(request, "desk/site_settings.html", context)


def _change(request: HttpRequest, wanted: Site, *, version: int) -> None:
    operations.change(
        wanted,
        version=version,
        changed_by=account_of_session(request),
        now=clock.now(),
        origin=origin_of(request),
    )
    messages.success(request, _("Saved. All pages and e-mails say so within a few seconds."))


def _keep_logo(request: HttpRequest, data: QueryDict) -> Refusal | None:
    """Puts the name of the uploaded logo, if there is one, in place of the one that was; or says what is wrong."""
    uploaded = request.FILES.get("logo_file")
    if uploaded is None:
        return None
    try:
        data["logo"] = operations.keep_logo(uploaded.read(MOST_BYTES + 1))
    except operations.LogoUnreadable as unreadable:
        return unreadable
    return None


def _entries(entered: QueryDict) -> QueryDict:
    """What was entered, to be changed; the shade that was offered and taken in place of the one that cannot be read."""
    if entered.get("action") == "more":
        return with_more_rows(entered)
    entries = entered.copy()
    for colour in COLOURS.values():
        if shade := entered.get(f"take_{colour}"):
            entries[colour] = shade
    return entries


def _differences(current: Site, wanted: Site) -> list[Mapping[str, object]]:
    """What stands there now where something else is wanted."""
    return [
        {"label": SETTINGS[setting], "value": operations.value_words(current, setting)}
        for setting in operations.changed(current, wanted)
    ]

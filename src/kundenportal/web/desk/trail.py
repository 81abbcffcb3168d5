"""The audit trail: searched, and taken along as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.conf import settings
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenportal.domain.accounts.queries import account_of
from kundenportal.domain.accounts.rules import normalised_address
from kundenportal.domain.audit.operations import note_export
from kundenportal.domain.audit.queries import Sought, every_entry, numbers_of, subjects_formerly_at, trail_page
from kundenportal.kernel import clock
from kundenportal.web.shared.access import account_of_session, leads_only
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.words import span_in_words

from .files import csv_file
from .history import happening_of, happenings
from .leafing import address, is_beyond_the_end, neighbours, position_in
from .trail_form import TrailForm

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase


@leads_only
@require_safe
def audit_trail(request: HttpRequest) -> HttpResponse:
    """What happened, newest first, as far as it was sought."""
    form, sought = _sought(request)
    asked = {name: [value for value in request.GET.getlist(name) if value] for name in form.fields}
    place = position_in(request)
    page = trail_page(sought, after=place["after"], before=place["before"]) if sought else None
    if page and is_beyond_the_end(request, page):
        return redirect(address("desk-trail", **asked))
    context = {
        "form": form,
        "happenings": happenings(page.rows) if page else [],
        "is_narrowed": any(asked.values()),
        "export_query": urlencode(asked, doseq=True),
        "kept_for": span_in_words(settings.TRAIL_IS_KEPT_FOR),
        **(neighbours("desk-trail", page, **asked) if page else {}),
    }
    return render(request, "desk/trail.html", context)


@leads_only
@require_safe
def export_trail(request: HttpRequest) -> HttpResponseBase:
    """The same entries as a CSV file, row by row, however many there are; the trail says that they were taken along."""
    _form, sought = _sought(request)
    numbers = numbers_of(sought) if sought else ()
    if sought and request.method == "GET":
        note_export(len(numbers), exported_by=account_of_session(request), now=clock.now(), origin=origin_of(request))
    head = [_("Time"), _("Event"), _("Account"), _("Details"), _("By whom"), _("Network address")]
    return csv_file(_("audit-trail"), head, _rows(numbers))


def _rows(numbers: Sequence[int]) -> Iterator[list[str]]:
    for entry in every_entry(numbers):
        told = happening_of(entry)
        at = f"{localtime(told.happened_at):%Y-%m-%d %H:%M:%S}"
        yield [at, told.label, told.subject, ", ".join(told.details), told.actor, told.network_address]


def _sought(request: HttpRequest) -> tuple[TrailForm, Sought | None]:
    form = TrailForm(request.GET or None)
    if not form.is_bound:
        return form, Sought()
    if not form.is_valid():
        return form, None
    entered = {name: form.cleaned_data[name] for name in ("account", "actor")}
    found = {name: _accounts_at(entry) if entry else set() for name, entry in entered.items()}
    for name, entry in entered.items():
        if entry and not found[name]:
            form.add_error(name, _("No account has this address, or has had it."))
    if form.errors:
        return form, None
    return form, form.sought(subject_ids=found["account"], actor_ids=found["actor"])


def _accounts_at(entry: str) -> set[int]:
    """Whoever signs in with the address now or did so before it was corrected."""
    owner = account_of(entry)
    return subjects_formerly_at(normalised_address(entry)) | ({owner.pk} if owner else set())

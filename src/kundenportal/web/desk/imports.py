"""A customer's table becomes accounts: uploaded, laid out, checked, imported, and given back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenportal.domain.imports import operations, queries, words
from kundenportal.domain.imports.rules.files import TableRefused
from kundenportal.domain.imports.rules.runs import AT_WORK, ENDED, KEPT_FOR, Letters, RunState
from kundenportal.domain.imports.rules.verdicts import Verdict, read
from kundenportal.domain.organisations.queries import organisation_names
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.origin import origin_of

from .files import XLSX
from .import_forms import ColumnsForm, HeadingsForm, StartForm, UploadForm, named
from .leafing import is_beyond_the_end, neighbours, position_in
from .words import NOBODY_KNOWN

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.imports.models import ImportRow, ImportRun

STATE_LABELS = {
    RunState.UPLOADED: gettext_lazy("uploaded"),
    RunState.CHECKING: gettext_lazy("being checked"),
    RunState.CHECKED: gettext_lazy("checked"),
    RunState.IMPORTING: gettext_lazy("being imported"),
    RunState.FINISHED: gettext_lazy("finished"),
    RunState.CANCELLED: gettext_lazy("cancelled"),
    RunState.FAILED: gettext_lazy("failed"),
}
# How a state or a verdict looks: the name of a sign and a colour (elements/status.html).
STATE_LOOKS = {RunState.FINISHED: "active", RunState.CANCELLED: "suspended", RunState.FAILED: "error"}
VERDICT_LOOKS = {Verdict.NEW: "active", Verdict.WARNING: "warning", Verdict.ERROR: "error"}
STARTED_OR_ENDED = gettext_lazy("This import has been started or ended already.")
COLUMNS_ANEW = gettext_lazy(
    "Nothing is imported yet: somebody has chosen the columns anew meanwhile. The import can start once it is checked."
)
# What those read who had another check before their eyes.
WHY_NOT_STARTED = {
    RunState.UPLOADED: COLUMNS_ANEW,
    RunState.CHECKING: COLUMNS_ANEW,
    RunState.CHECKED: gettext_lazy(
        "Nothing is imported yet: somebody has had it checked with other columns or another organisation meanwhile. "
        "Please look at the result before you start."
    ),
}
PAGE_OF_STATE = {
    RunState.CHECKING: "desk/import_progress.html",
    RunState.CHECKED: "desk/import_checked.html",
    RunState.IMPORTING: "desk/import_progress.html",
    RunState.FINISHED: "desk/import_report.html",
    RunState.CANCELLED: "desk/import_report.html",
    RunState.FAILED: "desk/import_report.html",
}


@dataclass(frozen=True)
class Run:
    """An import as the pages show it."""

    number: int
    file_name: str
    state: RunState
    state_label: str
    look: str
    uploaded_at: datetime
    uploaded_by: str
    started_at: datetime | None
    started_by: str
    ended_at: datetime | None
    row_count: int
    done: int
    organisation: str
    letters_now: bool
    letters_never: bool
    letters_not_before: datetime | None
    is_emptied: bool
    goes_on: bool

    @classmethod
    def of(cls, run: ImportRun) -> Run:
        """The import of a row in the database."""
        state = RunState(run.state)
        return cls(
            number=run.pk,
            file_name=run.file_name,
            state=state,
            state_label=str(STATE_LABELS[state]),
            look=STATE_LOOKS.get(state, "info"),
            uploaded_at=run.uploaded_at,
            uploaded_by=_name_of(run.uploaded_by),
            started_at=run.started_at,
            started_by=_name_of(run.started_by),
            ended_at=run.ended_at,
            row_count=run.row_count,
            done=run.done,
            organisation=run.organisation,
            letters_now=run.letters == Letters.NOW,
            letters_never=run.letters == Letters.NEVER,
            letters_not_before=run.letters_not_before,
            is_emptied=run.emptied_at is not None,
            goes_on=state not in ENDED,
        )


@dataclass(frozen=True)
class Line:
    """A row of the customer's table as the pages show it."""

    number: int
    address: str
    name: str
    organisation: str
    verdict_label: str
    look: str
    reasons: str

    @classmethod
    def of(cls, row: ImportRow, run: ImportRun) -> Line:
        """The line of a row in the database."""
        verdict, reasons = Verdict(row.verdict), words.reasons_in_words(read(row.reasons))
        look = VERDICT_LOOKS.get(verdict, "info")
        label = words.verdict_in_words(verdict)
        if run.state in ENDED and not run.has_done(row.number):
            label, reasons = words.result_in_words(verdict, is_done=False, findings=())
            look = "info"
        return cls(row.number, row.address, row.name, row.organisation, label, look, reasons)


@dataclass(frozen=True)
class Filter:
    """A link that shows the rows of one verdict, and how many they are."""

    label: str
    count: int
    url: str
    is_chosen: bool


@desk_only
@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    """Every import, the newest first, a page at a time."""
    page = queries.runs_page(**position_in(request))
    if is_beyond_the_end(request, page):
        return redirect("desk-imports")
    context = {
        "runs": [Run.of(run) for run in page.rows],
        "days_kept": KEPT_FOR.days,
        **neighbours("desk-imports", page),
    }
    return render(request, "desk/imports.html", context)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Takes a customer's table in."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            run = operations.upload(
                file.read(),
                file_name=file.name,
                uploaded_by=account_of_session(request),
                now=clock.now(),
                origin=origin_of(request),
            )
        except TableRefused as refusal:
            form.say_why_not(refusal)
        else:
            return redirect("desk-import-columns", run.pk)
    return render(request, "desk/import_upload.html", {"form": form, "days_kept": KEPT_FOR.days})


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, number: int) -> HttpResponse:
    """Which column holds what; the dry run follows."""
    run = _run_or_404(number)
    if run.started_at or run.ended_at:
        return redirect("desk-import", number)
    preview, chooses_headings = queries.preview_of(run), "heading_row" in request.POST
    chooses_columns = request.method == "POST" and not chooses_headings
    headings_form = HeadingsForm(
        request.POST if chooses_headings else None, rows=preview.heading_rows, chosen=run.heading_row
    )
    form = ColumnsForm(
        request.POST if chooses_columns else None, headings=preview.headings, chosen=queries.layout_of(run).columns
    )
    form.fields["organisation_for_all"].initial = run.organisation
    if follows := _page_after_headings(run, headings_form) or _page_after_columns(run, form):
        return redirect(follows, number)
    context = {
        "run": Run.of(run),
        "form": form,
        "headings_form": headings_form,
        "preview": preview,
        "headings": named(preview.headings),
        "organisation_names": organisation_names(),
    }
    return render(request, "desk/import_columns.html", context)


def _page_after_headings(run: ImportRun, form: HeadingsForm) -> str:
    """What follows once a row of headings is chosen; nothing if none was, or it was refused."""
    if not form.is_valid():
        return ""
    try:
        operations.choose_headings(run, form.cleaned_data["heading_row"])
    except operations.NotThere:
        return "desk-import"
    except Refusal as refusal:
        form.say_why_not(refusal)
        return ""
    return "desk-import-columns"


def _page_after_columns(run: ImportRun, form: ColumnsForm) -> str:
    """What follows once the columns are chosen; nothing if none were, or they were refused."""
    if not form.is_valid():
        return ""
    try:
        operations.check(
            run, chosen=form.chosen, organisation=form.cleaned_data["organisation_for_all"], now=clock.now()
        )
    except operations.NotThere:
        return "desk-import"  # there stands what a colleague has done
    except Refusal as refusal:
        form.say_why_not(refusal)
        return ""
    return "desk-import"


@desk_only
@require_safe
def run(request: HttpRequest, number: int) -> HttpResponse:
    """An import as it stands: at work, checked, or over."""
    run = _run_or_404(number)
    return _page(request, run, StartForm(initial={"seen": queries.layout_of(run).digest}))


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, number: int) -> HttpResponse:
    """The import begins; whoever comes second sees how far it has come."""
    run = _run_or_404(number)
    form = StartForm(request.POST)
    if request.method == "POST" and form.is_valid():
        try:
            operations.start(
                run,
                letters=form.cleaned_data["letters"],
                on=form.cleaned_data["on"],
                seen=form.cleaned_data["seen"] or None,  # of a page from before an update
                started_by=account_of_session(request),
                now=clock.now(),
                origin=origin_of(request),
            )
        except operations.NotThere as there:
            messages.info(request, WHY_NOT_STARTED.get(RunState(there.run.state), STARTED_OR_ENDED))
            return redirect("desk-import", there.run.pk)
        except operations.CheckedOtherwise:
            messages.info(request, WHY_NOT_STARTED[RunState.CHECKED])
        except Refusal as refusal:
            form.say_why_not(refusal)
    if request.method != "POST" or form.is_valid():
        return redirect("desk-import", number)
    if form.cleaned_data["seen"] not in ("", queries.layout_of(run).digest):
        # A form beside a check it was not made for would be refused the next time, with nothing left to look at.
        messages.info(request, WHY_NOT_STARTED.get(RunState(run.state), STARTED_OR_ENDED))
        return redirect("desk-import", number)
    return _page(request, run, form)


@desk_only
@require_POST
def cancel(request: HttpRequest, number: int) -> HttpResponse:
    """Nothing more is imported; what is imported stays."""
    run = _run_or_404(number)
    try:
        operations.cancel(run, cancelled_by=account_of_session(request), now=clock.now(), origin=origin_of(request))
    except operations.NotThere:
        messages.info(request, _("This import has ended already."))
    return redirect("desk-import", number)


@desk_only
@require_safe
def result_file(request: HttpRequest, number: int) -> HttpResponse:
    """The customer's own file, with what became of each row."""
    run = _run_or_404(number)
    if run.state not in ENDED:
        raise Http404
    content = queries.marked_file(run, headings=words.headings(), word=words.result_in_words)
    if content is None:
        raise Http404
    is_workbook = content.startswith(b"PK")
    response = HttpResponse(content, content_type=XLSX if is_workbook else "text/csv")
    response["Content-Disposition"] = (
        f"attachment; filename*=UTF-8''{quote(_result_name(run, is_workbook=is_workbook))}"
    )
    return response


def _page(request: HttpRequest, run: ImportRun, form: StartForm) -> HttpResponse:
    state = RunState(run.state)
    if state is RunState.UPLOADED:
        return redirect("desk-import-columns", run.pk)
    context: dict[str, object] = {"run": Run.of(run), "form": form, "days_kept": KEPT_FOR.days}
    if state not in AT_WORK:
        if request.htmx:  # type: ignore[attr-defined]  # its middleware adds it
            # The page that looked for progress shows what has come of it.
            return HttpResponse(headers={"HX-Refresh": "true"})
        context |= _rows(request, run)
    if state is RunState.CHECKED:
        context["new_organisations"], context["new_organisation_count"] = queries.new_organisations(run)
    return render(request, PAGE_OF_STATE[state], context)


def _rows(request: HttpRequest, run: ImportRun) -> dict[str, object]:
    chosen = _verdict(request.GET.get("verdict", ""))
    page = queries.rows_page(run, verdict=chosen, **position_in(request))
    counts = run.imported or run.checked
    everything = Filter(_("all"), sum(counts.values()), _rows_url(run, None), is_chosen=chosen is None)
    filters = [
        Filter(words.verdict_in_words(verdict), count, _rows_url(run, verdict), is_chosen=verdict is chosen)
        for verdict in Verdict
        if (count := counts.get(verdict.value, 0))
    ]
    return {
        "lines": [Line.of(row, run) for row in page.rows],
        "filters": [everything, *filters] if counts else [],
        "importable": sum(
            count for verdict, count in counts.items() if verdict not in (Verdict.ERROR, Verdict.UNCHANGED)
        ),
        "errors": counts.get(Verdict.ERROR.value, 0),
        "errors_url": _rows_url(run, Verdict.ERROR),
        "next_page_url": page.next_after and _rows_url(run, chosen, after=page.next_after),
        "previous_page_url": page.previous_before and _rows_url(run, chosen, before=page.previous_before),
    }


def _rows_url(run: ImportRun, verdict: Verdict | None, **position: int) -> str:
    query = {"verdict": verdict.value, **position} if verdict else position
    return f"{reverse('desk-import', args=[run.pk])}{'?' if query else ''}{urlencode(query)}#rows"


def _run_or_404(number: int) -> ImportRun:
    run = queries.run_numbered(number) if number < 2**63 else None
    if run is None:
        raise Http404
    return run


def _name_of(account: Account | None) -> str:
    return account.name if account else str(NOBODY_KNOWN)


def _result_name(run: ImportRun, *, is_workbook: bool) -> str:
    stem = run.file_name.rpartition(".")[0] or run.file_name
    return f"{stem} – {words.headings()[0]}.{'xlsx' if is_workbook else 'csv'}"


def _verdict(text: str) -> Verdict | None:
    return Verdict(text) if text in set(Verdict) else None

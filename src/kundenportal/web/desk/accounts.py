from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenportal.domain.accounts.operations import RoleNotYours
from kundenportal.domain.accounts.rules import Kind, Role
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.queries.desk import NewestLetter, letter_standing
from kundenportal.domain.credentials.queries.door import state_of
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.directory import queries as directory
from kundenportal.domain.directory.operations import note_export
from kundenportal.domain.directory.rules import XLSX_ROWS_AT_MOST
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.organisations.queries import organisation_names
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, desk_only, leads_only
from kundenportal.web.shared.form_tokens import form_token
from kundenportal.web.shared.made_once import Differing, MadeOnce, PartMadeOnce
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.words import KINDS, ROLES

from .account import lead_to_check
from .files import csv_file, xlsx_file
from .forms import IssueAccessForm
from .leafing import address, number_in, way_back
from .mail_words import planned_in_words, server_words, why_it_did_not_arrive
from .wanted import headings, place_in, query_of, wanted_in
from .words import BEYOND_ROLE, CONDITIONS, LETTERS, STATES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from kundenportal.domain.credentials.queries.desk import AccountOnTheDesk
    from kundenportal.domain.directory.queries import DirectoryPage

FILES = {"csv": csv_file, "xlsx": xlsx_file}


def _more(known: Mapping[str, Any]) -> dict[str, object]:
    return {
        "conditions": [(each.value, label, each is known["condition"]) for each, label in CONDITIONS.items()],
        "headings": dict(known["headings"]),
        "export_urls": dict(known["export_urls"]),
    }


# Enough for the wishes that are common, in both languages and some colour schemes; each takes some 20 kB.
PAGE = MadeOnce("desk/accounts.html", most=128, more=_more)
ROW = PartMadeOnce("desk/accounts_row.html", most=256)


@dataclass(frozen=True)
class AccountRow:
    """An account as the table shows it."""

    name: str
    address: str
    kind_label: str
    role_label: str
    organisations: str
    state: AccountState
    state_label: str
    expires_at: datetime | None
    letter_state_label: str
    letter_trouble: str
    letter_answer: str
    may_send_first: bool
    may_send_again: bool
    account_id: int
    is_locked: bool
    last_signed_in_at: datetime | None
    opened_at: datetime

    @classmethod
    def of(cls, account: AccountOnTheDesk, *, now: datetime) -> AccountRow:
        """The row of an account with its letter."""
        state, letter = state_of(account, now=now), NewestLetter.of(account)
        standing = letter_standing(letter, state)
        waits_for_first_sign_in = state in {AccountState.ISSUED, AccountState.EXPIRED}
        return cls(
            name=account.name,
            address=account.address,
            kind_label=str(KINDS[Kind(account.kind)]),
            role_label=str(ROLES[Role(account.role)]),
            organisations=", ".join(account.organisation_names),
            state=state,
            state_label=str(STATES[state]),
            expires_at=account.initial_password_expires_at if waits_for_first_sign_in else None,
            letter_state_label=_letter_label(letter, now=now),
            letter_trouble=why_it_did_not_arrive(
                state=letter.state, server_answer=letter.answer, reported_status=letter.status
            ),
            letter_answer=server_words(answer=letter.answer, status=letter.status, words=letter.words),
            may_send_first=standing.waits_for_first_letter,
            may_send_again=standing.letter_is_lost,
            account_id=account.pk,
            is_locked=account.is_locked,
            last_signed_in_at=account.last_login,
            opened_at=account.opened_at,
        )


@desk_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """The accounts that are wanted, a page at a time; the whole wish stands in the address."""
    wanted, now = wanted_in(request), clock.now()
    after, before = place_in(request, "after", wanted), place_in(request, "before", wanted)
    page = directory.accounts_page(wanted, after=after, before=before, now=now)
    query = query_of(wanted)
    if not page.accounts and (after or before):
        return redirect(address("desk-accounts", **query))
    differing = Differing()
    response = PAGE.answer(
        request,
        "desk-accounts",
        differing,
        sought=wanted.text and differing(wanted.text),
        condition=wanted.condition,
        sort=query.get("sort", ""),
        headings=tuple((name, replace(each, url=differing(each.url))) for name, each in headings(wanted).items()),
        how_many=differing(_how_many(page)),
        are_alike=page.are_alike,
        rows=differing(_written_rows(request, page.accounts, now=now)) if page.accounts else "",
        next_page_url=page.next_after and differing(address("desk-accounts", **query, after=str(page.next_after))),
        previous_page_url=page.previous_before
        and differing(address("desk-accounts", **query, before=str(page.previous_before))),
        export_urls=tuple((name, differing(address("desk-accounts-export", **query, format=name))) for name in FILES),
    )
    patch_vary_headers(response, ["HX-Request"])
    if request.htmx:  # type: ignore[attr-defined]  # its middleware adds it
        # What was typed stands in the address, without the fields nothing was chosen in.
        response["HX-Replace-Url"] = address("desk-accounts", **query)
    return response


def _written_rows(request: HttpRequest, accounts: Sequence[AccountOnTheDesk], *, now: datetime) -> SafeString:
    csrf_token, here = form_token(request), request.get_full_path()
    moment = pgettext("date and time, short", "d/m/Y, H:i")
    # Looked up once: for each row it would take as long as everything else on it.
    before, _zero, behind = reverse("desk-account", args=[0]).partition("0")
    rows = (AccountRow.of(each, now=now) for each in accounts)
    return SafeString(
        "".join(
            _written(row, url=f"{before}{row.account_id}{behind}", csrf_token=csrf_token, here=here, moment=moment)
            for row in rows
        )
    )


def _written(row: AccountRow, *, url: str, csrf_token: str, here: str, moment: str) -> SafeString:
    differing = Differing()

    def time(at: datetime | None, form: str) -> tuple[str, str]:
        local = at and localtime(at)
        return (differing(local.isoformat()), differing(date_format(local, form))) if local else ("", "")

    ends_at, ends = time(row.expires_at, moment)
    signed_in_at, signed_in = time(row.last_signed_in_at, "SHORT_DATE_FORMAT")
    opened_at, opened = time(row.opened_at, "SHORT_DATE_FORMAT")
    return ROW.filled(
        differing,
        url=differing(url),
        account_id=differing(row.account_id),
        name=differing(row.name),
        address=differing(row.address),
        organisations=differing(row.organisations or "–"),
        state=row.state,
        state_label=row.state_label,
        is_locked=row.is_locked,
        ends_at=ends_at,
        ends=ends,
        letter=differing(row.letter_state_label or "–"),
        trouble=row.letter_trouble and differing(row.letter_trouble),
        answer=differing(row.letter_answer),
        may_send_first=row.may_send_first,
        may_send_again=row.may_send_again,
        signed_in_at=signed_in_at,
        signed_in=signed_in,
        opened_at=opened_at,
        opened=opened,
        role=differing(row.role_label),
        kind=differing(row.kind_label),
        csrf_token=differing(csrf_token),
        here=differing(here),
    )


@leads_only
@require_safe
def export_accounts(request: HttpRequest) -> HttpResponseBase:
    """The same accounts as a file, all of them, in the same order; the trail says that they were taken along."""
    wanted, now = wanted_in(request), clock.now()
    file_format = request.GET.get("format", "")
    if file_format not in FILES:
        raise Http404
    number = directory.number_of(wanted, now=now)
    if file_format == "xlsx" and number > XLSX_ROWS_AT_MOST:
        messages.info(
            request,
            _("An Excel file holds at most %(most)s accounts here. Save these as a CSV file: Excel opens it, too.")
            % {"most": number_format(XLSX_ROWS_AT_MOST)},
        )
        return redirect(address("desk-accounts", **query_of(wanted)))
    if request.method == "GET":  # nothing is sent to whoever only asks what would be
        staff, origin = account_of_session(request), origin_of(request)
        note_export(number, file_format=file_format, exported_by=staff, now=now, origin=origin)
    head = [
        *(_("Name"), _("E-mail address"), _("Organisation"), _("Kind"), _("State"), _("Password valid until")),
        *(_("Access letter"), _("Role"), _("Last sign-in"), _("Opened")),
    ]
    rows = (_cells(account, now=now) for account in directory.every_account(wanted, now=now))
    return FILES[file_format](_("accounts"), head, rows)


def _cells(account: AccountOnTheDesk, *, now: datetime) -> list[str]:
    row = AccountRow.of(account, now=now)
    state = f"{row.state_label}, {_('locked')}" if row.is_locked else row.state_label
    return [
        *(row.name, row.address, row.organisations, row.kind_label, state, _moment(row.expires_at)),
        *(row.letter_state_label, row.role_label, _moment(row.last_signed_in_at), _moment(row.opened_at)),
    ]


def _moment(at: datetime | None) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}" if at else ""


def _how_many(page: DirectoryPage) -> str:
    if page.are_more:
        return _("more than %(number)s accounts") % {"number": number_format(page.number)}
    return ngettext("%(number)s account", "%(number)s accounts", page.number) % {"number": number_format(page.number)}


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def issue_access(request: HttpRequest) -> HttpResponse:
    """Issues access to an address; the letter goes out by itself."""
    account = account_of_session(request)
    form = IssueAccessForm(request.POST if request.method == "POST" else None)
    form.offer_roles(Role(account.role))
    if form.is_bound and form.is_valid():
        try:
            issued = access.issue_access(
                **{"role": Role.CUSTOMER, **form.cleaned_data},
                issued_by=account,
                now=clock.now(),
                origin=origin_of(request),
            )
        except Refusal as refusal:
            form.say_why_not(refusal)
        else:
            messages.success(
                request, _("Access is issued. The letter goes to %(address)s.") % {"address": issued.address}
            )
            return redirect("desk-accounts")
    return render(request, "desk/issue_access.html", {"form": form, "organisation_names": organisation_names()})


@desk_only
@require_POST
def send_letter_again(request: HttpRequest) -> HttpResponse:
    """A new letter in place of one that failed."""
    account_id = number_in(request.POST.get("account", ""))
    try:
        account = access.send_letter_again(
            account_id or 0, sent_by=account_of_session(request), now=clock.now(), origin=origin_of(request)
        )
    except RoleNotYours:
        messages.info(request, BEYOND_ROLE)
    except access.LetterOnItsWay:
        messages.info(request, _("That letter need not be sent again: look at its state in the list."))
    except access.CheckFirst as over:
        return lead_to_check(request, over.account)
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
    else:
        messages.success(request, _("A new letter goes to %(address)s.") % {"address": account.address})
    return redirect(way_back(request, "desk-accounts"))


def _letter_label(letter: NewestLetter, *, now: datetime) -> str:
    if not letter.state:
        return ""
    return planned_in_words(letter.state, due_at=letter.due_at, now=now) or str(LETTERS[MailState(letter.state)])

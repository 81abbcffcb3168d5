from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenportal.domain.accounts.operations import RoleNotYours
from kundenportal.domain.accounts.rules import Kind, Role
from kundenportal.domain.credentials import queries as credentials
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.rules.account_states import AccountState, account_state
from kundenportal.domain.mail.rules import DID_NOT_ARRIVE
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.organisations.queries import organisation_names
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.origin import origin_of

from .forms import IssueAccessForm
from .leafing import number_in, way_back
from .mail_words import why_it_did_not_arrive
from .words import KINDS, LETTERS, ROLES, STATES

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.credentials.queries import AccountOnTheDesk


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

    @classmethod
    def of(cls, account: AccountOnTheDesk, *, now: datetime) -> AccountRow:
        """The row of an account with its letter."""
        state = account_state(
            suspended_at=account.suspended_at,
            first_signed_in_at=account.first_signed_in_at,
            initial_password_expires_at=account.initial_password_expires_at,
            now=now,
        )
        waits_for_first_sign_in = state in {AccountState.ISSUED, AccountState.EXPIRED}
        return cls(
            name=account.name,
            address=account.address,
            kind_label=str(KINDS[Kind(account.kind)]),
            role_label=str(ROLES[Role(account.role)]),
            organisations=", ".join(organisation.name for organisation in account.organisations.all()),
            state=state,
            state_label=str(STATES[state]),
            expires_at=account.initial_password_expires_at if waits_for_first_sign_in else None,
            letter_state_label=_letter_label(account, now=now),
            letter_trouble=why_it_did_not_arrive(
                state=account.letter_state,
                server_answer=account.letter_answer,
                reported_status=account.letter_status,
            ),
            letter_answer=" ".join(filter(None, (account.letter_status, account.letter_words)))
            or account.letter_answer
            or "",
            may_send_first=waits_for_first_sign_in and not account.letter_state,
            may_send_again=waits_for_first_sign_in and account.letter_state in DID_NOT_ARRIVE,
            account_id=account.pk,
        )


@desk_only
@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    """Every account, the newest first, a page at a time."""
    sought, now = request.GET.get("q", "").strip(), clock.now()
    after, before = number_in(request.GET.get("after", "")), number_in(request.GET.get("before", ""))
    page = credentials.accounts_page(sought=sought, after=after, before=before)
    if not page.accounts and (after is not None or before is not None):
        return redirect(_page_url(q=sought))
    context = {
        "accounts": [AccountRow.of(account, now=now) for account in page.accounts],
        "q": sought,
        "next_page_url": page.next_after and _page_url(q=sought, after=page.next_after),
        "previous_page_url": page.previous_before and _page_url(q=sought, before=page.previous_before),
    }
    return render(request, "desk/accounts.html", context)


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
        messages.info(request, _("This account is beyond what your role may change."))
    except access.LetterOnItsWay:
        messages.info(request, _("That letter need not be sent again: look at its state in the list."))
    except ObjectDoesNotExist as unknown:
        raise Http404 from unknown
    else:
        messages.success(request, _("A new letter goes to %(address)s.") % {"address": account.address})
    return redirect(way_back(request, "desk-accounts"))


def _letter_label(account: AccountOnTheDesk, *, now: datetime) -> str:
    if not account.letter_state:
        return ""
    if account.letter_state == MailState.WAITING and account.letter_due_at and account.letter_due_at > now:
        return _("goes out on %(date)s") % {"date": date_format(localtime(account.letter_due_at), "SHORT_DATE_FORMAT")}
    return str(LETTERS[MailState(account.letter_state)])


def _page_url(*, q: str, **position: int) -> str:
    query = {"q": q, **position} if q else position
    return f"{reverse('desk-accounts')}?{urlencode(query)}" if query else reverse("desk-accounts")

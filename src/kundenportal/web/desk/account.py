"""One account: how it stands, what happened to it, and what may be done for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import Kind, Language, Role, may_delete, may_give
from kundenportal.domain.audit.queries import Sought, trail_page
from kundenportal.domain.credentials import queries as credentials
from kundenportal.domain.credentials.operations import deletions, lockouts, resets
from kundenportal.domain.credentials.operations import steps as operations
from kundenportal.domain.credentials.rules.account_states import AccountState, expiries
from kundenportal.domain.credentials.rules.steps import ASKS_WHO_IT_IS, SENDS_LETTER, Step, next_step, steps
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.organisations.queries import organisation_names
from kundenportal.domain.worklist.queries import waiting_about
from kundenportal.kernel import clock
from kundenportal.kernel.browsers import browser_named
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.telephones import telephone_uri
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.language import LANGUAGES
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.words import KINDS, ROLES

from .calls import send_code
from .forms import CorrectAddressForm, DetailsForm, IdentityForm, RoleForm, StepForm
from .hands import changes_hands
from .history import happenings, with_expiries
from .kept import entries_in, kept_entries
from .leafing import number_in
from .mail_words import why_it_did_not_arrive
from .waiting_words import told_of
from .words import LETTERS, STATES, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.models import AccessLetter
    from kundenportal.domain.credentials.queries import AccountFile
    from kundenportal.domain.worklist.queries import Waiting
    from kundenportal.kernel.origin import Origin

    from .waiting_words import Told


BEYOND_ROLE = gettext_lazy("This account is beyond what your role may change.")


@desk_only
@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """The whole file of one account."""
    file, staff = _file(account_id), account_of_session(request)
    may_act = _may_act(staff, file.account)
    page = trail_page(Sought(subject_ids={account_id}), before=number_in(request.GET.get("before", "")))
    context = {
        "file": file,
        "account": file.account,
        "state_label": STATES[file.state],
        "kind_label": KINDS[Kind(file.account.kind)],
        "role_label": ROLES[Role(file.account.role)],
        "telephone_uri": telephone_uri(file.account.telephone),
        "language_label": LANGUAGES[Language(file.account.language)],
        "waits_for_first_sign_in": file.state in {AccountState.ISSUED, AccountState.EXPIRED},
        "waiting": _waiting(file.account),
        "steps": [_offer(step, file) for step in _steps(staff, file)] if may_act else [],
        "may_act": may_act,
        "may_send_link": may_act and file.state is AccountState.ACTIVE,
        "may_change_role": may_act and staff.leads_desk,
        "letters": [_LetterRow.of(letter) for letter in file.letters],
        "browsers": [(browser_named(each.user_agent), each) for each in file.known_browsers],
        "sessions": [(browser_named(each.user_agent), each) for each in file.sessions],
        "happenings": with_expiries(
            happenings(page.entries),
            _expiries(file),
            is_newest="before" not in request.GET,
            is_oldest=page.next_before is None,
        ),
        "older_url": page.next_before and f"{request.path}?before={page.next_before}#history",
        "is_newest": "before" not in request.GET,
    }
    return render(request, "desk/account.html", context)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, account_id: int, step: str) -> HttpResponse:
    """One thing that may be done for the account: what will happen, how the caller was verified, and the button."""
    file, staff = _file(account_id), account_of_session(request)
    doing = DOINGS.get(step)
    if doing is None:
        raise Http404
    if not _may_act(staff, file.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    if doing.step not in _steps(staff, file):
        messages.info(request, _("That is not needed any more: look at how the account stands now."))
        return redirect("desk-account", account_id)
    form = doing.form(request.POST) if request.method == "POST" else doing.form(initial=kept_entries(request))
    form.be_about(file.account)
    if "send-code" in request.POST:
        return send_code(request, account_id, form)
    if changes_hands(request):
        form = doing.form(initial=entries_in(request, form))
        form.be_about(file.account)
    if form.is_bound and form.is_valid():
        try:
            doing.do(account_id, form, Acting(staff, clock.now(), origin_of(request)))
        except Refusal as refusal:
            form.say_why_not(refusal)
        except ObjectDoesNotExist as gone:  # deleted at this very moment
            raise Http404 from gone
        else:
            messages.success(request, doing.done % {"address": _file(account_id).account.address})
            return redirect("desk-account", account_id)
    context = {
        "form": form,
        "account": file.account,
        "waiting": _waiting(file.account),
        "title": STEPS[doing.step],
        "what_happens": doing.what_happens,
        "asks_identity": doing.step in ASKS_WHO_IT_IS,
        "step": doing.step,
        "organisation_names": organisation_names() if doing.step is Step.CHANGE_DETAILS else [],
    }
    return render(request, doing.template, context)


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def role(request: HttpRequest, account_id: int) -> HttpResponse:
    """What the account may do from now on."""
    file, staff = _file(account_id), account_of_session(request)
    if not staff.leads_desk or not _may_act(staff, file.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    form = RoleForm(request.POST if request.method == "POST" else None, initial={"role": file.account.role})
    form.offer_roles(Role(staff.role))
    if form.is_bound and form.is_valid():
        wanted = Role(form.cleaned_data["role"])
        try:
            accounts.change_role(file.account, wanted, changed_by=staff, now=clock.now(), origin=origin_of(request))
        except accounts.RoleNotYours:
            messages.info(request, BEYOND_ROLE)
        else:
            messages.success(request, _("The role is now: %(role)s.") % {"role": ROLES[wanted]})
        return redirect("desk-account", account_id)
    return render(request, "desk/role.html", {"form": form, "account": file.account})


@desk_only
@require_POST
def send_link(request: HttpRequest, account_id: int) -> HttpResponse:
    """The way to a new password goes to the account's own address; staff never see it."""
    file, staff = _file(account_id), account_of_session(request)
    address = {"address": file.account.address}
    if not _may_act(staff, file.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    if file.state is not AccountState.ACTIVE:
        messages.info(request, _("That is not needed any more: look at how the account stands now."))
        return redirect("desk-account", account_id)
    try:
        resets.send_link(file.account, sent_by=staff, now=clock.now(), origin=origin_of(request))
    except resets.LinkOnItsWay:
        messages.info(request, _("A link for a new password is on its way to %(address)s already.") % address)
    else:
        messages.success(request, _("A link for a new password goes to %(address)s.") % address)
    return redirect("desk-account", account_id)


@dataclass(frozen=True)
class Acting:
    """Who does something at the desk, when and from where."""

    by: Account
    now: datetime
    origin: Origin


@dataclass(frozen=True)
class Doing:
    """A step as staff take it."""

    step: Step
    form: type[StepForm]
    do: Callable[[int, Any, Acting], object]
    what_happens: object
    done: Any
    template: str = "desk/step.html"


def _issue_again(account_id: int, form: IdentityForm, acting: Acting) -> None:
    operations.issue_again(
        account_id, stated=form.identity(), issued_by=acting.by, now=acting.now, origin=acting.origin
    )


def _correct(account_id: int, form: CorrectAddressForm, acting: Acting) -> None:
    address, stated = form.cleaned_data["address"], form.identity()
    operations.correct_address(
        account_id, address, stated=stated, corrected_by=acting.by, now=acting.now, origin=acting.origin
    )


def _change_details(account_id: int, form: DetailsForm, acting: Acting) -> None:
    operations.change_details(
        account_id,
        form.details(),
        stated=form.identity(),
        changed_by=acting.by,
        now=acting.now,
        origin=acting.origin,
    )


def _unlock(account_id: int, form: IdentityForm, acting: Acting) -> None:
    lockouts.unlock(account_id, stated=form.identity(), unlocked_by=acting.by, now=acting.now, origin=acting.origin)


def _restore(account_id: int, form: IdentityForm, acting: Acting) -> None:
    operations.restore(account_id, stated=form.identity(), restored_by=acting.by, now=acting.now, origin=acting.origin)


def _end_sessions(account_id: int, form: StepForm, acting: Acting) -> None:
    accounts.end_sessions(_file(account_id).account, ended_by=acting.by, now=acting.now, origin=acting.origin)


def _suspend(account_id: int, form: StepForm, acting: Acting) -> None:
    operations.suspend(account_id, suspended_by=acting.by, now=acting.now, origin=acting.origin)


def _delete(account_id: int, form: IdentityForm, acting: Acting) -> None:
    deletions.decide(account_id, stated=form.identity(), decided_by=acting.by, now=acting.now, origin=acting.origin)


def _take_down_request(account_id: int, form: StepForm, acting: Acting) -> None:
    operations.take_down_request(account_id, taken_down_by=acting.by, now=acting.now, origin=acting.origin)


DOINGS = {
    doing.step.value: doing
    for doing in (
        Doing(
            Step.ISSUE_AGAIN,
            IdentityForm,
            _issue_again,
            gettext_lazy(
                "A new access letter with a new initial password goes to the address we know. "
                "Every earlier initial password stops working."
            ),
            gettext_lazy("A new letter goes to %(address)s."),
        ),
        Doing(
            Step.TAKE_DOWN_REQUEST,
            StepForm,
            _take_down_request,
            gettext_lazy(
                "The four weeks are over. Somebody has called and asks for new access: the request is noted, "
                "confirmed by e-mail, and waits to be decided like any other."
            ),
            gettext_lazy("The request is noted and waits to be decided."),
        ),
        Doing(
            Step.CORRECT_ADDRESS,
            CorrectAddressForm,
            _correct,
            gettext_lazy(
                "From now on the new address is the sign-in name, and the old one is told that it no longer is. "
                "Whoever has not signed in yet, and still may, is sent a new access letter. Of an account in use "
                "the password stays, all sessions end, and the new address is told, too."
            ),
            gettext_lazy("The account now belongs to %(address)s."),
        ),
        Doing(
            Step.CHANGE_DETAILS,
            DetailsForm,
            _change_details,
            gettext_lazy(
                "Name, telephone number and organisations. Whoever acts for an organisation reads what is for it; "
                "the telephone number is where the owner is called back."
            ),
            gettext_lazy("The details of %(address)s are changed."),
        ),
        Doing(
            Step.UNLOCK,
            IdentityForm,
            _unlock,
            gettext_lazy("The wrong entries are forgiven. The right password leads in again."),
            gettext_lazy("%(address)s can sign in again."),
        ),
        Doing(
            Step.RESTORE,
            IdentityForm,
            _restore,
            gettext_lazy("The account can sign in again as before. If it was to be deleted, it is not."),
            gettext_lazy("%(address)s can sign in again."),
        ),
        Doing(
            Step.END_SESSIONS,
            StepForm,
            _end_sessions,
            gettext_lazy("Whoever is signed in with this account, on whichever device, has to sign in again."),
            gettext_lazy("%(address)s is signed out everywhere."),
        ),
        Doing(
            Step.SUSPEND,
            StepForm,
            _suspend,
            gettext_lazy(
                "The account cannot sign in any more, and whoever is signed in is signed out. "
                "Nothing is deleted; you can restore it at any time."
            ),
            gettext_lazy("%(address)s is suspended."),
        ),
        Doing(
            Step.DELETE,
            IdentityForm,
            _delete,
            gettext_lazy("The account is suspended at once and deleted in two weeks. Until then you can restore it."),
            gettext_lazy("%(address)s is suspended and will be deleted."),
            template="desk/delete.html",
        ),
    )
}


@dataclass(frozen=True)
class _Offer:
    """A step as the page offers it."""

    step: Step
    label: object
    url: str
    is_next: bool


def _offer(step: Step, file: AccountFile) -> _Offer:
    if step is Step.DECIDE and file.open_check is not None:
        url = reverse("desk-check", args=[file.open_check.pk])
    elif step in SENDS_LETTER:
        url = ""  # a button of its own
    else:
        url = reverse("desk-account-step", args=[file.account.pk, step.value])
    return _Offer(step, STEPS[step], url, is_next=step is next_step(file.standing))


def _steps(staff: Account, file: AccountFile) -> list[Step]:
    """What whoever is at the desk may do; to delete is for those who lead it."""
    deletes = may_delete(Role(staff.role), Role(file.account.role))
    return [step for step in steps(file.standing) if deletes or step is not Step.DELETE]


def _expiries(file: AccountFile) -> list[datetime]:
    letters = [(letter.issued_at, letter.expires_at) for letter in file.letters]
    return expiries(letters, first_signed_in_at=file.account.first_signed_in_at, now=clock.now())


@dataclass(frozen=True)
class _LetterRow:
    """An access letter and how far it has come."""

    issued_at: datetime
    issued_by: str
    state_label: object
    trouble: str
    answer: str
    attempts: int
    next_attempt_at: datetime | None

    @classmethod
    def of(cls, letter: AccessLetter) -> _LetterRow:
        """The row of a letter."""
        mail = letter.mail
        return cls(
            issued_at=letter.issued_at,
            issued_by=letter.issued_by.name if letter.issued_by else "",
            state_label=LETTERS[MailState(mail.state)],
            trouble=why_it_did_not_arrive(
                state=mail.state, server_answer=mail.server_answer, reported_status=mail.reported_status
            ),
            answer=" ".join(filter(None, (mail.reported_status, mail.reported_words))) or mail.server_answer,
            attempts=mail.attempts,
            next_attempt_at=mail.next_attempt_at if mail.attempts else None,
        )


def _waiting(account: Account) -> list[tuple[Told, Waiting]]:
    """What waits about the account, in words, and who is at work on it."""
    return [(told_of(each), each) for each in waiting_about(account, now=clock.now())]


def _file(account_id: int) -> AccountFile:
    file = credentials.account_file(account_id, now=clock.now())
    if file is None:
        raise Http404
    return file


def _may_act(staff: Account, account: Account) -> bool:
    return staff.pk != account.pk and may_give(Role(staff.role), Role(account.role))

"""What may be done for an account: each step says what will happen, asks what it needs, and is taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import Role
from kundenportal.domain.credentials.operations import deletions, lockouts, resets
from kundenportal.domain.credentials.operations import steps as operations
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.steps import ASKS_WHO_IT_IS, Step
from kundenportal.domain.organisations.queries import organisation_names
from kundenportal.kernel import clock
from kundenportal.kernel.refusal import Refusal
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.words import ROLES

from .account import file_of, steps_for, waiting_in_words
from .calls import send_code
from .forms import CorrectAddressForm, DetailsForm, IdentityForm, RoleForm, StepForm
from .hands import changes_hands
from .kept import entries_in, kept_entries
from .words import BEYOND_ROLE, STEPS

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.origin import Origin


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, account_id: int, step: str) -> HttpResponse:
    """One thing that may be done for the account: what will happen, how the caller was verified, and the button."""
    file, staff = file_of(account_id), account_of_session(request)
    doing = DOINGS.get(step)
    if doing is None:
        raise Http404
    if not staff.may_act_on(file.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    if doing.step not in steps_for(staff, file):
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
            messages.success(request, doing.done % {"address": file_of(account_id).account.address})
            return redirect("desk-account", account_id)
    context = {
        "form": form,
        "account": file.account,
        "waiting": waiting_in_words(file.account),
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
    file, staff = file_of(account_id), account_of_session(request)
    if not staff.leads_desk or not staff.may_act_on(file.account):
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
    file, staff = file_of(account_id), account_of_session(request)
    address = {"address": file.account.address}
    if not staff.may_act_on(file.account):
        messages.info(request, BEYOND_ROLE)
        return redirect("desk-account", account_id)
    if file.state is not AccountState.ACTIVE:
        messages.info(request, _("That is not needed any more: look at how the account stands now."))
        return redirect("desk-account", account_id)
    try:
        resets.send_link(file.account, sent_by=staff, now=clock.now(), origin=origin_of(request))
    except accounts.RoleNotYours:
        messages.info(request, BEYOND_ROLE)
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
    accounts.end_sessions(file_of(account_id).account, ended_by=acting.by, now=acting.now, origin=acting.origin)


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
                "An access letter that still holds, is planned or is on its way goes out anew, to the new address. "
                "Of an account in use the password stays, all sessions end, and the new address is told, too."
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

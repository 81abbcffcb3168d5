"""One account: how it stands, and what happened to it; what may be done for it, `steps` does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenportal.domain.accounts.rules import Kind, Language, Role, may_delete
from kundenportal.domain.audit.queries import Sought, trail_page
from kundenportal.domain.credentials.queries.desk import account_file
from kundenportal.domain.credentials.rules.account_states import AccountState, expiries
from kundenportal.domain.credentials.rules.steps import SENDS_LETTER, Step, next_step, steps
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.worklist.queries import waiting_about
from kundenportal.kernel import clock
from kundenportal.kernel.browsers import browser_named
from kundenportal.kernel.telephones import telephone_uri
from kundenportal.web.shared.access import account_of_session, desk_only
from kundenportal.web.shared.language import LANGUAGES
from kundenportal.web.shared.words import KINDS, ROLES

from .history import happenings, with_expiries
from .leafing import number_in
from .mail_words import planned_in_words, server_words, why_it_did_not_arrive
from .waiting_words import told_of
from .words import LETTERS, STATES, STEPS

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.credentials.models import AccessLetter
    from kundenportal.domain.credentials.queries.desk import AccountFile
    from kundenportal.domain.worklist.queries import Waiting

    from .waiting_words import Told


def lead_to_check(request: HttpRequest, account: Account) -> HttpResponse:
    """Says why there is no other letter after the four weeks, where the next step is."""
    messages.info(
        request,
        _("No letter is sent: the four weeks are over, and new access wants a check. The next step stands here."),
    )
    return redirect("desk-account", account.pk)


@desk_only
@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """The whole file of one account."""
    file, staff = file_of(account_id), account_of_session(request)
    acts = staff.may_act_on(file.account)
    page = trail_page(Sought(subject_ids={account_id}), after=number_in(request.GET.get("after", "")))
    context = {
        "file": file,
        "account": file.account,
        "state_label": STATES[file.state],
        "kind_label": KINDS[Kind(file.account.kind)],
        "role_label": ROLES[Role(file.account.role)],
        "telephone_uri": telephone_uri(file.account.telephone),
        "language_label": LANGUAGES[Language(file.account.language)],
        "waits_for_first_sign_in": file.state in {AccountState.ISSUED, AccountState.EXPIRED},
        "waiting": waiting_in_words(file.account),
        "steps": [_offer(step, file) for step in steps_for(staff, file)] if acts else [],
        "may_act": acts,
        "may_send_link": acts and file.state is AccountState.ACTIVE,
        "may_change_role": acts and staff.leads_desk,
        "letters": [_LetterRow.of(letter, now=clock.now()) for letter in file.letters],
        "browsers": [(browser_named(each.user_agent), each) for each in file.known_browsers],
        "sessions": [(browser_named(each.user_agent), each) for each in file.sessions],
        "happenings": with_expiries(
            happenings(page.rows),
            _expiries(file),
            is_newest="after" not in request.GET,
            is_oldest=page.next_after is None,
        ),
        "older_url": page.next_after and f"{request.path}?after={page.next_after}#history",
        "is_newest": "after" not in request.GET,
    }
    return render(request, "desk/account.html", context)


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


def steps_for(staff: Account, file: AccountFile) -> list[Step]:
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
    def of(cls, letter: AccessLetter, *, now: datetime) -> _LetterRow:
        """The row of a letter."""
        mail = letter.mail
        return cls(
            issued_at=letter.issued_at,
            issued_by=letter.issued_by.name if letter.issued_by else "",
            state_label=planned_in_words(mail.state, due_at=mail.queued_at, now=now) or LETTERS[MailState(mail.state)],
            trouble=why_it_did_not_arrive(
                state=mail.state, server_answer=mail.server_answer, reported_status=mail.reported_status
            ),
            answer=server_words(answer=mail.server_answer, status=mail.reported_status, words=mail.reported_words),
            attempts=mail.attempts,
            next_attempt_at=mail.next_attempt_at if mail.attempts else None,
        )


def waiting_in_words(account: Account) -> list[tuple[Told, Waiting]]:
    """What waits about the account, in words, and who is at work on it."""
    return [(told_of(each), each) for each in waiting_about(account, now=clock.now())]


def file_of(account_id: int) -> AccountFile:
    """What the desk has on the account; raises Http404 where there is none."""
    file = account_file(account_id, now=clock.now())
    if file is None:
        raise Http404
    return file

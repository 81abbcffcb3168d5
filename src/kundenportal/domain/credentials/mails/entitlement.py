from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.mails import must_still_reach
from kundenportal.domain.credentials import proofs
from kundenportal.domain.credentials.models import EntitlementCheck, Question
from kundenportal.domain.credentials.queries.expired import expired_access_of
from kundenportal.domain.credentials.rules.entitlement import LINK_LIFETIME, CheckState
from kundenportal.domain.mail import kinds

from .texts import rendered

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

ENTITLEMENT_REQUESTED = "entitlement_requested"
ENTITLEMENT_DECLINED = "entitlement_declined"
ENTITLEMENT_QUESTION = "entitlement_question"


class EntitlementRequestedKind(kinds.PlainKind):
    """Confirms that the request for new access has come in."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Who asked."""
        return EntitlementCheck.objects.select_related("account").get(requested_mail=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Says what happens next; not needed once somebody has decided."""
        check = _only(EntitlementCheck.objects.filter(requested_mail=mail, state=CheckState.OPEN), mail)
        return rendered("entitlement_requested", check.account, check=check)


class EntitlementDeclinedKind(kinds.PlainKind):
    """Says that no new access is issued, and why."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Who asked."""
        return EntitlementCheck.objects.select_related("account").get(decided_mail=mail).account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Leads to the page where one may ask again; not needed where there is nothing more to ask for."""
        check = _only(EntitlementCheck.objects.filter(decided_mail=mail, state=CheckState.DECLINED), mail)
        expired = expired_access_of(check.account, now=now)
        if expired is None:
            raise kinds.NotNeeded
        return rendered(
            "entitlement_declined",
            check.account,
            check=check,
            link=proofs.link_to_page(expired, now=now),
            link_until=now + LINK_LIFETIME,
        )


class EntitlementQuestionKind(kinds.PlainKind):
    """Asks back before staff decide."""

    def concerns(self, mail: OutgoingMail) -> Account:
        """Who is asked."""
        return Question.objects.select_related("about__account").get(mail=mail).about.account

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """The question in staff's own words; not needed once somebody has decided."""
        question = Question.objects.select_related("about__account").get(mail=mail)
        check = question.about
        if check.state != CheckState.OPEN:
            raise kinds.NotNeeded
        must_still_reach(check.account, mail)
        return rendered("entitlement_question", check.account, check=check, question=question)


kinds.register(ENTITLEMENT_REQUESTED, EntitlementRequestedKind())
kinds.register(ENTITLEMENT_DECLINED, EntitlementDeclinedKind())
kinds.register(ENTITLEMENT_QUESTION, EntitlementQuestionKind())


def _only(still_so: QuerySet[EntitlementCheck], mail: OutgoingMail) -> EntitlementCheck:
    """The check a mail is about; what the mail says no longer holds if there is none that still stands so."""
    check = still_so.select_related("account").first()
    if check is None:
        raise kinds.NotNeeded
    must_still_reach(check.account, mail)
    return check

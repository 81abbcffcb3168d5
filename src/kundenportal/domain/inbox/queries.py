from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q

from kundenportal.kernel.leafing import newest_first

from .models import MailboxState, ReceivedMail
from .rules.keeping import Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from kundenportal.domain.credentials.models import EntitlementCheck
    from kundenportal.kernel.leafing import Page

PAGE_SIZE = 50
SET_ASIDE_SHOWN = 200
TO_BE_LOOKED_AT = Q(outcome=Outcome.SET_ASIDE, seen_to_at__isnull=True)


def letters_of_a_day(sender: str, *, now: datetime) -> int:
    """How many mails from this address led to something within the last day."""
    return ReceivedMail.objects.filter(
        sender=sender,
        received_at__gt=now - timedelta(days=1),
        outcome__in=(Outcome.CHECK_OPENED, Outcome.CHECK_ADDED_TO, Outcome.INTAKE),
    ).count()


def mails_to_be_looked_at() -> QuerySet[ReceivedMail]:
    """What was set aside and nobody has put away yet."""
    return ReceivedMail.objects.filter(TO_BE_LOOKED_AT)


def set_aside_mails() -> Sequence[ReceivedMail]:
    """The same, the newest first."""
    return list(mails_to_be_looked_at().order_by("-pk")[:SET_ASIDE_SHOWN])


def received_mails(*, after: int | None = None, before: int | None = None) -> Page[ReceivedMail]:
    """What came in and needs nobody's look, the newest first."""
    found = ReceivedMail.objects.exclude(TO_BE_LOOKED_AT).select_related("mail", "entitlement_check", "intake")
    return newest_first(found, after=after, before=before, size=PAGE_SIZE)


def received_mail(received_id: int) -> ReceivedMail | None:
    """One mail that came in, with everything that came of it."""
    return (
        ReceivedMail.objects.select_related("mail", "entitlement_check__account", "intake", "seen_to_by")
        .filter(pk=received_id)
        .first()
    )


def mails_about(check: EntitlementCheck) -> Sequence[ReceivedMail]:
    """What whoever asks for new access has written, in the order in which it came in."""
    return list(check.mails_received.order_by("pk"))


def mailbox(name: str) -> MailboxState | None:
    """How the mailbox of that name stands; None if nobody has ever looked into it."""
    return MailboxState.objects.filter(name=name).first()

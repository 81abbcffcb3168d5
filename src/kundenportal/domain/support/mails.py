"""What this domain says by mail. Importing it makes its kind known to `mail.delivery`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.mails import must_still_reach, rendered
from kundenportal.domain.mail import kinds

from .models import Intake

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

INTAKE_TAKEN = "intake_taken"


class IntakeTakenKind(kinds.PlainKind):
    """Confirms to the owner of an account that a request was taken down, and under which reference."""

    def concerns(self, mail: OutgoingMail) -> Account | None:
        """Whoever sent the request."""
        intake = _confirmed_by(mail)
        return intake.account if intake else None

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Quotes nothing of the request; not needed once the intake or the account is gone."""
        intake = _confirmed_by(mail)
        if intake is None or intake.account is None:
            raise kinds.NotNeeded
        must_still_reach(intake.account, mail)
        return rendered("support/intake_taken", intake.account, intake=intake)


kinds.register(INTAKE_TAKEN, IntakeTakenKind())


def _confirmed_by(mail: OutgoingMail) -> Intake | None:
    return Intake.objects.select_related("account").filter(confirmation=mail).first()

from __future__ import annotations

from typing import TYPE_CHECKING

from kundenportal.domain.accounts.mails import must_still_reach
from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials import keys
from kundenportal.domain.credentials.models import CallerCode
from kundenportal.domain.credentials.rules import identity
from kundenportal.domain.mail import kinds

from .texts import rendered

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account
    from kundenportal.domain.mail.models import OutgoingMail

CALLER_CODE = "caller_code"


class CallerCodeKind(kinds.PlainKind):
    """The mail with a code to read out on the telephone. The code is made here and kept nowhere in clear."""

    def concerns(self, mail: OutgoingMail) -> Account | None:
        """Whose code it is, unless another one has been asked for since."""
        return _account_behind(mail)

    def write(self, mail: OutgoingMail, *, now: datetime) -> kinds.Letter:
        """Makes a new code, which replaces every earlier one; not needed once another one has been asked for."""
        asked_for = CallerCode.objects.select_for_update().select_related("account").filter(mail=mail).first()
        if asked_for is None:
            raise kinds.NotNeeded
        must_still_reach(asked_for.account, mail)
        code = identity.generate_code()
        asked_for.keyed_hash = keys.caller_code_key(identity.normalised_code(code), asked_for.account_id)
        asked_for.expires_at, asked_for.attempts = now + identity.CODE_MAIL_LIFETIME, 0
        asked_for.save(update_fields=["keyed_hash", "expires_at", "attempts"])
        return rendered("caller_code", asked_for.account, secrets=(code,), code=code, expires_at=asked_for.expires_at)

    def handed_over(self, mail: OutgoingMail, *, now: datetime) -> None:
        """Part of the account's history."""
        account = _account_behind(mail)
        if account is not None:
            audit.record(Event.CALLER_CODE_HANDED_OVER, subject=account, now=now)


kinds.register(CALLER_CODE, CallerCodeKind())


def _account_behind(mail: OutgoingMail) -> Account | None:
    code = CallerCode.objects.select_related("account").filter(mail=mail).first()
    return code.account if code else None

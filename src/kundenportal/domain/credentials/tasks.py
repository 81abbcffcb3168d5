from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from procrastinate.contrib.django import app

from kundenportal.domain.mail import operations as mail
from kundenportal.kernel import clock
from kundenportal.kernel.connections import own_connection

from .mails import LOCKED_OUT
from .models import Lockout

if TYPE_CHECKING:
    from datetime import datetime


@app.task(queue="mail", name="credentials.tell_owner_of_lockout")
def tell_owner_of_lockout(lockout_id: int) -> None:
    """Queues the one mail of a lockout, if the name is anybody's; here, so that it costs whoever knocks no time."""
    with own_connection():
        queue_mail_of_lockout(lockout_id, now=clock.now())


def queue_mail_of_lockout(lockout_id: int, *, now: datetime) -> None:
    """The same for any caller; a lockout whose mail is queued already gets no second one."""
    with transaction.atomic():
        untold = Lockout.objects.filter(pk=lockout_id, account__isnull=False, mail__isnull=True)
        lockout = untold.select_for_update(of=("self",)).select_related("account").first()
        if lockout is not None and lockout.account is not None:
            lockout.mail = mail.queue(LOCKED_OUT, recipient=lockout.account.address, now=now)
            lockout.save(update_fields=["mail"])

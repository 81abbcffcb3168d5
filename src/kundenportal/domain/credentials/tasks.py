from __future__ import annotations

from django.db import close_old_connections, transaction
from procrastinate.contrib.django import app

from kundenportal.domain.mail import operations as mail
from kundenportal.kernel import clock

from .mails import LOCKED_OUT
from .models import Lockout


@app.task(queue="mail", name="credentials.tell_owner_of_lockout")
def tell_owner_of_lockout(lockout_id: int) -> None:
    """Queues the one mail of a lockout, if the name is anybody's; here, so that it costs whoever knocks no time."""
    close_old_connections()
    try:
        _queue_mail_of(lockout_id)
    finally:
        close_old_connections()


def _queue_mail_of(lockout_id: int) -> None:
    with transaction.atomic():
        untold = Lockout.objects.filter(pk=lockout_id, account__isnull=False, mail__isnull=True)
        lockout = untold.select_for_update(of=("self",)).select_related("account").first()
        if lockout is not None and lockout.account is not None:
            lockout.mail = mail.queue(LOCKED_OUT, recipient=lockout.account.address, now=clock.now())
            lockout.save(update_fields=["mail"])

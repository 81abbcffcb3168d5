"""Accounts whose letters lie in Django's outbox, and browsers in which their holders sit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.core import mail
from django.core.mail import get_connection
from django.test import Client

from factories.accounts import OWN_PASSWORD, chooses, enters, issued, suspended
from factories.resets import token_in
from kundenportal.domain.accounts.rules import Kind
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State
from kundenportal.kernel import clock

if TYPE_CHECKING:
    from datetime import datetime

    from kundenportal.domain.accounts.models import Account

    from .pages import Response

ADDRESS = "buero@musterland.example.org"


@dataclass(frozen=True)
class Holder:
    """An account, and the password its holder knows."""

    account: Account
    password: str

    @property
    def address(self) -> str:
        """The sign-in name."""
        return self.account.address


def issue(address: str = ADDRESS, *, now: datetime | None = None, **particulars: Any) -> Account:
    """An account whose letter is still queued."""
    return issued(address, now=now or clock.now(), **{"kind": Kind.INSTITUTIONAL, **particulars})


def letter_holder(address: str = ADDRESS, *, now: datetime | None = None, **particulars: Any) -> Holder:
    """An account whose letter has gone out at `now`, and whose holder has not signed in yet."""
    instant = now or clock.now()
    account = issue(address, now=instant, **particulars)
    deliver_due_mails(clock=lambda: instant)
    return Holder(account, password_in_letter(address))


def newcomer(address: str = ADDRESS, *, now: datetime | None = None, **particulars: Any) -> Holder:
    """An account whose holder has signed in once, and still with the password that was sent."""
    instant = now or clock.now()
    holder = letter_holder(address, now=instant, **particulars)
    return Holder(enters(address, holder.password, now=instant), holder.password)


def settled(address: str = ADDRESS, *, now: datetime | None = None, **particulars: Any) -> Holder:
    """An account whose holder has chosen OWN_PASSWORD."""
    instant = now or clock.now()
    account = newcomer(address, now=instant, **particulars).account
    chooses(account, OWN_PASSWORD, now=instant)
    return Holder(account, OWN_PASSWORD)


def too_late(address: str = ADDRESS, *, now: datetime | None = None, **particulars: Any) -> Holder:
    """An account whose four weeks have been over for a day at `now`, and whose holder still has the password."""
    return letter_holder(address, now=(now or clock.now()) - timedelta(days=29), **particulars)


def suspend(holder: Holder) -> Holder:
    """The same holder, whose account may not sign in from now on."""
    suspended(holder.account, now=clock.now())
    return holder


def refused_for_good(account: Account, answer: str = "550 5.1.1 gone") -> Account:
    """The same account, whose newest letter the mail server will never take."""
    newest = AccessLetter.objects.filter(account=account).latest("pk")
    OutgoingMail.objects.filter(pk=newest.mail_id).update(
        state=State.FAILED, next_attempt_at=None, server_answer=answer
    )
    AccessLetter.objects.filter(pk=newest.pk).update(keyed_hash="")
    return account


def password_in_letter(address: str) -> str:
    """The password in the newest letter to that address."""
    letters = [str(each.body) for each in mail.outbox if each.to == [address]]
    found = re.search(r"^(?:Passwort|Password):\s+(\S+)$", letters[-1], re.MULTILINE)
    assert found, letters[-1]
    return found[1]


def reset_link_in_mail(address: str) -> str:
    """The path of the newest link to that address by which a forgotten password is replaced."""
    mails = [str(each.body) for each in mail.outbox if each.to == [address]]
    return f"/password/choose/{token_in(mails[-1])}/"


def asks_for_link(address: str = ADDRESS) -> str:
    """Somebody asks for a link, it goes out, and this is its path."""
    Client().post("/password/forgotten/", {"address": address})
    deliver_due_mails(clock=clock.now)
    return reset_link_in_mail(address)


def capture_mail() -> None:
    """What has been sent so far lies in the demonstration's folder."""
    get_connection("kundenportal.domain.mail.capture.CaptureBackend").send_messages(mail.outbox)


def sign_in(holder: Holder, client: Client | None = None, **more: str) -> Client:
    """A browser in which the holder has signed in."""
    browser = client or Client()
    response = attempt(browser, holder.address, holder.password, **more)
    assert response.status_code == 302, response.content.decode()
    return browser


def attempt(client: Client, address: str, password: str, **more: str) -> Response:
    """The answer to an address and a password."""
    return client.post("/sign-in/", {"address": address, "password": password, **more})


def is_signed_in(client: Client) -> bool:
    """Whether this browser is let in where only accounts are."""
    return client.get("/profile/").status_code == 200

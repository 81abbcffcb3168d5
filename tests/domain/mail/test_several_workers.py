"""Workers that know nothing of one another share the mails among them, and take over from the dead."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from factories.accounts import AT_HOME, NOW, enters, issued
from factories.mail_server import TAKEN, MailServer, ReceivedMail
from factories.notices import Notices, queued
from factories.threads import SECONDS_TO_MEET, meanwhile, together
from kundenportal.domain.audit.events import Event
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import AccessLetter
from kundenportal.domain.credentials.operations.access import issue_initial_password
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.mail import delivery, handover
from kundenportal.domain.mail.delivery import claim_due_mail, deliver_due_mails
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import LEASE, State

if TYPE_CHECKING:
    from types import ModuleType

    from kundenportal.domain.accounts.models import Account

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 4
MAILS = 50
SOON, LATER = NOW + timedelta(minutes=1), NOW + LEASE


def now() -> datetime:
    return NOW


def later() -> datetime:
    return LATER


class Once:
    """Lets something happen the first time it is passed, and only then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return self._lock.acquire(blocking=False)


def test_of_fifty_mails_each_is_handed_over_once(
    mail_server: MailServer, notices: Notices, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(MAILS):
        queued(f"kunde{number}@example.org")
    # Every worker stands between choosing its first mail and claiming it until all of them do. Without a lock
    # they would have chosen the same one; if a locked one were waited for, they would never meet.
    all_have_chosen = threading.Barrier(WORKERS, timeout=SECONDS_TO_MEET)
    has_met = threading.local()
    save = OutgoingMail.save

    def meet_and_save(mail: OutgoingMail, **options: Any) -> None:
        if not getattr(has_met, "others", False):
            has_met.others = True
            all_have_chosen.wait()
        save(mail, **options)

    monkeypatch.setattr(OutgoingMail, "save", meet_and_save)
    counts = together([lambda: deliver_due_mails(clock=now)] * WORKERS)
    assert all(isinstance(count, int) and count > 0 for count in counts), counts
    assert sum(count for count in counts if isinstance(count, int)) == MAILS
    assert Counter(mail.recipient for mail in mail_server.received) == {
        f"kunde{number}@example.org": 1 for number in range(MAILS)
    }
    assert set(OutgoingMail.objects.values_list("state", "attempts")) == {(State.HANDED_OVER, 1)}
    assert Counter(notices.handed) == {mail.pk: 1 for mail in OutgoingMail.objects.all()}


def test_a_mail_being_written_is_not_taken_from_a_worker_who_is_slow_but_alive(
    mail_server: MailServer, notices: Notices
) -> None:
    claims: list[OutgoingMail | None] = []
    notices.before_writing = lambda _: claims.append(meanwhile(lambda: claim_due_mail(now=LATER)))
    queued("anna@example.org")
    assert deliver_due_mails(clock=now) == 1
    assert claims == [None]
    assert len(mail_server.received) == 1


@pytest.mark.parametrize("answer", ["550 No such user", "451 Later", None])
def test_a_worker_back_from_the_dead_does_not_spoil_what_another_has_achieved(
    answer: str | None, mail_server: MailServer, notices: Notices
) -> None:
    first = Once()

    def overtaken(mail: ReceivedMail) -> str | None:
        if not first:
            return TAKEN
        assert meanwhile(lambda: deliver_due_mails(clock=later)) == 1
        return answer

    mail_server.says_to_mail = overtaken
    mail = queued("anna@example.org")
    assert deliver_due_mails(clock=now) == 0
    mail.refresh_from_db()
    assert (mail.state, mail.handed_over_at, mail.server_answer) == (State.HANDED_OVER, LATER, "")
    assert (notices.handed, notices.given_up) == ([mail.pk], [])


# The same with access letters: only one of several passwords may work, and it must be in the letter made last.


def falls_asleep_before(module: ModuleType, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first worker sleeps before that step until its lease is over and another has seen to the mail."""
    original, first = getattr(module, step), Once()

    def overtaken(*arguments: Any, **options: Any) -> Any:
        if first:
            meanwhile(lambda: deliver_due_mails(clock=later))
            assert not OutgoingMail.objects.exclude(state=State.HANDED_OVER).exists()
        return original(*arguments, **options)

    monkeypatch.setattr(module, step, overtaken)


def falls_asleep_in_the_middle_of_the_mail(mail_server: MailServer) -> None:
    first = Once()

    def overtaken(_: ReceivedMail) -> str:
        if first:
            assert meanwhile(lambda: deliver_due_mails(clock=later)) == 1
        return TAKEN

    mail_server.says_to_mail = overtaken


def works(account: Account, password: str) -> bool:
    try:
        enters(account.address, password, now=LATER)
    except EntryWrong:
        return False
    return True


@pytest.mark.parametrize(("step", "letters"), [("_write", 1), ("hand_over", 2), ("the middle of the mail", 2)])
def test_only_the_letter_made_last_works_wherever_a_worker_slept_past_its_lease(
    step: str, letters: int, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = issued()
    if step == "the middle of the mail":
        falls_asleep_in_the_middle_of_the_mail(mail_server)
    else:
        falls_asleep_before(handover, step, monkeypatch)
    assert deliver_due_mails(clock=now) == 0, "the sleeper takes credit for a mail that is no longer its own"

    received = mail_server.mails_to(account.address)
    assert len(received) == letters
    made_last = max(received, key=lambda mail: "10:05:00 Uhr" in mail.text)
    assert "10:05:00 Uhr" in made_last.text
    for mail in received:
        if mail is not made_last:
            assert "10:00:00 Uhr" in mail.text
            assert not works(account, mail.password)
    letter = AccessLetter.objects.select_related("mail").get(account=account)
    assert letter.expires_at == LATER + timedelta(days=28)
    assert (letter.mail.state, letter.mail.handed_over_at) == (State.HANDED_OVER, LATER)
    assert works(account, made_last.password)


@pytest.mark.parametrize(("step", "many"), [("note_hand_over", False), ("_note_together", True)])
def test_what_a_sleeper_has_handed_over_another_notes_and_nobody_notes_it_again(
    step: str,
    many: bool,  # noqa: FBT001
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts = [issued() for _ in range(2 if many else 1)]
    OutgoingMail.objects.update(is_one_of_many=many)
    falls_asleep_before(delivery if many else handover, step, monkeypatch)
    assert deliver_due_mails(clock=now) == 0
    for account in accounts:
        (received,) = mail_server.mails_to(account.address)
        letter = AccessLetter.objects.select_related("mail").get(account=account)
        assert (letter.mail.state, letter.mail.handed_over_at) == (State.HANDED_OVER, NOW)
        assert letter.expires_at == NOW + timedelta(days=28)
        assert works(account, received.password)
    assert Entry.objects.filter(event=Event.ACCESS_LETTER_HANDED_OVER).count() == len(accounts)


@pytest.mark.parametrize("issued_anew_at", [SOON, LATER], ids=["the first notes", "the other notes"])
@pytest.mark.parametrize(("step", "many"), [("note_hand_over", False), ("_note_together", True)])
def test_of_access_issued_anew_before_the_first_letter_is_noted_the_new_letter_alone_works(
    step: str,
    many: bool,  # noqa: FBT001
    issued_anew_at: datetime,
    mail_server: MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accounts = [issued() for _ in range(2 if many else 1)]
    OutgoingMail.objects.update(is_one_of_many=many)
    module, passed = delivery if many else handover, Once()
    note = getattr(module, step)

    def issue_anew() -> int:
        for account in accounts:
            issue_initial_password(account, issued_by=None, now=issued_anew_at, origin=AT_HOME)
        OutgoingMail.objects.filter(state=State.WAITING).update(is_one_of_many=many)
        return deliver_due_mails(clock=lambda: issued_anew_at)

    def note_afterwards(*arguments: Any, **options: Any) -> Any:
        if passed:
            assert meanwhile(issue_anew) == len(accounts)
        return note(*arguments, **options)

    monkeypatch.setattr(module, step, note_afterwards)
    assert deliver_due_mails(clock=now) == (len(accounts) if issued_anew_at == SOON else 0)
    for account in accounts:
        first, second = mail_server.mails_to(account.address)
        old, new = AccessLetter.objects.select_related("mail").filter(account=account).order_by("pk")
        assert {old.mail.state, new.mail.state} == {State.HANDED_OVER}
        assert (old.keyed_hash, old.mail.handed_over_at) == ("", NOW)
        assert new.expires_at == issued_anew_at + timedelta(days=28)
        assert not works(account, first.password)
        assert works(account, second.password)

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, TypedDict, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.core import signing
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, Exists, F, FilteredRelation, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.queries import OpenSession, open_sessions_of
from kundenportal.domain.accounts.rules import normalised_address
from kundenportal.domain.mail.rules import State, blames_address
from kundenportal.kernel.composed import Composed

from . import guard, keys
from .models import (
    AccessLetter,
    AddressChange,
    Deletion,
    EntitlementCheck,
    KnownBrowser,
    Lockout,
    PasswordReset,
    Question,
    Reminder,
)
from .rules import entitlement, resets
from .rules.account_states import AccountState, account_state
from .rules.entitlement import CheckState, Renewal
from .rules.lockout import LOCKOUT_LINK_LIFETIME
from .rules.resets import LinkState
from .rules.steps import LOST_LETTERS, Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django_stubs_ext import WithAnnotations

    from kundenportal.domain.mail.models import OutgoingMail
    from kundenportal.kernel.composed import Held

    from .rules.reminders import Span

    class LiveInitialPassword(TypedDict):
        """What the live initial password's letter says; None where there is none."""

        initial_password_hash: str | None
        initial_password_expires_at: datetime | None

    class LiveLetter(LiveInitialPassword):
        letter: dict[str, str] | None
        is_locked: bool
        organisation_names: list[str]

    AccountAtTheDoor = WithAnnotations[Account, LiveInitialPassword]
    AccountOnTheDesk = WithAnnotations[Account, LiveLetter]

LOCKOUT_SALT = "kundenportal.lockout"
PAGE_SIZE = 50
INITIAL_PASSWORD = ("initial_password_hash", "initial_password_expires_at")
ON_THE_DESK = (*INITIAL_PASSWORD, "letter", "is_locked", "organisation_names")


def account_at_the_door(address: str) -> AccountAtTheDoor | None:
    """Account and live initial password by one query, the same one for every address there is or is not."""
    rows = _at_the_door().rows(address=_storable(normalised_address(address)))
    return _read_at_the_door(rows[0]) if rows else None


def knock(address: str, *values: Held) -> tuple[tuple[Any, ...], AccountAtTheDoor | None]:
    """What guard.KNOCK returns when it is carried out with these values, and `account_at_the_door`; for guard.knock."""
    counted, row = _knock()(*values, address=_storable(normalised_address(address)))
    return counted, _read_at_the_door(row) if row else None


@cache
def _knock() -> Callable[..., tuple[tuple[Any, ...], dict[str, Any] | None]]:
    return _at_the_door().within(guard.KNOCK)


def _read_at_the_door(row: dict[str, Any]) -> AccountAtTheDoor:
    account = cast("AccountAtTheDoor", Account.read(row))
    for name in INITIAL_PASSWORD:
        setattr(account, name, row[name])
    return account


@cache
def _at_the_door() -> Composed:
    def compose(*, address: str) -> QuerySet[Any, Any]:
        found: QuerySet[Any, Any] = _with_initial_password().filter(address=address)
        return found.values(*Account.columns(), *INITIAL_PASSWORD)

    return Composed(compose, address=str)


def access_was_issued(account: Account, *, now: datetime) -> bool:
    """Whether there is a letter whose time has come; an account may be opened without, or for a later day."""
    return (
        account.first_signed_in_at is not None
        or AccessLetter.objects.filter(account=account, mail__queued_at__lte=now).exists()
    )


def known_browser_key(address: str, browser_id: str) -> str:
    """The key of this browser if the account of that address has signed in with it before; empty if not."""
    if not browser_id:
        return ""
    key = keys.browser_key(browser_id)
    return key if _known().rows(key=key, address=_storable(normalised_address(address))) else ""


@cache
def _known() -> Composed:
    def compose(*, key: str, address: str) -> QuerySet[KnownBrowser, Any]:
        return KnownBrowser.objects.filter(key=key, account__address=address).values("key")

    return Composed(compose, key=str, address=str)


def known_browser_id(address: str, browser_ids: Sequence[str]) -> str:
    """That of these ids by which the account of the address knows a browser; empty if it knows none of them."""
    by_key = {keys.browser_key(browser_id): browser_id for browser_id in browser_ids}
    if not by_key:
        return ""
    known = KnownBrowser.objects.filter(key__in=by_key, account__address=_storable(normalised_address(address)))
    return by_key.get(known.values_list("key", flat=True).first() or "", "")


def lockout_token(lockout_id: int) -> str:
    """What leads the owner of a locked account to the page about it."""
    return signing.dumps(lockout_id, salt=LOCKOUT_SALT)


def own_lockouts(account: Account, *, since: datetime) -> ArraySubquery:
    """The lockouts the account's owner has not disowned, the newest first: `pk` and `begun_at`."""
    begun = Lockout.objects.filter(account=account, begun_at__gte=since, disowned_at__isnull=True)
    return ArraySubquery(begun.order_by("-begun_at").values(said=JSONObject(pk="pk", begun_at="begun_at")))


def lockout_told_of(token: str) -> Lockout | None:
    """The lockout of that token, as long as its mail may be acted upon."""
    try:
        lockout_id = signing.loads(token, salt=LOCKOUT_SALT, max_age=LOCKOUT_LINK_LIFETIME)
    except signing.BadSignature:
        return None
    return Lockout.objects.select_related("account", "mail").filter(pk=lockout_id, account__isnull=False).first()


@dataclass(frozen=True)
class ResetLink:
    """A link by which a forgotten password is replaced, as it stands at some instant.

    Without an account, it is unknown, or went to an address its account no longer has.
    """

    state: LinkState
    account: Account | None = None


def reset_link(token: str, *, now: datetime) -> ResetLink:
    """The link with this token; looking at it changes nothing."""
    row = PasswordReset.objects.select_related("mail").filter(token_hash=keys.reset_key(token)).first()
    if row is None:
        return ResetLink(LinkState.UNKNOWN)
    account = _with_initial_password().get(pk=row.account_id)
    if row.mail.recipient != account.address:
        # Whoever reads the mail of an address that was corrected learns nothing of the account any more.
        return ResetLink(LinkState.SUPERSEDED)
    dates = resets.Dates(row.expires_at, row.used_at, row.superseded_at)
    return ResetLink(resets.link_state(dates, state_of(account, now=now), now=now), account)


def state_of(account: AccountAtTheDoor, *, now: datetime) -> AccountState:
    """How the account stands."""
    return account_state(
        suspended_at=account.suspended_at,
        first_signed_in_at=account.first_signed_in_at,
        initial_password_expires_at=account.initial_password_expires_at,
        now=now,
    )


_LETTER = JSONObject(
    state="mail__state",
    answer="mail__server_answer",
    status="mail__reported_status",
    words="mail__reported_words",
    due_at="mail__queued_at",
)


def accounts_on_the_desk() -> QuerySet[AccountOnTheDesk]:
    """Every account, with what a list says of it: for whom it acts, how letter and password stand, its lockout."""
    acts_for = Membership.objects.filter(account=OuterRef("pk")).order_by("organisation__name")
    newest = AccessLetter.objects.filter(account=OuterRef("pk")).order_by("-issued_at", "-pk")
    return _with_initial_password().annotate(
        letter=Subquery(newest.values(said=_LETTER)[:1]),
        is_locked=Exists(open_lockouts().filter(account=OuterRef("pk"))),
        # To have Django fetch the organisations takes as long as everything else about an account.
        organisation_names=ArraySubquery(acts_for.values("organisation__name")),
    )


def accounts_with_numbers(numbers: Iterable[int], database: str = DEFAULT_DB_ALIAS) -> dict[int, AccountOnTheDesk]:
    """Those of the accounts on the desk that still are, by their numbers, which may be some hundred."""
    rows = _accounts_with_numbers(database).rows(numbers=f"{{{','.join(map(str, numbers))}}}")
    return {row["id"]: _account_of(row) for row in rows}


@cache
def _accounts_with_numbers(database: str) -> Composed:
    def compose(*, numbers: str) -> QuerySet[Account, Any]:
        # One value, whatever their number.
        template = "(%(expressions)s::bigint[]))"
        is_one = Func(F("pk"), Value(numbers), template=template, arg_joiner=" = ANY (", output_field=BooleanField())
        rows: QuerySet[Account, Any] = accounts_on_the_desk().filter(is_one).values(*Account.columns(), *ON_THE_DESK)
        return rows.using(database)

    return Composed(compose, numbers=str)


def _account_of(row: dict[str, Any]) -> AccountOnTheDesk:
    account = cast("AccountOnTheDesk", Account.read(row))
    for name in ON_THE_DESK:
        setattr(account, name, row[name])
    return account


@dataclass(frozen=True)
class NewestLetter:
    """Where an account's newest letter stands; everything is empty where it has none."""

    state: str = ""
    answer: str = ""
    status: str = ""
    words: str = ""
    due_at: datetime | None = None

    @classmethod
    def of(cls, account: AccountOnTheDesk) -> NewestLetter:
        """The letter as it was read with the account."""
        if account.letter is None:
            return cls()
        read = account.letter
        due_at = datetime.fromisoformat(read["due_at"])
        return cls(read["state"], read["answer"], read["status"], read["words"], due_at)


@dataclass(frozen=True)
class AccountFile:
    """Everything the desk has on one account, but for its history."""

    account: AccountOnTheDesk
    state: AccountState
    letters: Iterable[AccessLetter]
    lockout: Lockout | None
    open_check: EntitlementCheck | None
    known_browsers: Iterable[KnownBrowser]
    sessions: Sequence[OpenSession]
    deletion: Deletion | None

    @property
    def standing(self) -> Standing:
        """What matters for the steps that may be taken."""
        return replace(
            letter_standing(self.account, self.state),
            is_locked=self.lockout is not None,
            check_is_open=self.open_check is not None,
            is_signed_in=bool(self.sessions),
            is_to_be_deleted=self.deletion is not None,
        )


def letter_standing(account: AccountOnTheDesk, state: AccountState) -> Standing:
    """What matters for the steps that may be taken, as far as the newest letter tells: enough for a list."""
    letter = NewestLetter.of(account)
    return Standing(
        state,
        has_letter=bool(letter.state),
        letter_failed=letter.state in LOST_LETTERS,
        address_seems_right=not blames_address(server_answer=letter.answer, reported_status=letter.status),
    )


def account_file(account_id: int, *, now: datetime) -> AccountFile | None:
    """What the desk has on the account; None if there is none."""
    account = accounts_on_the_desk().filter(pk=account_id).first()
    if account is None:
        return None
    return AccountFile(
        account,
        state_of(account, now=now),
        letters=account.access_letters.select_related("mail", "issued_by").order_by("-issued_at", "-pk")[:PAGE_SIZE],
        lockout=account.lockouts.filter(lifted_at__isnull=True).order_by("begun_at").first(),
        open_check=account.entitlement_checks.filter(state=CheckState.OPEN).first(),
        known_browsers=account.known_browsers.order_by("-last_used_at")[:PAGE_SIZE],
        sessions=open_sessions_of(account, now=now),
        deletion=account.deletions.filter(taken_back_at__isnull=True).first(),
    )


def accounts_to_delete(*, now: datetime) -> QuerySet[Account]:
    """Those whose deletion nobody has taken back in time."""
    due = Deletion.objects.filter(account=OuterRef("pk"), taken_back_at__isnull=True, due_at__lte=now)
    return Account.objects.filter(Exists(due)).order_by("pk")


def addresses_of(account: Account) -> set[str]:
    """The address of the account, and those it had before which are nobody else's now."""
    former = set(AddressChange.objects.filter(account=account).values_list("before", flat=True))
    others = Account.objects.filter(address__in=former).exclude(pk=account.pk)
    return {account.address, *former} - set(others.values_list("address", flat=True))


def open_checks() -> QuerySet[EntitlementCheck]:
    """The checks nobody has decided yet."""
    return EntitlementCheck.objects.filter(state=CheckState.OPEN).select_related("account", "first_approved_by")


def check_with_number(check_id: int) -> EntitlementCheck | None:
    """The check, with whoever it concerns."""
    concerned = ("account", "decided_by", "first_approved_by")
    return EntitlementCheck.objects.select_related(*concerned).filter(pk=check_id).first()


def questions_about(check: EntitlementCheck) -> Iterable[Question]:
    """What staff have asked back, in the order of asking."""
    return check.questions.select_related("asked_by", "mail").order_by("asked_at", "pk")


def questions() -> QuerySet[Question]:
    """Whatever staff have asked back."""
    return Question.objects.all()


def reminders() -> QuerySet[Reminder]:
    """Whatever reminds of an access letter, sent or on its way."""
    return Reminder.objects.all()


def links_since_lockout() -> QuerySet[PasswordReset]:
    """Of a lockout: the links for a new password that its account has been sent meanwhile."""
    return PasswordReset.objects.filter(account=OuterRef("account"), mail__queued_at__gte=OuterRef("begun_at"))


def open_lockouts() -> QuerySet[Lockout]:
    """The lockouts of accounts that nobody has lifted."""
    return lockouts_not_lifted().filter(account__suspended_at__isnull=True).select_related("account")


def lockouts_not_lifted() -> QuerySet[Lockout]:
    """The same, suspended accounts included."""
    return Lockout.objects.filter(lifted_at__isnull=True, account__isnull=False)


def letters_ending(since: datetime, until: datetime) -> QuerySet[AccessLetter]:
    """The letters whose initial password ends after the one instant and by the other, while nobody has used it."""
    return AccessLetter.objects.filter(
        ~Q(keyed_hash=""),
        mail__state=State.HANDED_OVER,
        expires_at__gt=since,
        expires_at__lte=until,
        account__suspended_at__isnull=True,
    ).select_related("account")


def letters_that_ended(now: datetime) -> QuerySet[AccessLetter]:
    """The letters whose initial password has ended, while nobody has used it and no newer one is written."""
    return AccessLetter.objects.filter(~Q(keyed_hash=""), expires_at__lte=now)


def letters_on_their_way() -> QuerySet[AccessLetter]:
    """The letters that have not been handed to the mail server yet and still may."""
    return AccessLetter.objects.filter(mail__state__in=(State.WAITING, State.SENDING))


def _with_initial_password() -> QuerySet[AccountAtTheDoor]:
    return Account.objects.annotate(
        live_letter=FilteredRelation("access_letters", condition=~Q(access_letters__keyed_hash="")),
        initial_password_hash=F("live_letter__keyed_hash"),
        initial_password_expires_at=F("live_letter__expires_at"),
    )


def letters_that_did_not_arrive() -> QuerySet[AccessLetter]:
    """The newest letters of accounts still waiting for their first sign-in that failed or came back."""
    return (
        newest_letters_lost()
        .filter(account__first_signed_in_at__isnull=True, account__suspended_at__isnull=True)
        .select_related("account", "mail")
    )


def newest_letters_lost() -> QuerySet[AccessLetter]:
    """The same of all accounts, also of those that need no letter any more."""
    newer = AccessLetter.objects.filter(account=OuterRef("account"), pk__gt=OuterRef("pk"))
    return AccessLetter.objects.filter(~Exists(newer), mail__state__in=LOST_LETTERS)


def letters_to_be_sent_again(mail_ids: Sequence[int]) -> dict[int, int]:
    """Which of these mails are access letters in place of which a new one may be sent, and to which account."""
    letters = letters_that_did_not_arrive().filter(mail__in=mail_ids)
    return dict(letters.values_list("mail_id", "account_id"))


def letters_to_be_reminded_of(span: Span, *, now: datetime) -> QuerySet[AccessLetter]:
    """The letters whose password ends within the span and which nobody was reminded of so urgently, soonest first."""
    as_urgent = Reminder.objects.filter(letter=OuterRef("pk"), days_before__lte=span.days_before)
    return (
        _letters_worth_a_reminder(now)
        .filter(~Exists(as_urgent), expires_at__gt=span.after, expires_at__lte=span.until)
        .select_related("account")
        .order_by("expires_at")
    )


def reminder_still_worth_sending(mail: OutgoingMail, *, now: datetime) -> Reminder | None:
    """The reminder that mail is to carry; None once its letter has had its day, or a more urgent one is queued."""
    more_urgent = Reminder.objects.filter(letter=OuterRef("letter"), days_before__lt=OuterRef("days_before"))
    return (
        Reminder.objects.filter(~Exists(more_urgent), mail=mail, letter__in=_letters_worth_a_reminder(now))
        .select_related("letter__account", "letter__mail")
        .first()
    )


def _letters_worth_a_reminder(now: datetime) -> QuerySet[AccessLetter]:
    # A first sign-in, or a newer letter once it is written, has emptied the hash.
    # While a newer letter is on its way, a reminder would send its reader looking for the wrong one.
    newer = AccessLetter.objects.filter(
        account=OuterRef("account"), pk__gt=OuterRef("pk"), mail__state__in=(State.WAITING, State.SENDING)
    )
    return AccessLetter.objects.filter(
        ~Q(keyed_hash=""),
        ~Exists(newer),
        mail__state=State.HANDED_OVER,
        expires_at__gt=now,
        account__suspended_at__isnull=True,
    )


def _storable(text: str) -> str:
    # What the database cannot hold is written out: it is looked for in vain, at the usual cost, and is no error.
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


@dataclass(frozen=True)
class ExpiredAccess:
    """An account that never signed in while its initial password worked, and how far its renewal has come."""

    account: Account
    letter_id: int
    expired_at: datetime
    renewal: Renewal
    last_check: EntitlementCheck | None

    @property
    def may_be_requested(self) -> bool:
        """Whether its owner may ask for new access."""
        return entitlement.may_be_requested(AccountState.EXPIRED, self.renewal)


def expired_access_of(account: Account, *, now: datetime) -> ExpiredAccess | None:
    """The account's expired access; None if its access has not expired."""
    return _expired_access(AccessLetter.objects.filter(account=account), now=now)


def expired_access_by_letter(letter_id: int, *, now: datetime) -> ExpiredAccess | None:
    """The expired access this letter gave; None if the letter is not, or no longer, the one that counts."""
    return _expired_access(AccessLetter.objects.filter(pk=letter_id), now=now)


def _expired_access(letters: QuerySet[AccessLetter], *, now: datetime) -> ExpiredAccess | None:
    letter = letters.exclude(keyed_hash="").select_related("account").first()
    if letter is None or letter.expires_at is None or _state_of(letter, now=now) is not AccountState.EXPIRED:
        return None
    checks = EntitlementCheck.objects.filter(account=letter.account, requested_at__gte=letter.issued_at)
    last = checks.order_by("requested_at", "pk").last()
    stands = entitlement.renewal(
        last_check=CheckState(last.state) if last else None,
        letter_on_its_way=AccessLetter.objects.filter(
            account=letter.account, mail__state__in=(State.WAITING, State.SENDING)
        ).exists(),
    )
    return ExpiredAccess(letter.account, letter.pk, letter.expires_at, stands, last)


def _state_of(letter: AccessLetter, *, now: datetime) -> AccountState:
    return account_state(
        suspended_at=letter.account.suspended_at,
        first_signed_in_at=letter.account.first_signed_in_at,
        initial_password_expires_at=letter.expires_at,
        now=now,
    )

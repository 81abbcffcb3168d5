from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, DIGEST_LENGTH
from kundenportal.kernel.origin import USER_AGENT_MAX_LENGTH

from .rules.entitlement import QUESTION_MAX_LENGTH, REASON_MAX_LENGTH, CheckState, Route
from .rules.lockout import WRONG_ENTRIES_BEFORE_LOCKOUT

LIVE_LINK = Q(used_at__isnull=True, superseded_at__isnull=True)  # of a PasswordReset, should its time not be over


class AccessLetter(models.Model):
    """One issuing of access: the letter that carried, or will carry, an initial password.

    `keyed_hash` is empty until the sending worker has made a password, and again once that password is dead:
    spent by a first sign-in, superseded by a newer letter's, or sent to an address that was corrected. `runs_out_at` is
    four weeks after the hand-over, and `expires_at` the same but for maintenance in the way (`operations.countdowns`).
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="access_letters")
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    keyed_hash = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    runs_out_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # The check whose approval this letter confirms; most letters come without one.
    confirms = models.OneToOneField("EntitlementCheck", models.SET_NULL, null=True, related_name="letter")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=~Q(keyed_hash=""),
                include=["expires_at"],  # whether an account's access has expired is read from the index alone
                name="one_live_initial_password_per_account",
            ),
            models.CheckConstraint(
                condition=Q(keyed_hash="") | Q(expires_at__isnull=False),
                name="a_live_initial_password_expires",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(runs_out_at__isnull=False, expires_at__gte=F("runs_out_at")),
                name="maintenance_shortens_no_countdown",
            ),
        ]
        indexes = [
            # Without it, a database that has not counted its rows yet looks for the newest among the letters of all.
            models.Index(fields=["account", "-id"], name="newest_letters_of_accounts"),
            models.Index(fields=["expires_at"], name="live_letters_by_expiry", condition=~Q(keyed_hash="")),
        ]

    def __str__(self) -> str:
        return f"access letter to account {self.account_id}"


class Reminder(models.Model):
    """One mail that reminds of an access letter whose initial password ends in so many days."""

    letter = models.ForeignKey(AccessLetter, models.CASCADE, related_name="reminders")
    days_before = models.PositiveSmallIntegerField()
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["letter", "days_before"], name="one_reminder_per_letter_and_day"),
        ]

    def __str__(self) -> str:
        return f"reminder of letter {self.letter_id}, {self.days_before} days before its end"


class GuessCount(models.Model):
    """How many guesses at one sign-in name are wrong or being checked, in browsers nobody knows or in a known one.

    There is a row only while there is something to count. Changed by `guard` only, and only if it is still as it was
    when it was read (`version`). The name is a keyed hash: unknown names are counted exactly like known ones, and no
    list of tried names is kept.
    """

    name_key = models.CharField(max_length=DIGEST_LENGTH)
    browser_key = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    # Whose name it is, as of the last guess; nobody's most of the time when somebody tries names out.
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    wrong = models.PositiveSmallIntegerField(default=0)
    pending = ArrayField(models.DateTimeField(), default=list)
    changed_at = models.DateTimeField()
    version = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name_key", "browser_key"], name="one_count_per_name_and_browser"),
            models.CheckConstraint(
                condition=Q(wrong__lte=WRONG_ENTRIES_BEFORE_LOCKOUT - Func("pending", function="cardinality")),
                name="never_more_guesses_than_lead_to_a_lockout",
            ),
        ]
        indexes = [models.Index(fields=["changed_at"], name="guess_counts_by_age")]

    def __str__(self) -> str:
        return f"{self.wrong} wrong, {len(self.pending)} pending"


class KnownBrowser(models.Model):
    """A browser in which an account has signed in before; strangers' wrong entries do not lock it out."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="known_browsers")
    key = models.CharField(max_length=DIGEST_LENGTH)
    user_agent = models.CharField(max_length=USER_AGENT_MAX_LENGTH, blank=True)
    known_since = models.DateTimeField()
    last_used_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="a_browser_is_known_once_per_account")]

    def __str__(self) -> str:
        return f"a browser known to account {self.account_id}"


class Lockout(models.Model):
    """One lockout, from the fifth wrong entry until somebody lifts it; of a name nobody has, it has no account."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="lockouts")
    in_known_browser = models.BooleanField()
    begun_at = models.DateTimeField()
    network_address = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=USER_AGENT_MAX_LENGTH, blank=True)
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    disowned_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "-begun_at"], name="lockouts_of_an_account"),
            models.Index(
                fields=["begun_at", "id"],
                name="open_lockouts",
                condition=Q(lifted_at__isnull=True, account__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"lockout of account {self.account_id}"

    @property
    def address(self) -> str:
        """Where the mail about it went: its reader does not learn of another one the account has by now."""
        if self.mail:
            return self.mail.recipient
        return self.account.address if self.account else ""


class PasswordReset(models.Model):
    """A link by which the reader of an account's mail may choose a new password, once and for an hour."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="password_resets")
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")
    token_hash = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"],
                condition=LIVE_LINK,
                name="one_reset_link_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"reset link of account {self.account_id}"


class EntitlementCheck(models.Model):
    """Staff decide whether an account whose initial password has expired may be issued a new one."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="entitlement_checks")
    state = models.CharField(
        max_length=20, choices=[(state.value, state.name) for state in CheckState], default=CheckState.OPEN.value
    )
    route = models.CharField(max_length=20, choices=[(route.value, route.name) for route in Route])
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    # Where two have to agree: who approved first.
    first_approved_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    first_approved_at = models.DateTimeField(null=True)
    # The mails that tell of the request and, if it was declined, of the decision.
    requested_mail = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")
    decided_mail = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state=CheckState.OPEN.value), name="one_open_check_per_account"
            ),
            models.CheckConstraint(
                condition=Q(state=CheckState.OPEN.value) ^ Q(decided_at__isnull=False),
                name="a_check_is_open_or_was_decided_once",
            ),
            models.CheckConstraint(
                condition=~Q(state=CheckState.DECLINED.value) | ~Q(reason=""), name="a_declined_check_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["requested_at"], name="open_checks", condition=Q(state=CheckState.OPEN.value)),
        ]

    def __str__(self) -> str:
        return f"entitlement check of account {self.account_id}: {self.state}"


class Question(models.Model):
    """A question staff asked by mail before they decide an entitlement check."""

    about = models.ForeignKey(EntitlementCheck, models.CASCADE, related_name="questions")
    text = models.CharField(max_length=QUESTION_MAX_LENGTH)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"question about entitlement check {self.about_id}"


class CallerCode(models.Model):
    """A code by which a caller shows that they read the account's mail, or are signed in to it; works once."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="caller_code")
    # Empty until the sending worker has made the code of a mail.
    keyed_hash = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(keyed_hash="") | Q(expires_at__isnull=False), name="a_caller_code_expires"
            ),
        ]

    def __str__(self) -> str:
        return f"caller code of account {self.account_id}"


class AddressChange(models.Model):
    """The address of an account was changed at the desk; both the old one and the new one are told.

    The new one of an account nobody has signed in to is told by an access letter.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="address_changes")
    before = models.EmailField(max_length=ADDRESS_MAX_LENGTH)
    changed_at = models.DateTimeField()
    told_before = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")
    told_after = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"address change of account {self.account_id}"


class Deletion(models.Model):
    """An account is to be deleted for good, unless somebody restores it before; its owner is told of both.

    When it is deleted, so is this: the trail says that it was.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="deletions")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    due_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    told = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")
    told_taken_back = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(taken_back_at__isnull=True), name="an_account_is_deleted_once"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("decided_at")), name="a_deletion_can_be_taken_back"),
        ]
        indexes = [models.Index(fields=["due_at"], name="deletions_due", condition=Q(taken_back_at__isnull=True))]

    def __str__(self) -> str:
        return f"deletion of account {self.account_id}, due {self.due_at:%Y-%m-%d %H:%M}"

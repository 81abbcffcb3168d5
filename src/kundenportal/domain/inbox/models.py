from datetime import datetime

from django.db import models
from django.db.models import Q

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials.models import EntitlementCheck
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.support.models import Intake
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, DIGEST_LENGTH, NAME_MAX_LENGTH

from .rules.keeping import NOT_READ_FOR_LONG, Outcome, SetAside, TakenFor, Trouble
from .rules.reading import MESSAGE_ID_MAX_LENGTH, SUBJECT_MAX_LENGTH

# Of a ReceivedMail, which stays when both are forgotten.
TELLS_WHO_WROTE = ~Q(sender="")
TELLS_WHAT_WAS_WRITTEN = ~Q(text="", subject="", sender_name="")


def _choices(values: type[TakenFor | Outcome | SetAside | Trouble]) -> list[tuple[str, str]]:
    return [(value.value, value.name) for value in values]


class ReceivedMail(models.Model):
    """A mail that came into the mailbox, and what came of it; each is here once, and only once anything came of it.

    `text` is empty for what machines send, and without secrets otherwise: customers answer with our letters below.
    """

    # Where it lies. The number of a mailbox may change, and then the digest says which mail it is.
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=DIGEST_LENGTH, unique=True)
    size = models.BigIntegerField()
    message_id = models.CharField(max_length=MESSAGE_ID_MAX_LENGTH, blank=True)
    sender = models.CharField(max_length=ADDRESS_MAX_LENGTH, blank=True)
    sender_name = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)
    subject = models.CharField(max_length=SUBJECT_MAX_LENGTH, blank=True)
    text = models.TextField(blank=True)
    received_at = models.DateTimeField()
    taken_for = models.CharField(max_length=20, choices=_choices(TakenFor))
    outcome = models.CharField(max_length=20, choices=_choices(Outcome))
    set_aside = models.CharField(max_length=20, choices=_choices(SetAside), blank=True)
    # What came of it; a mail log or an account may forget what this remembers.
    mail = models.ForeignKey(OutgoingMail, models.SET_NULL, null=True, related_name="+")
    entitlement_check = models.ForeignKey(EntitlementCheck, models.SET_NULL, null=True, related_name="mails_received")
    intake = models.ForeignKey(Intake, models.SET_NULL, null=True, related_name="mails_received")
    seen_to_at = models.DateTimeField(null=True)
    seen_to_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uidvalidity", "uid"], name="one_row_for_each_place_in_the_mailbox"),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.SET_ASIDE.value) ^ Q(set_aside=""), name="what_is_set_aside_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["sender", "received_at"], name="received_from_a_sender"),
            models.Index(
                fields=["id"],
                name="received_and_to_be_looked_at",
                condition=Q(outcome=Outcome.SET_ASIDE.value, seen_to_at__isnull=True),
            ),
            # What is still to be forgotten; of what has been, there is more with every year.
            models.Index(fields=["received_at"], name="senders_by_age", condition=TELLS_WHO_WROTE),
            models.Index(fields=["received_at"], name="texts_by_age", condition=TELLS_WHAT_WAS_WRITTEN),
        ]

    def __str__(self) -> str:
        return f"mail {self.uid} from {self.sender}: {self.outcome}"


class MailboxState(models.Model):
    """How far a mailbox has been read. One row for each mailbox; only its reader writes it."""

    name = models.CharField(max_length=500, unique=True)
    first_read_at = models.DateTimeField()
    # Up to here everything has been taken in.
    uidvalidity = models.BigIntegerField(default=0)
    uid = models.BigIntegerField(default=0)
    # The mail being taken in, and how many times that was begun and not brought to an end.
    stumbled_at = models.BigIntegerField(default=0)
    stumbles = models.PositiveSmallIntegerField(default=0)
    # When it was last looked into, and since when and why that has not been possible.
    read_at = models.DateTimeField(null=True)
    unread_since = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, choices=_choices(Trouble), blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unread_since__isnull=True) ^ ~Q(trouble=""), name="an_unread_mailbox_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} up to {self.uid}"

    def neglected_since(self, now: datetime) -> datetime | None:
        """Since when it cannot be read, or nobody does; None if all is well."""
        if self.unread_since is None and self.read_at and now - self.read_at > NOT_READ_FOR_LONG:
            return self.read_at
        return self.unread_since

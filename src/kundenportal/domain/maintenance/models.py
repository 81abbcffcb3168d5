from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Coalesce

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.mail.models import OutgoingMail

from .rules.windows import MESSAGE_MAX_LENGTH, Message, Times


class Window(models.Model):
    """A time in which the portal is worked on; at most one at a time."""

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    message_de = models.CharField(max_length=MESSAGE_MAX_LENGTH, blank=True)
    message_en = models.CharField(max_length=MESSAGE_MAX_LENGTH, blank=True)
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    # When it last became another one for whoever keeps it in a calendar, and how often it has.
    changed_at = models.DateTimeField()
    changes = models.PositiveIntegerField(default=0)
    # When the mails that announce it were queued.
    announced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="a_window_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("starts_at"), cancelled_at__isnull=True),
                name="only_a_window_that_has_begun_has_ended",
            ),
            ExclusionConstraint(
                name="one_window_at_a_time",
                expressions=[
                    (
                        Func(
                            F("starts_at"),
                            Coalesce("ended_at", "ends_at"),
                            function="tstzrange",
                            output_field=DateTimeRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(cancelled_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["starts_at"],
                name="windows_not_over",
                condition=Q(ended_at__isnull=True, cancelled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"maintenance from {self.starts_at:%Y-%m-%d %H:%M} to {self.ends_at:%Y-%m-%d %H:%M}"

    @property
    def times(self) -> Times:
        """What the rules decide by."""
        return Times(self.starts_at, self.ends_at, self.ended_at, self.cancelled_at)

    @property
    def message(self) -> Message:
        """What is being done."""
        return Message(self.message_de, self.message_en)


class Subscription(models.Model):
    """An account whose owner wants mail about maintenance."""

    account = models.OneToOneField(Account, models.CASCADE, related_name="maintenance_subscription")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"account {self.account_id} is told of maintenance"


class News(models.Model):
    """One mail that tells an account what has become of a window."""

    class Says(models.TextChoices):
        ANNOUNCED = "announced"
        MOVED = "moved"
        CANCELLED = "cancelled"
        OVER = "over"

    window = models.ForeignKey(Window, models.CASCADE, related_name="news")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    says = models.CharField(max_length=20, choices=Says)
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"window {self.window_id} is {self.says}, told to account {self.account_id}"

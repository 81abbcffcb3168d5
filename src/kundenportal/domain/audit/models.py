from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from .events import BACKUP_ATTEMPTS, Event


class Entry(models.Model):
    """One thing that happened. Rows are only ever added: a trigger refuses UPDATE, DELETE and TRUNCATE.

    But it lets old ones go, and lets them forget whose account is gone (docs/decisions/0015).
    """

    happened_at = models.DateTimeField()
    event = models.CharField(max_length=60)
    # No database constraint: an entry outlives the account it speaks of, and may never be changed to forget it.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
    )
    subject = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        related_name="audit_entries",
    )
    network_address = models.CharField(max_length=45, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["subject", "happened_at"], name="entries_of_a_subject"),
            # Staff are few, and most entries are nobody's: this stays small.
            models.Index(fields=["actor"], name="entries_of_an_actor", condition=models.Q(actor__isnull=False)),
            # The desk asks for the last of these again and again, and there is one a day.
            models.Index(fields=["id"], name="entries_about_backups", condition=models.Q(event__in=BACKUP_ATTEMPTS)),
            # Few, and looked through for an address somebody had.
            models.Index(
                fields=["id"], name="entries_of_corrections", condition=models.Q(event=Event.ADDRESS_CORRECTED.value)
            ),
            # Rows lie in the order of time: a few bytes for each range of them are enough.
            BrinIndex(fields=["happened_at"], name="entries_by_time", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M:%S} {self.event}"

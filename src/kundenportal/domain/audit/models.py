from django.conf import settings
from django.db import models


class Entry(models.Model):
    """One thing that happened. Rows are only ever added: a trigger refuses UPDATE, DELETE and TRUNCATE."""

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
        indexes = [models.Index(fields=["subject", "happened_at"], name="entries_of_a_subject")]

    def __str__(self) -> str:
        return f"{self.happened_at:%Y-%m-%d %H:%M:%S} {self.event}"

from django.db import models

from kundenportal.domain.accounts.models import Account

from .rules import Kind


class InHand(models.Model):
    """A member of staff is at work on something that waits; a courtesy between colleagues, not a lock."""

    kind = models.CharField(max_length=20, choices=[(kind.value, kind.name) for kind in Kind])
    number = models.BigIntegerField()
    holder = models.ForeignKey(Account, models.CASCADE, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="in_the_hands_of_one"),
        ]
        indexes = [models.Index(fields=["since"], name="in_hand_by_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.number} in the hands of account {self.holder_id}"

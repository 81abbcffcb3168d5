from django.db import models
from django.db.models.functions import Lower

from .rules import NAME_MAX_LENGTH


class Organisation(models.Model):
    """A customer body accounts act for (on screen: Einrichtung)."""

    name = models.CharField(max_length=NAME_MAX_LENGTH)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="organisation_names_differ_by_more_than_case"),
            models.CheckConstraint(condition=~models.Q(name=""), name="organisation_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

from django.conf import settings
from django.db import models

from kundenportal.kernel.references import LENGTH

from .rules import NAME_MAX_LENGTH


class Fault(models.Model):
    """An error page somebody was shown: which page it was and of what kind, and nothing of what they had entered."""

    reference = models.CharField(max_length=LENGTH, unique=True)
    happened_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField()
    page = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)  # the name of its address; empty if it has none
    error = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)  # the class of the exception, without its words
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["happened_at"], name="faults_by_time")]

    def __str__(self) -> str:
        return f"{self.reference}: {self.status}"

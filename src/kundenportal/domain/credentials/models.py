from django.db import models
from django.db.models import Q

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.mail.models import OutgoingMail


class AccessLetter(models.Model):
    """One issuing of access: the letter that carried, or will carry, an initial password.

    `keyed_hash` is empty until the sending worker has made a password, and again once that password is dead:
    spent by a first sign-in, or superseded by a newer letter's.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="access_letters")
    mail = models.OneToOneField(OutgoingMail, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    keyed_hash = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=~Q(keyed_hash=""), name="one_live_initial_password_per_account"
            ),
            models.CheckConstraint(
                condition=Q(keyed_hash="") | Q(expires_at__isnull=False),
                name="a_live_initial_password_expires",
            ),
        ]
        indexes = [models.Index(fields=["account", "-issued_at"], name="letters_of_an_account")]

    def __str__(self) -> str:
        return f"access letter to account {self.account_id}"

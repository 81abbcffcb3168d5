from django.db import models

from .rules import State

SERVER_ANSWER_MAX_LENGTH = 500


class OutgoingMail(models.Model):
    """A mail to be written and handed to the mail server; its text exists only inside the sending worker."""

    kind = models.CharField(max_length=40)
    recipient = models.EmailField(max_length=254)
    state = models.CharField(
        max_length=20, choices=[(state.value, state.name) for state in State], default=State.WAITING
    )
    queued_at = models.DateTimeField()
    # Nobody waits for it at this moment: single mails overtake it.
    is_one_of_many = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    server_answer = models.CharField(max_length=SERVER_ANSWER_MAX_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=State.WAITING) | models.Q(next_attempt_at__isnull=False),
                name="a_waiting_mail_has_a_next_attempt",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.HANDED_OVER) | models.Q(handed_over_at__isnull=False),
                name="a_mail_handed_over_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="waiting_mails", condition=models.Q(state=State.WAITING)),
            models.Index(fields=["claimed_at"], name="mails_sending", condition=models.Q(state=State.SENDING)),
            # Or else every claim would sort whatever waits, of which there may be a hundred thousand.
            models.Index(
                fields=["is_one_of_many", "queued_at"],
                name="mails_in_their_order",
                condition=models.Q(state__in=[State.WAITING, State.SENDING]),
            ),
            models.Index(fields=["kind", "recipient", "queued_at"], name="mails_of_a_kind_to_an_address"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}: {self.state}"

from django.db import models

from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH
from kundenportal.kernel.randomness import TOKEN_LENGTH, random_token

from .rules import State

SERVER_ANSWER_MAX_LENGTH = 500
STATUS_MAX_LENGTH = 9  # 5.123.123
# What an older version has claimed anew bears a mark that is older than its claim.
TAKEN_UNDER_THIS_CLAIM = models.Q(taken_at__isnull=False, taken_at__gte=models.F("claimed_at"))


class OutgoingMail(models.Model):
    """A mail to be written and handed to the mail server; its text exists only inside the sending worker."""

    # What a delivery report names the mail by: part of the envelope sender, known only to servers that saw the mail.
    key = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=random_token)
    kind = models.CharField(max_length=40)
    recipient = models.EmailField(max_length=ADDRESS_MAX_LENGTH)
    state = models.CharField(
        max_length=20, choices=[(state.value, state.name) for state in State], default=State.WAITING
    )
    queued_at = models.DateTimeField()
    # Nobody waits for it at this moment: single mails overtake it.
    is_one_of_many = models.BooleanField(default=False)
    next_attempt_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    # When the mail server took it: known at once, while noting the hand-over may take a moment.
    taken_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    server_answer = models.CharField(max_length=SERVER_ANSWER_MAX_LENGTH, blank=True)
    # When somebody had it tried anew after it had failed or come back.
    sent_again_at = models.DateTimeField(null=True)
    # What the newest delivery report said; the words are those of `rules.words_worth_keeping`.
    reported_at = models.DateTimeField(null=True)
    reported_status = models.CharField(max_length=STATUS_MAX_LENGTH, blank=True)
    reported_words = models.CharField(max_length=SERVER_ANSWER_MAX_LENGTH, blank=True)

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
            models.CheckConstraint(
                condition=~models.Q(state=State.BOUNCED)
                | models.Q(handed_over_at__isnull=False, reported_at__isnull=False),
                name="a_mail_that_came_back_says_when",
            ),
        ]
        indexes = [
            # In the order in which `delivery` claims them, so that claiming one sorts nothing.
            models.Index(
                fields=["is_one_of_many", "next_attempt_at", "id"],
                name="waiting_mails_in_turn",
                condition=models.Q(state=State.WAITING),
            ),
            models.Index(fields=["claimed_at"], name="mails_sending", condition=models.Q(state=State.SENDING)),
            models.Index(fields=["kind", "recipient", "queued_at"], name="mails_of_a_kind_to_an_address"),
            models.Index(fields=["state", "id"], name="mails_by_state"),
            # Every night those of long ago leave the log, however long it is.
            models.Index(fields=["queued_at"], name="mails_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient}: {self.state}"

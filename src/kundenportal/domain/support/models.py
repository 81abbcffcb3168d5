from django.conf import settings
from django.db import models
from django.db.models import Q

from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, DIGEST_LENGTH, NAME_MAX_LENGTH
from kundenportal.kernel.references import LENGTH as REFERENCE_LENGTH

from .rules import (
    CALL_BACK_MAX_LENGTH,
    CONCERN_MAX_LENGTH,
    PREFERRED_TIME_MAX_LENGTH,
    IntakeState,
    Route,
)


class Intake(models.Model):
    """A request that was taken down and not worked on yet; whoever may only take down sees nothing else."""

    reference = models.CharField(max_length=REFERENCE_LENGTH, unique=True)
    # Form and entries it was taken down from, so that a double click takes nothing down twice; a mail has no form.
    form_digest = models.CharField(max_length=DIGEST_LENGTH, blank=True)
    route = models.CharField(max_length=20, choices=[(route.value, route.name) for route in Route])
    state = models.CharField(
        max_length=20, choices=[(state.value, state.name) for state in IntakeState], default=IntakeState.OPEN.value
    )
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="intakes")
    name = models.CharField(max_length=NAME_MAX_LENGTH, blank=True)
    email = models.CharField(max_length=ADDRESS_MAX_LENGTH, blank=True)
    call_back_number = models.CharField(max_length=CALL_BACK_MAX_LENGTH, blank=True)
    concern = models.TextField(max_length=CONCERN_MAX_LENGTH)
    preferred_time = models.CharField(max_length=PREFERRED_TIME_MAX_LENGTH, blank=True)
    taken_down_at = models.DateTimeField()
    taken_down_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    # Goes to the owner of an account only: whoever is not signed in could enter anybody's address.
    confirmation = models.OneToOneField(OutgoingMail, models.PROTECT, null=True, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["form_digest"], condition=~Q(form_digest=""), name="a_form_is_taken_down_once"
            ),
            models.CheckConstraint(
                condition=Q(state=IntakeState.OPEN.value) ^ Q(done_at__isnull=False),
                name="an_intake_is_open_or_says_when_it_was_done",
            ),
            models.CheckConstraint(condition=~Q(concern=""), name="an_intake_says_what_it_is_about"),
        ]
        indexes = [
            models.Index(fields=["id"], name="open_intakes", condition=Q(state=IntakeState.OPEN.value)),
        ]

    def __str__(self) -> str:
        return f"intake {self.reference}: {self.state}"

from django.db import models
from django.db.models import Q

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import TELEPHONE_MAX_LENGTH

from .rules.files import CELL_MAX_LENGTH
from .rules.runs import AT_WORK, ENDED, Letters, RunState
from .rules.verdicts import Verdict

FILE_NAME_MAX_LENGTH = 200


class ImportRun(models.Model):
    """One bulk import, from the upload to the report. Its counts outlive its file and its rows."""

    file_name = models.CharField(max_length=FILE_NAME_MAX_LENGTH)
    state = models.CharField(
        max_length=20, choices=[(state.value, state.name) for state in RunState], default=RunState.UPLOADED.value
    )
    # A rules.columns.Layout: where the headings stand, what holds what, the organisation of rows that name none.
    heading_row = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=dict)
    organisation = models.CharField(max_length=CELL_MAX_LENGTH, blank=True)
    letters = models.CharField(
        max_length=10, choices=[(letters.value, letters.name) for letters in Letters], default=Letters.NOW.value
    )
    letters_not_before = models.DateTimeField(null=True)
    row_count = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)  # rows checked, or imported once that has begun
    last_row = models.PositiveIntegerField(default=0)  # the last one imported
    checked = models.JSONField(default=dict)  # verdicts of the dry run, by their number
    imported = models.JSONField(default=dict)  # and of what was done
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(null=True)
    started_by = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    network_address = models.CharField(max_length=45, blank=True)  # of whoever started it
    ended_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    faults = models.PositiveSmallIntegerField(default=0)
    emptied_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=sorted(ENDED)) ^ Q(ended_at__isnull=True), name="an_ended_import_says_when"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RunState.IMPORTING.value, RunState.FINISHED.value])
                | Q(started_at__isnull=False),
                name="an_import_is_started_first",
            ),
        ]
        indexes = [
            models.Index(fields=["claimed_at"], name="imports_at_work", condition=Q(state__in=sorted(AT_WORK))),
        ]

    def __str__(self) -> str:
        return f"import {self.pk}: {self.state}"

    def has_done(self, number: int) -> bool:
        """Whether the row of that number has been imported, or refused for good."""
        return self.started_at is not None and number <= self.last_row


class ImportFile(models.Model):
    """The file of an import as it was uploaded, so that any machine can go on; gone after rules.runs.KEPT_FOR."""

    run = models.OneToOneField(ImportRun, models.CASCADE, related_name="file")
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"file of import {self.run_id}"


class ImportRow(models.Model):
    """One row of the file that holds anything: what it wants, and the verdict on it.

    Up to its run's `last_row` that is what was done; beyond, it is what the dry run said.
    """

    run = models.ForeignKey(ImportRun, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField()  # as a spreadsheet counts
    address = models.CharField(max_length=CELL_MAX_LENGTH, blank=True)
    name = models.CharField(max_length=2 * CELL_MAX_LENGTH + 1, blank=True)
    organisation = models.CharField(max_length=CELL_MAX_LENGTH, blank=True)
    kind = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=5, blank=True)
    telephone = models.CharField(max_length=TELEPHONE_MAX_LENGTH, blank=True, default="", db_default="")
    # What is wrong or doubtful with the row itself, whatever accounts there are.
    findings = models.TextField(blank=True)  # see rules.verdicts.written; arrays would take twice as long to store
    verdict = models.CharField(max_length=20, choices=[(verdict.value, verdict.name) for verdict in Verdict])
    reasons = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="a_row_counts_once")]
        indexes = [models.Index(fields=["run", "verdict", "number"], name="rows_by_verdict")]

    def __str__(self) -> str:
        return f"row {self.number} of import {self.run_id}: {self.verdict}"

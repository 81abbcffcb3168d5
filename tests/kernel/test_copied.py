"""What is copied in is in the database as if each row had been saved, or nothing is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DataError, IntegrityError, models, transaction
from django.forms.models import model_to_dict
from django.test.utils import isolate_apps

from kundenportal.domain.accounts.models import Account
from kundenportal.domain.accounts.rules import Kind, Language, Role
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.organisations.models import Organisation
from kundenportal.domain.organisations.rules import NAME_MAX_LENGTH
from kundenportal.kernel.copied import copy_in

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 3, 2, 9, 0, 30, 250_000, tzinfo=UTC)
# Among them everything that means something to COPY itself.
NAMES = ["Süd", "Nord\tNord", "Ost\nOst", "\\N", "\\.", "NULL", '"Kita"', "Ki\\ta", "Kita, West; 2", " Kita ", "🏡"]


def _organisations(*names: str) -> list[Organisation]:
    return [Organisation(name=name, added_at=DAY) for name in names]


def test_what_was_typed_is_kept_to_the_letter() -> None:
    copied = copy_in(_organisations(*NAMES))
    kept = list(Organisation.objects.order_by("pk"))
    assert [(row.pk, row.name, row.added_at) for row in kept] == [(row.pk, row.name, row.added_at) for row in copied]
    assert [row.name for row in kept] == NAMES


def test_values_and_defaults_are_those_of_a_row_that_is_saved() -> None:
    def account(address: str) -> Account:
        entered: dict[str, Any] = {"kind": Kind.INSTITUTIONAL, "role": Role.DESK_LEAD, "language": Language.ENGLISH}
        return Account(address=address, name="Kita Süd", opened_at=DAY, password="!", **entered)

    [copied] = copy_in([account("copied@example.org")])
    saved = account("saved@example.org")
    saved.save()
    ours, theirs = (model_to_dict(Account.objects.get(pk=row.pk)) for row in (copied, saved))
    own = {"id", "address"}
    assert {name: value for name, value in ours.items() if name not in own} == {
        name: value for name, value in theirs.items() if name not in own
    }
    assert ours["address"] == "copied@example.org"


def test_a_row_that_was_copied_in_can_be_changed_like_any_other() -> None:
    [mail] = copy_in([OutgoingMail(kind="letter", recipient="a@example.org", queued_at=DAY, next_attempt_at=DAY)])
    mail.attempts = 3
    mail.save()
    assert [kept.attempts for kept in OutgoingMail.objects.all()] == [3]


def test_rows_of_others_get_other_numbers() -> None:
    before = Organisation.objects.create(name="Kita Nord", added_at=DAY)
    copied = copy_in(_organisations("Kita Süd", "Kita Ost"))
    after = Organisation.objects.create(name="Kita West", added_at=DAY)
    assert len({before.pk, after.pk, *[row.pk for row in copied]}) == 4


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        (IntegrityError, ["Kita Süd", "kita süd"]),
        (DataError, ["Kita Süd", "x" * (NAME_MAX_LENGTH + 1)]),
        (DataError, ["Kita Süd", "Ki\0ta"]),
    ],
)
def test_one_bad_row_keeps_all_of_them_out_and_leaves_no_trace(fault: type[Exception], names: list[str]) -> None:
    rows = _organisations(*names)
    with pytest.raises(fault), transaction.atomic():
        copy_in(rows)
    assert not Organisation.objects.exists()
    assert [row.pk for row in rows] == [None, None]
    copy_in(_organisations("Kita Süd"))
    assert Organisation.objects.count() == 1


def test_nothing_is_asked_for_no_rows(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert copy_in([]) == []


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"held": models.JSONField()}, "because of held"),
        ({"seen_at": models.DateTimeField(auto_now=True)}, "because of seen_at"),
        ({"opened_at": models.DateTimeField(auto_now_add=True)}, "because of opened_at"),
        ({"name": models.CharField(db_default="Kita")}, "because of name"),
        ({"name": type("Folded", (models.CharField,), {})()}, "because of name"),
        ({"key": models.CharField(primary_key=True)}, "its rows have no numbers of their own"),
    ],
)
@isolate_apps("kundenportal.domain.organisations")
def test_what_django_would_do_more_for_is_refused(fields: dict[str, Any], why: str) -> None:
    meta = type("Meta", (), {"app_label": "organisations"})
    model = type("Odd", (models.Model,), {"__module__": __name__, "Meta": meta, **fields})
    with pytest.raises(TypeError, match=why):
        copy_in([model()])

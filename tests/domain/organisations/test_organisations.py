"""An organisation is known by its name, however that is typed."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from factories.accounts import NOW
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.models import Organisation
from kundenportal.domain.organisations.queries import organisation_names
from kundenportal.domain.organisations.rules import NAME_MAX_LENGTH

pytestmark = pytest.mark.django_db


def test_a_name_that_is_not_yet_known_adds_an_organisation() -> None:
    organisation = organisations.organisation_named("  Kita \t Probstadt ", now=NOW)
    assert str(organisation) == organisation.name == "Kita Probstadt"
    assert organisation.added_at == NOW


@pytest.mark.parametrize(
    ("known", "entry"),
    [
        ("Kita Probstadt", "kita probstadt"),
        ("Kita Probstadt", " KITA  PROBSTADT "),
        ("Gemeinde Köln-Süd", "GEMEINDE KÖLN-SÜD"),
        ("Große Straße", "große straße"),
        ("100 % Kita_1", "100 % kita_1"),
    ],
)
def test_a_known_name_finds_its_organisation_whatever_the_case(known: str, entry: str) -> None:
    organisation = organisations.organisation_named(known, now=NOW)
    assert organisations.organisation_named(entry, now=NOW) == organisation
    assert Organisation.objects.get().name == known


@pytest.mark.parametrize(("known", "entry"), [("Große Straße", "GROẞE STRAẞE"), ("Große Straße", "große STRAẞE")])
def test_a_capital_sharp_s_is_the_same_letter(known: str, entry: str) -> None:
    organisation = organisations.organisation_named(known, now=NOW)
    assert organisations.organisation_named(entry, now=NOW) == organisation


def test_a_name_is_taken_literally_not_as_a_pattern() -> None:
    organisations.organisation_named("Kita 1", now=NOW)
    organisations.organisation_named("Kita _", now=NOW)
    organisations.organisation_named("%", now=NOW)
    assert organisation_names() == ["%", "Kita 1", "Kita _"]


def test_a_name_is_needed() -> None:
    with pytest.raises(organisations.OrganisationNameMissing):
        organisations.organisation_named(" \n ", now=NOW)


def test_the_longest_name_fits_and_a_longer_one_is_refused() -> None:
    assert organisations.organisation_named("o" * NAME_MAX_LENGTH, now=NOW).name == "o" * NAME_MAX_LENGTH
    with pytest.raises(organisations.OrganisationNameTooLong):
        organisations.organisation_named("o" * (NAME_MAX_LENGTH + 1), now=NOW)


def test_names_come_in_alphabetical_order() -> None:
    for name in ("Kita Probstadt", "Diakoniestation Beispielhausen", "Kirchenkreis Musterland"):
        organisations.organisation_named(name, now=NOW)
    assert organisation_names() == ["Diakoniestation Beispielhausen", "Kirchenkreis Musterland", "Kita Probstadt"]


def test_the_database_itself_refuses_a_name_twice_or_an_empty_one() -> None:
    organisation = organisations.organisation_named("Kita Probstadt", now=NOW)
    with pytest.raises(IntegrityError, match="differ_by_more_than_case"), transaction.atomic():
        Organisation.objects.create(name="KITA PROBSTADT", added_at=NOW)
    with pytest.raises(IntegrityError, match="has_a_name"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE organisations_organisation SET name = '' WHERE id = %s", [organisation.pk])

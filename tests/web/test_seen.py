"""What a form carries along of what its page had shown."""

from __future__ import annotations

from kundenportal.web.shared.seen import SeenField


def test_what_a_page_had_shown_is_known_to_its_own_form_only() -> None:
    ours, theirs = SeenField(salt="ours"), SeenField(salt="theirs")
    carried = ours.prepare_value({"name": "Anna"})
    assert carried is not None
    assert ours.clean(carried) == {"name": "Anna"}
    assert theirs.clean(carried) == {}


def test_what_the_version_before_had_shown_is_known_where_the_field_was_its_own() -> None:
    carried = SeenField(salt="before").prepare_value({"name": "Anna"})
    field = SeenField(salt="ours", formerly="before")
    assert field.clean(carried) == {"name": "Anna"}
    assert SeenField(salt="before").clean(field.prepare_value({"name": "Anna"})) == {}


def test_what_has_come_back_is_carried_along_as_it_is() -> None:
    assert SeenField(salt="ours").prepare_value("not-of-our-making") == "not-of-our-making"
    assert SeenField(salt="ours").clean("not-of-our-making") == {}

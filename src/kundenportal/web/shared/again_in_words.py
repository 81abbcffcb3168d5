"""What waits to be sent once more, as its reader knows it: by the words that stood at the fields."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, NamedTuple, cast

from django import forms
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Waits(NamedTuple):
    """Something that was entered, and what stood beside the field; nothing where that is not known."""

    label: object
    entry: str


def in_words(view: Callable[..., object], sent: Iterable[tuple[str, str]]) -> list[Waits]:
    """Whatever of it somebody has entered; what the page sent along by itself is left out."""
    fields = _fields_of(view)
    found = (_in_words(fields.get(name) or fields.get(name.rpartition("-")[2]), entry) for name, entry in sent)
    return [each for each in found if each is not None]


def _in_words(field: forms.Field | None, entry: str) -> Waits | None:
    if not entry.strip():
        return None
    if field is None:
        # Editors' fields are Wagtail's: what reads like words is shown, and not what a program has put into them.
        return Waits("", entry) if len(entry.split()) > 1 and not entry.startswith(("{", "[")) else None
    if field.widget.is_hidden:
        return None
    if isinstance(field, forms.BooleanField):
        return Waits(field.label, _("yes"))
    if isinstance(field, forms.ChoiceField):
        offered = cast("Iterable[tuple[object, object]]", field.choices)
        labels = {str(value): label for value, label in offered}
        label = labels.get(entry)
        return Waits(field.label, str(label)) if label else None
    return Waits(field.label, entry)


def _fields_of(view: Callable[..., object]) -> dict[str, forms.Field]:
    """The fields of the forms that the view's module knows, by their names."""
    module = sys.modules[inspect.unwrap(view).__module__]
    known = [each for each in vars(module).values() if inspect.isclass(each)]
    # Of a set of forms, the one that it repeats; its fields have a number before their names.
    known += [each.form for each in known if issubclass(each, forms.BaseFormSet) and hasattr(each, "form")]
    fields: dict[str, forms.Field] = {}
    for form in known:
        if issubclass(form, forms.BaseForm):
            fields |= getattr(form, "base_fields", {})
    return fields

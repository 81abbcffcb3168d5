"""What a page had shown is carried along by its form: nobody takes back what somebody else changes meanwhile."""

from __future__ import annotations

from contextlib import suppress

from django import forms
from django.core import signing


class SeenField(forms.Field):
    """Values by the names of their fields, signed; none where what comes back is not of our making.

    `formerly` is the salt they were signed with in the version before, whose pages may still be open.
    """

    def __init__(self, *, salt: str, formerly: str | None = None) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"autocomplete": "off"}))
        self._salt = salt
        self._known_by = [salt] if formerly is None else [salt, formerly]

    def prepare_value(self, value: dict[str, str] | str | None) -> str | None:
        """Signs what is shown now; what has come back already is signed."""
        return signing.dumps(value, salt=self._salt) if isinstance(value, dict) else value

    def to_python(self, value: str | None) -> dict[str, str]:
        """What was seen."""
        for salt in self._known_by:
            with suppress(signing.BadSignature):
                seen: dict[str, str] = signing.loads(value or "", salt=salt)
                return seen
        return {}

"""Whatever is taken down of a concern, somebody has to be able to answer it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

WAYS_BACK = ("call_back_number", "email")


class WayBackForm(forms.Form):
    """A form with the fields `call_back_number` and `email`, of which one is needed."""

    def clean(self) -> dict[str, Any]:
        """Without a way back nobody could help; what was entered wrongly is complained of at its own field."""
        entered = super().clean() or {}
        if not any(entered.get(way) or way in self.errors for way in WAYS_BACK):
            self.add_error(WAYS_BACK[0], _("Please enter a telephone number or an e-mail address."))
        return entered

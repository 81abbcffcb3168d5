from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django import forms
from django.utils.timezone import make_aware
from django.utils.translation import gettext_lazy, pgettext_lazy

from kundenportal.domain.audit.queries import Sought
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH
from kundenportal.web.shared.words import EVENTS

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

NO_DATE = gettext_lazy("This is not a date. It looks like 24.12.2026.")


def _day(label: object) -> forms.DateField:
    return forms.DateField(
        label=label,  # type: ignore[arg-type]  # lazy words are words
        required=False,
        input_formats=["%Y-%m-%d", "%d.%m.%Y"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": NO_DATE},
    )


class TrailForm(forms.Form):
    """Which entries of the trail are wanted."""

    event = forms.MultipleChoiceField(
        label=gettext_lazy("Event"),
        choices=lambda: sorted(EVENTS.items(), key=lambda pair: str(pair[1])),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    account = forms.CharField(
        label=gettext_lazy("Account (e-mail address)"), required=False, max_length=ADDRESS_MAX_LENGTH
    )
    actor = forms.CharField(
        label=gettext_lazy("By whom (e-mail address)"), required=False, max_length=ADDRESS_MAX_LENGTH
    )
    network_address = forms.GenericIPAddressField(
        label=gettext_lazy("Network address"),
        required=False,
        error_messages={"invalid": gettext_lazy("This is not a network address. It looks like 192.0.2.7.")},
    )
    since = _day(pgettext_lazy("period", "From"))
    until = _day(pgettext_lazy("period", "To"))

    def sought(self, *, subject_ids: Collection[int], actor_ids: Collection[int]) -> Sought:
        """The entries wanted; whole days, by the clock on the wall."""
        entered = self.cleaned_data
        return Sought(
            events=entered["event"],
            subject_ids=subject_ids,
            actor_ids=actor_ids,
            network_address=entered["network_address"] or "",
            since=_midnight(entered["since"]),
            until=_midnight(entered["until"], days=1),
        )


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    if day is None:
        return None
    try:
        return make_aware(datetime.combine(day + timedelta(days=days), time()))
    except OverflowError:
        return None

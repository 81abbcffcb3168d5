"""When the portal is worked on, and what customers read about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenportal.domain.maintenance import operations
from kundenportal.domain.maintenance.rules.local_times import HappensTwice, NoSuchTime, NotATime, instant_in
from kundenportal.domain.maintenance.rules.windows import LONGEST, MESSAGE_MAX_LENGTH, Message, Stage, Times, stage
from kundenportal.web.shared.maintenance import Words
from kundenportal.web.shared.sentences import TOO_LONG

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from django.utils.functional import _StrPromise

    from kundenportal.domain.maintenance.models import Window
    from kundenportal.kernel.refusal import Refusal

AS_BROWSERS_SEND_IT = "%Y-%m-%dT%H:%M"


def _moment_field(label: _StrPromise, *, missing: _StrPromise) -> forms.CharField:
    # What a browser without a calendar of its own takes as plain text is read all the same.
    return forms.CharField(
        label=label,
        max_length=40,
        widget=forms.TextInput(attrs={"type": "datetime-local", "autocomplete": "off"}),
        error_messages={"required": missing, "max_length": TOO_LONG},
    )


class TimesForm(forms.Form):
    """From when until when, by the clock on the wall here."""

    starts = _moment_field(gettext_lazy("Begins"), missing=gettext_lazy("Please enter when it begins."))
    ends = _moment_field(
        gettext_lazy("Expected to end"), missing=gettext_lazy("Please enter when you expect it to end.")
    )

    def __init__(self, data: Mapping[str, str] | None, *, now: datetime, initial: dict[str, str] | None = None) -> None:
        super().__init__(data, initial=initial)
        self._now = now

    def clean_starts(self) -> datetime | None:
        """The instant the clock on the wall shows this."""
        return self._instant("starts")

    def clean_ends(self) -> datetime | None:
        """Likewise."""
        return self._instant("ends")

    def _instant(self, name: str) -> datetime | None:
        written = self.cleaned_data[name]
        if not written:
            return None
        try:
            return instant_in(written, zone=timezone.get_default_timezone(), now=self._now)
        except NoSuchTime:
            raise forms.ValidationError(
                _("There is no such time: clocks are put forward that night. Please choose an earlier or a later one.")
            ) from None
        except HappensTwice:
            raise forms.ValidationError(
                _("There is this time twice: clocks are put back that night. Please choose an earlier or a later one.")
            ) from None
        except NotATime:
            raise forms.ValidationError(_("This is not a time. It looks like 2026-12-24 18:00.")) from None

    @property
    def starts_at(self) -> datetime | None:
        """When it is to begin; None means at once, or that it stays as it is."""
        found: datetime | None = self.cleaned_data.get("starts")
        return found

    @property
    def ends_at(self) -> datetime:
        """When it is expected to end."""
        found: datetime = self.cleaned_data["ends"]
        return found

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal at the field it belongs to."""
        match refusal:
            case operations.StartsInThePast():
                self.add_error("starts" if "starts" in self.fields else None, _("Please choose a time to come."))
            case operations.EndsBeforeItStarts():
                self.add_error("ends", _("It has to end after it begins."))
            case operations.EndsInThePast():
                self.add_error("ends", _("Please choose a time to come."))
            case operations.LastsTooLong():
                self.add_error("ends", _("It can last %(days)d days at most.") % {"days": LONGEST.days})
            case operations.Overlaps():
                self.add_error(None, _("There is other maintenance at that time. Move or cancel it first."))
            case _:
                raise refusal


class PlanForm(TimesForm):
    """Maintenance to come, or, without a beginning, now."""

    message_de = forms.CharField(
        label=gettext_lazy("What is being done, in German"),
        help_text=gettext_lazy("Customers read it word for word."),
        max_length=MESSAGE_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "de"}),
        error_messages={"max_length": TOO_LONG},
    )
    message_en = forms.CharField(
        label=gettext_lazy("What is being done, in English"),
        max_length=MESSAGE_MAX_LENGTH,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "lang": "en"}),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, data: Mapping[str, str] | None, *, now: datetime) -> None:
        super().__init__(data, now=now)
        self.fields["starts"].required = False
        self.fields["starts"].help_text = _("Leave it empty to begin at once.")

    @property
    def message(self) -> Message:
        """What customers read."""
        return Message(self.cleaned_data["message_de"], self.cleaned_data["message_en"])

    def preview(self, *, now: datetime) -> dict[str, Any]:
        """What customers will read, in both languages, and when."""
        words = {}
        for language in ("de", "en"):
            with translation.override(language):
                words[language] = Words.of(self.message)
        starts_at = self.starts_at or now
        return {
            "starts_at": starts_at,
            "ends_at": self.ends_at,
            "begins_at_once": self.starts_at is None,
            "is_announced_at_once": stage(Times(starts_at, self.ends_at), now=now) is Stage.ANNOUNCED,
            "words": list(words.values()),
        }


class MoveForm(TimesForm):
    """The times of a window, to be changed."""

    _times: dict[str, datetime]

    @classmethod
    def of(cls, window: Window, data: Mapping[str, str] | None, *, now: datetime) -> MoveForm:
        """The form with the window's times in it."""
        times = {"starts": window.starts_at, "ends": window.ends_at}
        shown = {name: timezone.localtime(instant).strftime(AS_BROWSERS_SEND_IT) for name, instant in times.items()}
        form = cls(data, now=now, initial=shown)
        form._times = times
        for name, field in form.fields.items():
            # What the page showed comes back with it: nobody takes back what a colleague changes meanwhile. A page from
            # before an update does not say what it showed.
            field.show_hidden_initial = data is None or form.add_initial_prefix(name) in data
        return form

    def _instant(self, name: str) -> datetime | None:
        # What nobody touched stays as it is: to the second, and where clocks show it twice.
        return super()._instant(name) if name in self.changed_data else self._times[name]

    def keep_the_start(self) -> None:
        """Only the end is asked for."""
        del self.fields["starts"]

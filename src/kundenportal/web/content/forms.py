from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from kundenportal.web.shared.sentences import TOO_LONG

from .models.help import REMARK_MAX_LENGTH
from .reading import RemarkTooLong, SaidTooMuch

if TYPE_CHECKING:
    from kundenportal.kernel.refusal import Refusal


class FeedbackForm(forms.Form):
    """Whether a help page has helped: the two buttons send it."""

    remark = forms.CharField(
        label=_("What was missing or unclear?"),
        help_text=_("Please enter no passwords and no personal data."),
        required=False,
        max_length=REMARK_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )
    helped = forms.TypedChoiceField(choices=[("yes", ""), ("no", "")], coerce=lambda value: value == "yes")

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `reading.give_feedback` at the field it belongs to."""
        match refusal:
            case RemarkTooLong():
                self.add_error("remark", TOO_LONG % {"limit_value": REMARK_MAX_LENGTH})
            case SaidTooMuch():
                self.add_error(None, _("So much has been remarked that we take nothing more down for an hour."))
            case _:
                raise refusal

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import ColourScheme, Language
from kundenportal.kernel.lengths import NAME_MAX_LENGTH
from kundenportal.web.shared.language import LANGUAGES
from kundenportal.web.shared.seen import SeenField
from kundenportal.web.shared.sentences import TOO_LONG
from kundenportal.web.shared.words import COLOUR_SCHEMES

if TYPE_CHECKING:
    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.refusal import Refusal


class ProfileForm(forms.Form):
    """What the owner of an account may choose, the password apart."""

    colour_scheme = forms.TypedChoiceField(
        label=_("Colour scheme"),
        choices=COLOUR_SCHEMES.items,
        coerce=ColourScheme,
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": _("Please enter the name by which we should greet you."),
            "max_length": TOO_LONG,
        },
    )
    language = forms.TypedChoiceField(
        label=_("Language"), choices=LANGUAGES.items, coerce=Language, widget=forms.RadioSelect
    )

    # How the account stood when the page was made: what its owner left alone, the desk may have corrected meanwhile.
    seen = SeenField(salt="kundenportal.profile-seen")

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `accounts.update_profile` at the field it belongs to."""
        match refusal:
            case accounts.NameMissing():
                self.add_error("name", self.fields["name"].error_messages["required"])
            case accounts.NameTooLong():
                too_long = self.fields["name"].error_messages["max_length"]
                self.add_error("name", too_long % {"limit_value": NAME_MAX_LENGTH})
            case _:
                raise refusal

    @classmethod
    def of(cls, account: Account) -> ProfileForm:
        """The form as the account stands now."""
        stands = {"colour_scheme": account.colour_scheme, "name": account.name, "language": account.language}
        return cls(initial={**stands, "seen": stands})

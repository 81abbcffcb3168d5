from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.rules import (
    ADDRESS_MAX_LENGTH,
    NAME_MAX_LENGTH,
    Kind,
    Language,
    Role,
)
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.rules import NAME_MAX_LENGTH as ORGANISATION_NAME_MAX_LENGTH
from kundenportal.web.shared.language import LANGUAGES

if TYPE_CHECKING:
    from kundenportal.kernel.refusal import Refusal

KINDS = {
    Kind.PERSONAL: gettext_lazy("Personal – belongs to one person"),
    Kind.INSTITUTIONAL: gettext_lazy("Institutional – belongs to an office"),
}
ROLES = {
    Role.CUSTOMER: gettext_lazy("Customer"),
    Role.INTAKE: gettext_lazy("Intake – takes requests down"),
    Role.DESK: gettext_lazy("Service desk"),
    Role.DESK_LEAD: gettext_lazy("Head of the service desk"),
    Role.EDITOR: gettext_lazy("Editor"),
    Role.ADMIN: gettext_lazy("Administration"),
}

TOO_LONG = gettext_lazy("Please enter at most %(limit_value)d characters.")


class IssueAccessForm(forms.Form):
    """To whom access is issued. There is no password here: nobody chooses or sees it."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Please enter the e-mail address."),
            "invalid": gettext_lazy("This is not an e-mail address. It looks like name@example.org."),
            "max_length": TOO_LONG,
        },
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_MAX_LENGTH,
        help_text=gettext_lazy("As the letter should greet: a person's name, or that of the office."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Please enter a name."), "max_length": TOO_LONG},
    )
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=ORGANISATION_NAME_MAX_LENGTH,
        help_text=gettext_lazy("An organisation not yet known is added."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "organisation-names"}),
        error_messages={"required": gettext_lazy("Please enter an organisation."), "max_length": TOO_LONG},
    )
    kind = forms.TypedChoiceField(
        label=gettext_lazy("Kind of address"),
        choices=KINDS.items,
        coerce=Kind,
        initial=Kind.PERSONAL,
        widget=forms.RadioSelect,
    )
    language = forms.TypedChoiceField(
        label=gettext_lazy("Language of the letter"),
        choices=LANGUAGES.items,
        coerce=Language,
        initial=Language.GERMAN,
        widget=forms.RadioSelect,
    )
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=ROLES.items, coerce=Role, initial=Role.CUSTOMER)

    def without_roles(self) -> None:
        """For staff who may issue access to customers only."""
        del self.fields["role"]

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `issue_access` at the field it belongs to."""
        match refusal:
            case accounts.AddressMalformed():
                self.add_error("address", _("This is not an e-mail address. It looks like name@example.org."))
            case accounts.AddressTaken():
                self.add_error("address", _("This address already has access."))
            case accounts.NameMissing():
                self.add_error("name", _("Please enter a name."))
            case organisations.OrganisationNameMissing():
                self.add_error("organisation", _("Please enter an organisation."))
            case _:
                raise refusal

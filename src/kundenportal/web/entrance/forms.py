from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH
from kundenportal.web.shared.new_password import password_field
from kundenportal.web.shared.sentences import NOT_AN_ADDRESS, TOO_LONG


def _address_field() -> forms.EmailField:
    return forms.EmailField(
        label=_("E-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        widget=forms.EmailInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "off",
                "spellcheck": "false",
                "maxlength": None,
            }
        ),
        error_messages={
            "required": _("Please enter your e-mail address."),
            "max_length": TOO_LONG,
            "invalid": NOT_AN_ADDRESS,
        },
    )


class SignInForm(forms.Form):
    """Sign-in name and password, named as on the help page."""

    address = _address_field()
    password = password_field(_("Password"), "current-password", missing=_("Please enter your password."))
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    @classmethod
    def refused(cls, *, address: str, wish: str) -> SignInForm:
        """As it is shown again after a wrong entry: nothing says which of the two was wrong."""
        form = cls({"address": address, "next": wish})
        form.errors.clear()
        form.add_error(None, _("E-mail address and password do not match. Please check both and try again."))
        return form


class AddressForm(forms.Form):
    """Where the mail for somebody who forgot the password goes."""

    address = _address_field()

"""The password part of a page: one form, one wording and one judge for first sign-in, profile and reset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.core.validators import MaxLengthValidator
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from kundenportal.domain.credentials.guard import Locked
from kundenportal.domain.credentials.operations import passwords
from kundenportal.kernel.refusal import TooBusy
from kundenportal.web.shared.sentences import TOO_LONG

from .access import account_of_session
from .strength import reason_for, word_for

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict
    from django_stubs_ext import StrPromise

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.refusal import Refusal

ENTRY_MAX_LENGTH = 1000  # far above what the policy takes; beyond it nobody typed or pasted a password


def password_field(
    label: str | StrPromise, autocomplete: str, *, missing: str | StrPromise, shown: bool = False
) -> forms.CharField:
    """A field for a password, taken exactly as typed; `missing` is said when it is empty."""
    widget = forms.TextInput if shown else forms.PasswordInput
    return forms.CharField(
        label=label,
        strip=False,
        # Not max_length: the browser would cut a pasted password without a word. How long a new one may be, the policy
        # knows and says.
        validators=[] if shown else [MaxLengthValidator(ENTRY_MAX_LENGTH, message=TOO_LONG)],
        error_messages={"required": missing},
        widget=widget(
            attrs={
                "autocomplete": autocomplete,
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )


class CurrentPasswordForm(forms.Form):
    """Asks whoever signed in long ago for the current password, and nobody else for anything."""

    def ask_for_current_password(self) -> None:
        """Adds the field in which somebody whose sign-in is long ago proves who they are."""
        self.fields["current_password"] = password_field(
            gettext_lazy("Your current password"),
            "current-password",
            missing=gettext_lazy("Your sign-in was a while ago. Please enter your current password as well."),
        )

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of the current password at its field."""
        match refusal:
            case passwords.CurrentPasswordMissing():
                if "current_password" not in self.fields:
                    self.ask_for_current_password()
                self.add_error(
                    "current_password",
                    _("Your sign-in was a while ago. Please enter your current password as well."),
                )
            case passwords.CurrentPasswordWrong():
                self.add_error("current_password", _("That is not your current password."))
            case Locked():
                self.add_error(
                    "current_password",
                    _(
                        "A wrong password has been entered five times; for your safety no further one is checked. "
                        "You get in again by “Forgot your password?” on the start page."
                    ),
                )
            case TooBusy():
                self.add_error(None, _("The portal is very busy at this moment. Please save again in a few seconds."))
            case _:
                raise refusal


class NewPasswordForm(CurrentPasswordForm):
    """A new password in clear, the tick for a weak one, and the current one where it is asked for."""

    new_password = password_field(
        gettext_lazy("New password"),
        "new-password",
        missing=gettext_lazy("Please enter a password, or take another suggestion."),
        shown=True,
    )
    confirm_weak = forms.BooleanField(label=gettext_lazy("Confirm weak password"), required=False)
    account: Account  # whose password it is going to be

    @classmethod
    def of(cls, account: Account, entered: QueryDict | None = None) -> NewPasswordForm:
        """The form as it was entered, or with a new suggestion."""
        initial = {"new_password": passwords.suggested_password(account)} if entered is None else None
        form = cls(entered, initial=initial)
        form.account = account
        if not passwords.may_confirm_weak_password(account):
            del form.fields["confirm_weak"]
        return form

    def entry(self) -> passwords.NewPassword:
        """What was entered; only after the form was found valid."""
        return passwords.NewPassword(
            password=self.cleaned_data["new_password"],
            weak_confirmed=self.cleaned_data.get("confirm_weak", False),
            current_password=self.cleaned_data.get("current_password", ""),
        )

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `passwords` at the field it belongs to."""
        match refusal:
            case passwords.PasswordRefused():
                self.add_error("new_password", reason_for(refusal.verdict))
            case passwords.PasswordWeak() if "confirm_weak" not in self.fields:
                self.add_error("new_password", _("With your role you need a strong password."))
            case passwords.PasswordWeak():
                self.add_error(
                    "confirm_weak",
                    _("This password is weak. Choose another one, or tick the box if you want it all the same."),
                )
            case passwords.ChangedMeanwhile():
                self.add_error(
                    None, _("Your password has just been changed elsewhere. Please sign in again, with the new one.")
                )
            case _:
                super().say_why_not(refusal)


def strength_context(account: Account, password: str) -> dict[str, object]:
    """What elements/strength.html needs; nothing typed, nothing judged."""
    if not password:
        return {"verdict": None}
    verdict = passwords.judged_password(account, password)
    return {"verdict": verdict, "strength_word": word_for(verdict), "strength_reason": reason_for(verdict)}


@require_POST
@sensitive_post_parameters("new_password")
def password_strength(request: HttpRequest) -> HttpResponse:
    """The meter, as somebody types."""
    account = account_of_session(request)
    entry = request.POST.get("new_password", "")[:ENTRY_MAX_LENGTH]
    return render(request, "elements/strength.html", strength_context(account, entry))

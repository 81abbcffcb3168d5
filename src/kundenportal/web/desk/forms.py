from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.operations import Details
from kundenportal.domain.accounts.queries import organisations_of
from kundenportal.domain.accounts.rules import (
    TELEPHONE_MAX_LENGTH,
    Kind,
    Language,
    Role,
    may_give,
)
from kundenportal.domain.credentials.operations import access, caller_codes, deletions, entitlement, lockouts, steps
from kundenportal.domain.credentials.rules.entitlement import QUESTION_MAX_LENGTH, REASON_MAX_LENGTH
from kundenportal.domain.credentials.rules.identity import STATED, Identity, Means
from kundenportal.domain.organisations import operations as organisations
from kundenportal.domain.organisations.rules import NAME_MAX_LENGTH as ORGANISATION_NAME_MAX_LENGTH
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH
from kundenportal.kernel.telephones import is_telephone
from kundenportal.kernel.text import on_one_line
from kundenportal.web.shared.language import LANGUAGES
from kundenportal.web.shared.seen import SeenField
from kundenportal.web.shared.sentences import NOT_AN_ADDRESS, TOO_LONG
from kundenportal.web.shared.words import ROLES

from .leafing import number_in
from .words import BEYOND_ROLE, MEANS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

    from kundenportal.domain.accounts.models import Account
    from kundenportal.kernel.refusal import Refusal

KINDS = {
    Kind.PERSONAL: gettext_lazy("Personal – belongs to one person"),
    Kind.INSTITUTIONAL: gettext_lazy("Institutional – belongs to an office"),
}
DESCRIBED_BY = ("name", "kind", "telephone")
NO_TELEPHONE = gettext_lazy("This is not a telephone number. It looks like +49 511 12401-769.")


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_MAX_LENGTH,
        help_text=gettext_lazy("As the letter should greet: a person’s name, or that of the office."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Please enter a name."), "max_length": TOO_LONG},
    )


def _kind_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=gettext_lazy("Kind of address"),
        choices=KINDS.items,
        coerce=Kind,
        initial=Kind.PERSONAL,
        widget=forms.RadioSelect,
    )


def _refuse_no_telephone(entry: str) -> None:
    # Told together with whatever else is wrong; the domain says it once more.
    if not is_telephone(on_one_line(entry)):
        raise forms.ValidationError(NO_TELEPHONE)


def _telephone_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Telephone number"),
        max_length=TELEPHONE_MAX_LENGTH,
        required=False,
        help_text=gettext_lazy("Where we call back to make sure who is calling."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "tel"}),
        error_messages={"max_length": NO_TELEPHONE},
        validators=[_refuse_no_telephone],
    )


class IssueAccessForm(forms.Form):
    """To whom access is issued. There is no password here: nobody chooses or sees it."""

    address = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Please enter the e-mail address."),
            "invalid": NOT_AN_ADDRESS,
            "max_length": TOO_LONG,
        },
    )
    name = _name_field()
    organisation = forms.CharField(
        label=gettext_lazy("Organisation"),
        max_length=ORGANISATION_NAME_MAX_LENGTH,
        help_text=gettext_lazy("An organisation not yet known is added."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "organisation-names"}),
        error_messages={"required": gettext_lazy("Please enter an organisation."), "max_length": TOO_LONG},
    )
    kind = _kind_field()
    telephone = _telephone_field()
    language = forms.TypedChoiceField(
        label=gettext_lazy("Language of the letter"),
        choices=LANGUAGES.items,
        coerce=Language,
        initial=Language.GERMAN,
        widget=forms.RadioSelect,
    )
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), choices=ROLES.items, coerce=Role, initial=Role.CUSTOMER)

    def offer_roles(self, giver: Role) -> None:
        """Only those roles somebody in this one may give; whoever may give but one is not asked."""
        given = [role for role in ROLES if may_give(giver, role)]
        if len(given) == 1:
            del self.fields["role"]
        else:
            cast("forms.ChoiceField", self.fields["role"]).choices = [(role, ROLES[role]) for role in given]

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal of `issue_access` at the field it belongs to."""
        match refusal:
            case accounts.AddressMalformed():
                self.add_error("address", NOT_AN_ADDRESS)
            case accounts.AddressTaken():
                self.add_error("address", _("This address already has access."))
            case _:
                if not _say_of_description(self, refusal, organisation="organisation"):
                    raise refusal


def _say_of_description(form: forms.Form, refusal: Refusal, *, organisation: str) -> bool:
    """Whether that is of how an account is described: then its sentence is put at its field.

    `organisation` is the field in which one is named.
    """
    match refusal:
        case accounts.NameMissing():
            form.add_error("name", _("Please enter a name."))
        case accounts.NameTooLong():
            form.add_error("name", TOO_LONG % {"limit_value": NAME_MAX_LENGTH})
        case accounts.TelephoneMalformed():
            form.add_error("telephone", NO_TELEPHONE)
        case organisations.OrganisationNameMissing():
            form.add_error(organisation, _("Please enter an organisation."))
        case organisations.OrganisationNameTooLong():
            form.add_error(organisation, TOO_LONG % {"limit_value": ORGANISATION_NAME_MAX_LENGTH})
        case _:
            return False
    return True


class StepForm(forms.Form):
    """A step that asks for nothing but the button."""

    def be_about(self, account: Account) -> None:
        """Asks what depends on the account."""

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal where it belongs."""
        match refusal:
            case caller_codes.CallerCodeWrong():
                self.add_error("code", _("This code is not right, or no longer. Have a new one made or sent."))
            case accounts.AddressMalformed():
                self.add_error("address", NOT_AN_ADDRESS)
            case accounts.AddressTaken():
                self.add_error("address", _("Another account has this address already."))
            case access.LetterOnItsWay():
                self.add_error(None, _("A letter is on its way already. Wait for it to arrive or to come back."))
            case accounts.RoleNotYours():
                self.add_error(None, BEYOND_ROLE)
            case steps.AddressUnchanged():
                self.add_error("address", _("This is the address the account has now."))
            case (
                access.CheckFirst()
                | deletions.AlreadyToBeDeleted()
                | entitlement.AlreadyBeingChecked()
                | entitlement.NoCheckNeeded()
                | lockouts.NotLocked()
                | steps.AlreadyUsed()
                | steps.Suspended()
            ):  # since the page was made, somebody else has done something for the account, or its owner has
                self.add_error(None, _("That is not needed any more: look at how the account stands now."))
            case _:
                raise refusal


class IdentityForm(StepForm):
    """How staff made sure who they are dealing with."""

    means = forms.TypedChoiceField(
        label=gettext_lazy("How do you know who you are dealing with?"),
        choices=[(means, MEANS[means]) for means in STATED],
        coerce=Means,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please say how you know who you are dealing with.")},
    )
    code = forms.CharField(
        label=gettext_lazy("Code the caller reads out"),
        help_text=gettext_lazy(
            "It stands in the portal under “Code for the telephone”, or in the e-mail you send from here."
        ),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def be_about(self, account: Account) -> None:
        """Says at which number the account's owner is called back."""
        self.offer_means(STATED, account)

    def offer_means(self, means: Sequence[Means], account: Account) -> None:
        """How somebody may have shown that they are the account's owner."""
        labels: dict[Means, object] = dict(MEANS)
        if account.telephone:
            labels[Means.CALL_BACK] = _("Called back on %(number)s") % {"number": account.telephone}
        else:
            self.fields["means"].help_text = _(
                "No telephone number is on file. Call back on one you know from elsewhere, not on the one that calls."
            )
        cast("forms.ChoiceField", self.fields["means"]).choices = [(each, labels[each]) for each in means]

    def clean(self) -> dict[str, Any]:
        """Where the code is the means, there is one."""
        cleaned = super().clean() or {}
        if cleaned.get("means") is Means.CALLER_CODE and not cleaned.get("code"):
            self.add_error("code", _("Please enter the code the caller has read out."))
        return cleaned

    def identity(self) -> Identity:
        """What was stated."""
        return Identity(self.cleaned_data["means"], self.cleaned_data["code"])


class CorrectAddressForm(IdentityForm):
    """The right address, and for whom."""

    field_order = ("address",)
    address = forms.EmailField(
        label=gettext_lazy("New e-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": gettext_lazy("Please enter the e-mail address."),
            "invalid": NOT_AN_ADDRESS,
            "max_length": TOO_LONG,
        },
    )


class _OrganisationsToLeave(forms.TypedMultipleChoiceField):
    """That a colleague has taken one of them away meanwhile is no mistake."""

    def valid_value(self, value: object) -> bool:
        """Any number may be that of an organisation."""
        return number_in(str(value)) is not None


class DetailsForm(IdentityForm):
    """What an account is called, how its owner is called back, and for whom it acts."""

    field_order = ("name", "kind", "telephone", "leaves", "joins")
    name = _name_field()
    kind = _kind_field()
    telephone = _telephone_field()
    # What is ticked goes: so an organisation that a colleague adds meanwhile stays.
    leaves = _OrganisationsToLeave(
        label=gettext_lazy("Acts no longer for"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    joins = forms.CharField(
        label=gettext_lazy("Acts for this organisation, too"),
        max_length=ORGANISATION_NAME_MAX_LENGTH,
        required=False,
        help_text=gettext_lazy("An organisation not yet known is added."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "organisation-names"}),
        error_messages={"max_length": TOO_LONG},
    )
    # How the account was described when the page was made: nobody takes back what a colleague changes meanwhile.
    # Up to 0.1.0 it was signed with Django's own salt. What came before the upgrade, and from machines whose turn is
    # later, is known until the version after this one.
    seen = SeenField(salt="kundenportal.details-seen", formerly="django.core.signing")

    def be_about(self, account: Account) -> None:
        """Begins with how the account is described now."""
        super().be_about(account)
        stands = {name: getattr(account, name) for name in DESCRIBED_BY}
        for name, value in stands.items():
            self.fields[name].initial = value
        self.fields["seen"].initial = stands
        field = cast("forms.TypedMultipleChoiceField", self.fields["leaves"])
        field.choices = list(organisations_of(account).values_list("pk", "name"))

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal where it belongs; from now on, what a colleague has changed has been seen."""
        match refusal:
            case accounts.ChangedMeanwhile():
                self._say_what_stands(refusal.stands)
            case accounts.ActsForNobody():
                self.add_error("leaves", _("An account acts for at least one organisation."))
            case _:
                if not _say_of_description(self, refusal, organisation="joins"):
                    super().say_why_not(refusal)

    def _say_what_stands(self, stands_now: Mapping[str, str]) -> None:
        seen = {**self.cleaned_data["seen"], **stands_now}
        data = cast("QueryDict", self.data).copy()
        data["seen"] = self.fields["seen"].prepare_value(seen)
        self.data = data
        for name, value in stands_now.items():
            stands = KINDS[Kind(value)] if name == "kind" else value or "–"
            said = _(
                "Somebody has changed this meanwhile, to “%(value)s”. If your entry is to stand, send it once more."
            )
            self.add_error(name, said % {"value": stands})

    def details(self) -> Details:
        """What was entered."""
        names = [field.name for field in fields(Details)]
        return Details(**{name: self.cleaned_data[name] for name in names})


class RoleForm(forms.Form):
    """What an account may do."""

    role = forms.TypedChoiceField(
        label=gettext_lazy("Role"), choices=ROLES.items, coerce=Role, widget=forms.RadioSelect
    )

    def offer_roles(self, giver: Role) -> None:
        """Only those roles somebody in this one may give."""
        given = [(role, label) for role, label in ROLES.items() if may_give(giver, role)]
        cast("forms.ChoiceField", self.fields["role"]).choices = given


class DecisionForm(IdentityForm):
    """What staff decide about a request for new access; each button needs its own part of the form."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It goes out in the e-mail, word for word."),
        required=False,
        max_length=REASON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )
    question = forms.CharField(
        label=gettext_lazy("Your question"),
        help_text=gettext_lazy("It goes out by e-mail, word for word; the answer comes to the service address."),
        required=False,
        max_length=QUESTION_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": TOO_LONG},
    )

    @property
    def decision(self) -> str:
        """The button that was pressed."""
        return str(self.data.get("decision", ""))

    def offer_means(self, means: Sequence[Means], account: Account) -> None:
        """How whoever asked may have shown who they are; only an approval needs to know."""
        super().offer_means(means, account)
        self.fields["means"].required = self.decision == "approve"

    def clean(self) -> dict[str, Any]:
        """The part that belongs to the button is filled in."""
        cleaned = super().clean() if self.decision == "approve" else self.cleaned_data
        if self.decision == "decline" and not cleaned.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Please say why: whoever asked is told."))
        if self.decision == "ask" and not cleaned.get("question") and "question" not in self.errors:
            self.add_error("question", _("Please write your question."))
        return cleaned

    def say_why_not(self, refusal: Refusal) -> None:
        """Puts the sentence for a refusal where it belongs."""
        match refusal:
            case entitlement.AnotherHasToAgree():
                self.add_error(None, _("You have approved already. A colleague has to approve as well."))
            case entitlement.NoCheckNeeded():
                self.add_error(
                    None, _("New access is not needed any more: the account has been used, suspended or issued anew.")
                )
            case _:
                super().say_why_not(refusal)

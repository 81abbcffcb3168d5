"""A request is taken down while nobody is at the service desk: the qualified intake."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kundenportal.domain.support import operations, proofs
from kundenportal.domain.support.rules import (
    CALL_BACK_MAX_LENGTH,
    CONCERN_MAX_LENGTH,
    PREFERRED_TIME_MAX_LENGTH,
    Request,
    Route,
)
from kundenportal.kernel import clock
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH
from kundenportal.web.shared.access import account_of_session, everybody
from kundenportal.web.shared.again import shows_what_was_typed, typed
from kundenportal.web.shared.cookies import keep_cookie
from kundenportal.web.shared.origin import origin_of
from kundenportal.web.shared.sentences import NOT_AN_ADDRESS, ONE_IS_ENOUGH, TOO_LONG
from kundenportal.web.shared.way_back import WayBackForm

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

# For as long as the page that thanks may be loaded again.
REMEMBERED_FOR = timedelta(minutes=15)
_signer = Signer(salt="kundenportal.intake-taken")


class ContactForm(WayBackForm):
    """What somebody wants, and how they can be reached."""

    proof = forms.CharField(widget=forms.HiddenInput, required=False)
    # Only programs fill this in: people do not see it, and are not led to it.
    website = forms.CharField(
        label=gettext_lazy("Please leave this field empty"),
        required=False,
        widget=forms.TextInput(attrs={"class": "visually-hidden", "autocomplete": "off", "tabindex": "-1"}),
    )
    concern = forms.CharField(
        label=gettext_lazy("What is it about?"),
        max_length=CONCERN_MAX_LENGTH,
        help_text=gettext_lazy("Please do not write any passwords."),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Please write what it is about."), "max_length": TOO_LONG},
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Please enter your name."), "max_length": TOO_LONG},
    )
    call_back_number = forms.CharField(
        label=gettext_lazy("Telephone number at which we may call you back"),
        help_text=ONE_IS_ENOUGH,
        max_length=CALL_BACK_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
        error_messages={"max_length": TOO_LONG},
    )
    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=ADDRESS_MAX_LENGTH,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={
            "invalid": NOT_AN_ADDRESS,
            "max_length": TOO_LONG,
        },
    )
    preferred_time = forms.CharField(
        label=gettext_lazy("When do you prefer to be called?"),
        max_length=PREFERRED_TIME_MAX_LENGTH,
        required=False,
        help_text=gettext_lazy("For example: Tuesday morning."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )

    def clean(self) -> dict[str, Any]:
        """Whatever fills in what nobody sees is no person."""
        entered = super().clean()
        if entered.get("website"):
            # Should it have been a browser that was too eager: it is sent empty the next time.
            self.data = {**self.data, "website": ""}
            self.add_error(None, _("One field is there for programs only and has to stay empty. Please send it again."))
        return entered

    def again(self, *, now: datetime) -> ContactForm:
        """The same entries in a form that is worth something."""
        return ContactForm(initial={**self.data, "proof": proofs.proof_for_form(now=now)})

    @property
    def request(self) -> Request:
        """What is taken down."""
        return Request(**{field.name: self.cleaned_data[field.name] for field in fields(Request)})


@shows_what_was_typed
@everybody
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Takes a request down; whoever is signed in need not say who they are."""
    now = clock.now()
    if request.method != "POST":
        known = {**_known_of(request), **typed(request), "website": "", "proof": proofs.proof_for_form(now=now)}
        return _show(request, ContactForm(initial=known))
    form = ContactForm(request.POST.dict())
    is_valid = form.is_valid()
    try:
        key = proofs.key_of_form(form.cleaned_data.get("proof", ""), now=now)
    except proofs.FormTooQuick:
        return _show(request, form, notice=_("That was very quick. Please press the button once more."))
    except proofs.FormWorthless:
        notice = _("The page was open too long. Please press the button once more.")
        return _show(request, form.again(now=now), notice=notice)
    if not is_valid:
        return _show(request, form)
    intake = operations.take_down(
        form.request,
        route=Route.PAGE,
        account=account_of_session(request) if request.user.is_authenticated else None,
        form_key=key,
        now=now,
        origin=origin_of(request),
    )
    response = redirect("contact-taken")
    taken, path = _signer.sign(intake.reference), reverse("contact-taken")
    keep_cookie(response, settings.INTAKE_COOKIE_NAME, taken, keep_for=REMEMBERED_FOR, path=path)
    return response


@everybody
@never_cache
@require_safe
def taken(request: HttpRequest) -> HttpResponse:
    """Says under which reference it was taken down, to the browser that sent it."""
    try:
        reference = _signer.unsign(request.COOKIES.get(settings.INTAKE_COOKIE_NAME, ""))
    except BadSignature:
        return redirect("contact")
    return render(request, "entrance/contact_taken.html", {"reference": reference})


def _known_of(request: HttpRequest) -> dict[str, Any]:
    if not request.user.is_authenticated:
        return {}
    account = account_of_session(request)
    return {"name": account.name, "email": account.address}


def _show(request: HttpRequest, form: ContactForm, *, notice: str = "") -> HttpResponse:
    return render(request, "entrance/contact.html", {"form": form, "notice": notice})

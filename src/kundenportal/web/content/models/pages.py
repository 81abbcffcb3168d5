"""What all pages have in common: a language, an address of ours, and for some an audience."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Value
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalManyToManyField
from wagtail.admin.forms import WagtailAdminPageForm
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.models import Page, PageManager, PagePermissionTester
from wagtail.query import PageQuerySet

if TYPE_CHECKING:
    from typing import Any, Self

    from django.http import HttpRequest

    from kundenportal.domain.accounts.models import Account


class PortalPageQuerySet(PageQuerySet):
    def in_language(self, language: str) -> Self:
        """Each page once: in this language, or in the other one where it has not been translated."""
        translated = self.filter(locale__language_code=language).values("translation_key")
        found = self.filter(Q(locale__language_code=language) | ~Q(translation_key__in=translated))
        return found.select_related("locale")


class AddressedQuerySet(PortalPageQuerySet):
    def for_account(self, account: Account, *, organisation: int | None = None) -> Self:
        """The published pages this account may see: for everybody, and for whom it acts, or for one of them alone.

        Whoever no longer acts for that one, chosen earlier in the session, reads for all.
        """
        acts_for = account.memberships.values("organisation")
        if organisation:
            is_own = Exists(account.memberships.filter(organisation=organisation))
            acts_for = acts_for.filter(Q(organisation=organisation) | ~is_own)
        # Of the table between them alone: who asks for pages by their organisations joins these once more.
        addressed = self.model.organisations.through.objects.filter(organisation__in=acts_for)
        is_addressed = Q(pk__in=addressed.values(self._page()))
        return self.live().filter(Q(audience=Audience.EVERYBODY) | is_addressed)

    def told_for_whom(self, account: Account) -> Self:
        """Each with `meant_for`: which of the account's organisations it was written for; none if for everybody."""
        chosen = self.model.organisations.through.objects.filter(
            Exact(OuterRef("audience"), Value(Audience.CHOSEN)),
            organisation__in=account.memberships.values("organisation"),
            **{self._page(): OuterRef("pk")},
        )
        names = chosen.order_by("organisation__name").values("organisation__name")
        return self.annotate(meant_for=ArraySubquery(names))

    def _page(self) -> str:
        """What the page is called in the table between pages and organisations."""
        name: str = self.model.organisations.field.m2m_field_name()
        return name


class Audience(models.TextChoices):
    """Whom a page is for. Nobody chosen is nobody, never everybody."""

    EVERYBODY = "everybody", _("Everybody who is signed in")
    CHOSEN = "chosen", _("Chosen organisations")


class PortalPage(Page):
    """A page of the portal, in one language."""

    # One look at who may see what: ours. Wagtail's own privacy setting would be a second.
    private_page_options: list[str] = []
    promote_panels = [FieldPanel("slug")]

    objects = PageManager.from_queryset(PortalPageQuerySet)()

    class Meta:
        abstract = True

    def address(self) -> str:
        """Where the portal shows the page, in whichever language it is."""
        raise NotImplementedError

    def clean(self) -> None:
        """Keeps an address for one page, and its translations: readers of both languages look for it there."""
        super().clean()
        others = type(self).objects.filter(slug=self.slug).exclude(translation_key=self.translation_key)
        # Wagtail finds a slug that is free where it is asked for none.
        if self.slug and others.exists():
            raise ValidationError({"slug": _("There is another page at this address, maybe in the other language.")})

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int | None, str, str] | None:
        """What Wagtail makes links from."""
        return None, settings.BASE_URL, self.address()

    def get_url(self, request: HttpRequest | None = None, current_site: object = None) -> str:
        """The address, without the host: there is one portal."""
        return self.address()

    @property
    def language(self) -> str:
        """The language the page is written in."""
        code: str = self.locale.language_code
        return code


class KeptPermissions(PagePermissionTester):
    """A page that the portal leads to from elsewhere is written anew, but stays where it is."""

    def can_delete(self, ignore_bulk: bool = False) -> bool:  # noqa: FBT001, FBT002 - as Wagtail calls it
        """Never."""
        return False

    def can_unpublish(self) -> bool:
        """Never."""
        return False

    def can_move(self) -> bool:
        """Never."""
        return False


class KeptPage(PortalPage):
    """A page there is exactly once in each language, under an address that other pages know."""

    promote_panels: list[object] = []  # the slug belongs to the address
    preview_modes: list[tuple[str, str]] = []  # most are lists that the portal makes

    class Meta:
        abstract = True

    def permissions_for_user(self, user: Account) -> KeptPermissions:
        """What an editor may do with it."""
        return KeptPermissions(user, self)


class AddressedPageForm(WagtailAdminPageForm):
    """Asks for organisations where some are to be chosen."""

    def clean(self) -> dict[str, Any]:
        """Refuses a page that is for chosen organisations, and for none."""
        cleaned: dict[str, Any] = super().clean()
        if cleaned.get("audience") == Audience.CHOSEN and not cleaned.get("organisations"):
            self.add_error("organisations", ValidationError(_("Choose at least one organisation.")))
        return cleaned


class AddressedPage(PortalPage):
    """A page for everybody who is signed in, or for some organisations only."""

    audience = models.CharField(
        max_length=20, choices=Audience.choices, default=Audience.EVERYBODY, verbose_name=_("audience")
    )
    organisations = ParentalManyToManyField(
        "organisations.Organisation",
        blank=True,
        related_name="+",
        verbose_name=_("organisations"),
        help_text=_("Only for chosen organisations. Hold Ctrl to choose several."),
    )

    objects = PageManager.from_queryset(AddressedQuerySet)()
    base_form_class = AddressedPageForm
    audience_panel = MultiFieldPanel(
        [
            FieldPanel("audience", widget=forms.RadioSelect),
            FieldPanel("organisations", widget=forms.SelectMultiple(attrs={"size": 10})),
        ],
        heading=_("Who sees it"),
    )

    class Meta:
        abstract = True


def title_panel() -> TitleFieldPanel:
    """The title, from which the address is made."""
    return TitleFieldPanel("title")

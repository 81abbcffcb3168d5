from collections.abc import Mapping
from typing import Any, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower

from kundenportal.domain.organisations.models import Organisation
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH

from .rules import (
    DESK_ROLES,
    EDITING_ROLES,
    INTAKE_ROLES,
    LEAD_ROLES,
    SPEAKING_ROLES,
    STAFF_ROLES,
    TELEPHONE_MAX_LENGTH,
    ColourScheme,
    Kind,
    Language,
    Role,
    may_give,
)


def _choices(values: type[Kind | Role | Language | ColourScheme]) -> list[tuple[str, str]]:
    return [(value.value, value.name) for value in values]


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> "Account":
        return self.get(address=username)


class Account(AbstractBaseUser, PermissionsMixin):
    """One sign-in; its name is an e-mail address, its state is derived (credentials.rules).

    What an account may do follows from its role alone. Frameworks that ask for permissions instead find them at the
    group that bears the role's name; nobody has any of their own, and nobody is above them.
    """

    address = models.EmailField(max_length=ADDRESS_MAX_LENGTH, unique=True)
    name = models.CharField(max_length=NAME_MAX_LENGTH)
    kind = models.CharField(max_length=20, choices=_choices(Kind), default=Kind.PERSONAL)
    role = models.CharField(max_length=20, choices=_choices(Role), default=Role.CUSTOMER)
    language = models.CharField(max_length=5, choices=_choices(Language), default=Language.GERMAN)
    colour_scheme = models.CharField(max_length=20, choices=_choices(ColourScheme), default=ColourScheme.DEVICE)
    # Where the desk calls back to make sure who is calling; kept by the desk and by imports, not by its owner.
    telephone = models.CharField(max_length=TELEPHONE_MAX_LENGTH, blank=True, default="", db_default="")
    # WCAG 2.1.4: single keys do something at the desk only for whoever wants that.
    uses_shortcuts = models.BooleanField(default=True, db_default=True)
    organisations = models.ManyToManyField(Organisation, through="Membership", related_name="accounts")
    opened_at = models.DateTimeField()
    first_signed_in_at = models.DateTimeField(null=True)
    own_password_chosen_at = models.DateTimeField(null=True)
    # As the policy judged it when it was chosen; afterwards nobody can tell.
    own_password_is_weak = models.BooleanField(default=False)
    suspended_at = models.DateTimeField(null=True)
    groups = models.ManyToManyField(  # type: ignore[assignment]  # through a view of ours
        Group, through="RoleGroup", related_name="+", related_query_name="user"
    )
    user_permissions = None  # type: ignore[assignment]  # Django's way of doing without a field
    is_superuser = False

    USERNAME_FIELD = "address"
    EMAIL_FIELD = "address"
    REQUIRED_FIELDS = ["name"]

    objects = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(address=Lower("address")), name="address_is_kept_in_lower_case"),
            models.CheckConstraint(condition=~models.Q(name=""), name="account_has_a_name"),
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="role_is_known"),
            models.CheckConstraint(
                condition=models.Q(own_password_chosen_at__isnull=True) | models.Q(first_signed_in_at__isnull=False),
                name="an_own_password_is_chosen_after_the_first_sign_in",
            ),
            models.CheckConstraint(
                condition=models.Q(own_password_is_weak=False) | models.Q(own_password_chosen_at__isnull=False),
                name="only_an_own_password_is_weak",
            ),
        ]

    def __str__(self) -> str:
        return self.address

    @classmethod
    def columns(cls) -> list[str]:
        """What is kept of an account; for queries that are composed once (kernel.composed)."""
        return [field.attname for field in cls._meta.concrete_fields]

    @classmethod
    def read(cls, row: Mapping[str, Any], *, named: str = "{}") -> Self | None:
        """The account whose columns, so named, are in the row of a query; None if they are of nobody."""
        held = [row[named.format(column)] for column in cls.columns()]
        return None if row[named.format("id")] is None else cls.from_db("default", cls.columns(), held)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's word for: sessions of this account are honoured."""
        return self.suspended_at is None

    @property
    def is_staff_member(self) -> bool:
        return self.role in STAFF_ROLES

    @property
    def may_use_desk(self) -> bool:
        return self.role in DESK_ROLES

    @property
    def leads_desk(self) -> bool:
        return self.role in LEAD_ROLES

    def may_act_on(self, account: "Account") -> bool:
        """Whether this member of staff may change anything about that account; nobody may about their own."""
        return self.pk != account.pk and may_give(Role(self.role), Role(account.role))

    @property
    def may_take_down_intakes(self) -> bool:
        return self.role in INTAKE_ROLES

    @property
    def speaks_for_the_portal(self) -> bool:
        """Whether they may plan maintenance and change the portal's settings."""
        return self.role in SPEAKING_ROLES

    @property
    def may_edit_content(self) -> bool:
        return self.role in EDITING_ROLES

    @property
    def own_password_chosen(self) -> bool:
        return self.own_password_chosen_at is not None

    @property
    def needs_stronger_password(self) -> bool:
        """Whether a customer has become staff with a password that staff may not have (R6)."""
        return self.is_staff_member and self.own_password_is_weak


class Membership(models.Model):
    """An account acts for an organisation."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "organisation"], name="member_once_per_organisation")]

    def __str__(self) -> str:
        return f"{self.account_id} acts for {self.organisation_id}"


class RoleGroup(models.Model):
    """An account is in the group that bears its role's name: a view of the two tables, so that nothing can drift."""

    account = models.OneToOneField(Account, models.DO_NOTHING, primary_key=True, related_name="+")
    group = models.ForeignKey(Group, models.DO_NOTHING, related_name="+")

    class Meta:
        managed = False

    def __str__(self) -> str:
        return f"{self.account_id} is in {self.group_id}"


class Session(AbstractBaseSession):
    """A browser in which somebody is signed in, or was about to be; kept by `sessions.SessionStore`."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="sessions")

from django.conf import settings
from django.db import models

from .rules.holidays import State
from .rules.settings import (
    NOTE_MAX_LENGTH,
    OPERATOR_NAME_MAX_LENGTH,
    PORTAL_NAME_MAX_LENGTH,
    TELEPHONE_MAX_LENGTH,
    Site,
    special_day_in,
    special_day_words,
    week_in,
    week_words,
)

ONLY_ROW = 1


class Settings(models.Model):
    """The one row that says what `rules.settings.Site` says; as long as there is none, the example holds."""

    version = models.PositiveIntegerField(default=0)
    portal_name = models.CharField(max_length=PORTAL_NAME_MAX_LENGTH)
    operator_name = models.CharField(max_length=OPERATOR_NAME_MAX_LENGTH)
    email = models.EmailField()
    telephone = models.CharField(max_length=TELEPHONE_MAX_LENGTH)
    charges_de = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    charges_en = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    week = models.JSONField()
    state = models.CharField(max_length=2, choices=[(state.value, state.name) for state in State])
    special_days = models.JSONField(default=list)
    colour_light = models.CharField(max_length=7, blank=True)
    colour_dark = models.CharField(max_length=7, blank=True)
    logo = models.ForeignKey("Logo", models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=ONLY_ROW), name="there_is_one_row_of_settings"),
            models.CheckConstraint(
                condition=~models.Q(portal_name="") & ~models.Q(operator_name="") & ~models.Q(telephone=""),
                name="the_portal_says_whose_it_is_and_how_to_reach_them",
            ),
        ]

    def __str__(self) -> str:
        return f"settings, version {self.version}"

    @property
    def site(self) -> Site:
        """What the row says."""
        return Site(
            portal_name=self.portal_name,
            operator_name=self.operator_name,
            email=self.email,
            telephone=self.telephone,
            charges_de=self.charges_de,
            charges_en=self.charges_en,
            week=week_in(self.week),
            state=State(self.state),
            special_days=tuple(map(special_day_in, self.special_days)),
            colour_light=self.colour_light,
            colour_dark=self.colour_dark,
            logo=self.logo_id or "",
        )

    @site.setter
    def site(self, site: Site) -> None:
        self.portal_name, self.operator_name = site.portal_name, site.operator_name
        self.email, self.telephone = site.email, site.telephone
        self.charges_de, self.charges_en = site.charges_de, site.charges_en
        self.week, self.state = week_words(site.week), site.state.value
        self.special_days = [special_day_words(special) for special in site.special_days]
        self.colour_light, self.colour_dark = site.colour_light, site.colour_dark
        self.logo_id = site.logo or None


class Logo(models.Model):
    """A picture, under a name made from its bytes; it never changes, another picture has another name."""

    name = models.CharField(max_length=80, primary_key=True)
    content = models.BinaryField()

    def __str__(self) -> str:
        return self.name

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from kundenportal.domain.audit import operations as audit
from kundenportal.domain.audit.events import Event
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.telephones import is_telephone
from kundenportal.kernel.text import on_one_line

from . import queries
from .models import ONLY_ROW, Logo, Settings
from .pictures import NoPicture, drawn_anew
from .rules.colours import is_readable, least_contrast, nearest_readable
from .rules.settings import EXAMPLE, Site, special_day_words, week_words

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.base_user import AbstractBaseUser

    from kundenportal.kernel.origin import Origin

    from .rules.colours import Ground

NEEDED = ("portal_name", "operator_name")


class ChangedMeanwhile(Refusal):
    """Somebody else has changed the settings since they were looked at; `stand` says how they are now."""

    def __init__(self, stand: queries.Stand) -> None:
        super().__init__()
        self.stand = stand


class SettingMissing(Refusal):
    """The portal has a name, and so has its operator; `setting` says which of the two is missing."""

    def __init__(self, setting: str) -> None:
        super().__init__()
        self.setting = setting


class AddressMalformed(Refusal):
    """That is no e-mail address anybody could write to."""


class TelephoneMalformed(Refusal):
    """That is no number anybody could dial."""


class ColourUnreadable(Refusal):
    """Text in this colour, or on it, could not be read; `nearest` is the nearest shade of which it can."""

    def __init__(self, ground: Ground, *, contrast: float, nearest: str) -> None:
        super().__init__()
        self.ground, self.contrast, self.nearest = ground, contrast, nearest


class LogoUnreadable(Refusal):
    """That is no picture a logo can be made of."""


class LogoMissing(Refusal):
    """There is no logo of that name."""


def keep_logo(content: bytes) -> str:
    """The picture can be chosen as logo from now on, under this name. Raises LogoUnreadable."""
    try:
        name, picture = drawn_anew(content)
    except NoPicture as unreadable:
        raise LogoUnreadable from unreadable
    Logo.objects.bulk_create([Logo(name=name, content=picture)], ignore_conflicts=True)
    return name


def change(site: Site, *, version: int, changed_by: AbstractBaseUser | None, now: datetime, origin: Origin) -> Site:
    """From now on every page and every mail says this; `version` is the one that was looked at.

    Raises ChangedMeanwhile, SettingMissing, AddressMalformed, TelephoneMalformed, ColourUnreadable or LogoMissing.
    """
    wanted = valid(site)
    with transaction.atomic():
        row = _locked_row()
        if row.version != version:
            raise ChangedMeanwhile(queries.stand())
        before, row.site = row.site, wanted
        changes = list(changed(before, wanted))
        if not changes:
            return wanted
        row.version, row.changed_at, row.changed_by_id = version + 1, now, changed_by.pk if changed_by else None
        row.save()
        for setting in changes:
            audit.record(
                Event.SITE_SETTING_CHANGED,
                actor=changed_by,
                now=now,
                origin=origin,
                setting=setting,
                was=value_words(_without_days_of(wanted, before), setting),
                became=value_words(_without_days_of(before, wanted), setting),
            )
        transaction.on_commit(queries.forget)
    return wanted


def valid(site: Site) -> Site:
    """The settings as they would be kept; raises what `change` raises, ChangedMeanwhile excepted."""
    site = replace(
        site,
        portal_name=on_one_line(site.portal_name),
        operator_name=on_one_line(site.operator_name),
        email=site.email.strip(),
        telephone=on_one_line(site.telephone),
        charges_de=on_one_line(site.charges_de),
        charges_en=on_one_line(site.charges_en),
    )
    for setting in NEEDED:
        if not getattr(site, setting):
            raise SettingMissing(setting)
    try:
        validate_email(site.email)
    except ValidationError as malformed:
        raise AddressMalformed from malformed
    if not is_telephone(site.telephone):
        raise TelephoneMalformed
    for ground, colour in site.brand.items():
        if not is_readable(colour, ground):
            raise ColourUnreadable(
                ground, contrast=least_contrast(colour, ground), nearest=nearest_readable(colour, ground)
            )
    if site.logo and not Logo.objects.filter(pk=site.logo).exists():
        raise LogoMissing
    return site


def changed(before: Site, after: Site) -> list[str]:
    """The names of the settings that differ."""
    return [each.name for each in fields(Site) if getattr(before, each.name) != getattr(after, each.name)]


def value_words(site: Site, setting: str) -> str:
    """A setting's value on one line."""
    match setting:
        case "week":
            return " | ".join(hours or "–" for hours in week_words(site.week))
        case "special_days":
            kept = map(special_day_words, site.special_days)
            return "; ".join(" ".join((each["day"], each["hours"] or "–", each["reason"])) for each in kept)
        case _:
            return str(getattr(site, setting))


def _without_days_of(other: Site, site: Site) -> Site:
    # There may be hundreds of special days: the trail keeps those that differ.
    return replace(site, special_days=tuple(each for each in site.special_days if each not in other.special_days))


def _locked_row() -> Settings:
    blank = Settings(pk=ONLY_ROW)
    blank.site = EXAMPLE
    # Of two who are the first, one makes the row, and the other waits for it.
    Settings.objects.bulk_create([blank], ignore_conflicts=True)
    return Settings.objects.select_for_update().get(pk=ONLY_ROW)

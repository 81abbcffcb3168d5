from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.translation import get_language

from kundenportal.domain.site import queries
from kundenportal.domain.site.words import hours_lines
from kundenportal.kernel import clock

from .brand import brand_url, logo_url
from .colours import colour_scheme_of
from .maintenance import notice_of
from .presence import PresenceWords
from .sessions import Rest

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest

    from kundenportal.domain.site.rules.settings import Site


@dataclass(frozen=True)
class Portal:
    """What stands at the top of every page, and at its bottom."""

    name: str
    operator_name: str
    brand_url: str
    logo_url: str

    @classmethod
    def of(cls, site: Site) -> Portal:
        """As the operator wants it shown."""
        return cls(site.portal_name, site.operator_name, brand_url(site), logo_url(site))


@dataclass(frozen=True)
class Service:
    """The support box: how the service desk is reached, when, and whether somebody is there now."""

    email: str
    telephone: str
    telephone_uri: str
    hours: tuple[str, ...]
    charges_note: str
    presence: PresenceWords

    @classmethod
    def of(cls, site: Site, *, now: datetime) -> Service:
        """The box in the language of the page."""
        return cls(
            email=site.email,
            telephone=site.telephone,
            telephone_uri=site.telephone_uri,
            hours=tuple(hours_lines(site.week)),
            charges_note=site.charges(str(get_language())),
            presence=PresenceWords.of(site, now=now),
        )


def portal(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: the portal's name, the support box, the colours, and how long one stays signed in."""
    now = clock.now()
    return {
        **site_context(queries.current(), now=now),
        "colour_scheme": colour_scheme_of(request),
        "session_rest": Rest.of(request, now=now) if request.user.is_authenticated else None,
        **notice_of(request, now=now),
        "demonstration": settings.DEMONSTRATION,
    }


def site_context(site: Site, *, now: datetime) -> dict[str, object]:
    """The portal as its operator wants it shown."""
    # Nothing of it changes within a minute.
    portal, service = _shown(site, get_language(), now.replace(second=0, microsecond=0))
    return {"portal": portal, "service": service}


@lru_cache(maxsize=8)
def _shown(site: Site, language: str | None, now: datetime) -> tuple[Portal, Service]:
    return Portal.of(site), Service.of(site, now=now)

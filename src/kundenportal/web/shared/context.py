from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from kundenportal.domain.support.queries import service_contact
from kundenportal.kernel import clock

from .colours import colour_scheme_of
from .maintenance import notice_of
from .sessions import Rest

if TYPE_CHECKING:
    from django.http import HttpRequest


@dataclass(frozen=True)
class Portal:
    name: str
    operator_name: str


@dataclass(frozen=True)
class Service:
    email: str
    telephone: str
    telephone_uri: str
    hours: str
    charges_note: str


def portal(request: HttpRequest) -> dict[str, object]:
    """What every page shows: the portal's name, the support box, the colours, and how long one stays signed in."""
    contact, now = service_contact(), clock.now()
    return {
        "portal": Portal(name=contact.portal_name, operator_name=contact.operator_name),
        "service": Service(
            email=contact.email,
            telephone=contact.telephone,
            telephone_uri=contact.telephone_uri,
            hours=_("Monday to Friday, %(begin)s to %(end)s")
            % {"begin": contact.weekday_from, "end": contact.weekday_until},
            charges_note=_(
                "You pay no more than your own telephone provider charges. "
                "Outside these hours we take a note of your request."
            ),
        ),
        "colour_scheme": colour_scheme_of(request),
        "session_rest": Rest.of(request, now=now) if request.user.is_authenticated else None,
        **notice_of(request, now=now),
        "demonstration": settings.DEMONSTRATION,
    }

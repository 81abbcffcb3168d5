"""For which of their organisations somebody reads: for all of them, or for one that they have chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from kundenportal.domain.accounts.queries import organisations_of
from kundenportal.web.shared.access import account_of_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

# A number, or the mark that stands for one (web.shared.made_once).
Key = TypeVar("Key", int, str)
IN_SESSION = "organisation"
# The pages that show less when one is chosen; from there the choice is made.
NARROWED = ("home", "news", "downloads")


class Named(NamedTuple, Generic[Key]):
    """An organisation, as far as it is chosen from a list."""

    pk: Key
    name: str


class Acting(NamedTuple, Generic[Key]):
    """Whom somebody acts for, and which one of them was chosen; None means all."""

    organisations: Sequence[Named[Key]]
    chosen: Key | None

    @staticmethod
    def of(request: HttpRequest) -> Acting[int]:
        """As it is for whoever is signed in."""
        rows = organisations_of(account_of_session(request)).values_list("pk", "name")
        return Acting([Named(*row) for row in rows], chosen_organisation(request))

    @property
    def is_choice(self) -> bool:
        """Whether there is anything to choose from."""
        return len(self.organisations) > 1


def chosen_organisation(request: HttpRequest) -> int | None:
    """The one that was chosen in this session."""
    chosen: int | None = request.session.get(IN_SESSION)
    return chosen


@require_POST
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """From now on the pages show what is for this organisation, or for all: whatever is none of one's own is all."""
    entry, page = request.POST.get("organisation", ""), request.POST.get("page", "")
    own = {str(organisation.pk): organisation.pk for organisation in organisations_of(account_of_session(request))}
    request.session[IN_SESSION] = own.get(entry)
    return redirect(page if page in NARROWED else "home")

"""The portal's home: one of the few pages that everybody opens, so that it asks the database little."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kundenportal.domain.accounts.queries import asked_at_once, organisations_of, stand_in
from kundenportal.domain.credentials.queries.lockouts import lockout_token, own_lockouts
from kundenportal.domain.support import queries as support
from kundenportal.kernel import clock
from kundenportal.kernel.composed import Composed
from kundenportal.web.content import queries as pages
from kundenportal.web.content.acting import Acting, Named, chosen_organisation
from kundenportal.web.content.queries import Headline
from kundenportal.web.shared.access import account_of_session
from kundenportal.web.shared.made_once import Differing, MadeOnce
from kundenportal.web.shared.sessions import news_since

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from kundenportal.domain.accounts.models import Account

REQUESTS_ON_HOME = 3
# Its owner has a mail about it; whoever has not seen that sees it here.
LOCKOUT_IS_TOLD_FOR = timedelta(days=3)


class Waiting(NamedTuple):
    """Something that waits for the account's owner, or for which they wait: then there is no address."""

    sign: str
    name: str
    text: str
    address: str = ""


class Welcome(NamedTuple):
    """What editors have written, and in which language."""

    words: str
    language: str


class Downloads(NamedTuple):
    """How many documents there are for somebody, and how many of them are new."""

    number: int
    new: int


# Enough for whoever has nothing unusual waiting, in every language and colour scheme; each takes some 20 kB.
PAGE = MadeOnce("customer/home.html", most=128)


@cache
def _questions(language: str, *, narrowed: bool) -> Composed:
    """All that the home asks several domains about an account, as one query."""

    def compose(
        *, account: int, locked_since: datetime, new_since: datetime, organisation: int | None = None
    ) -> QuerySet[Account, Any]:
        asker = stand_in(account)
        return asked_at_once(
            asker,
            acts_for=ArraySubquery(organisations_of(asker).values(said=JSONObject(pk="pk", name="name"))),
            locked_out=own_lockouts(asker, since=locked_since),
            asked_for=support.own_requests(asker),
            welcome=pages.words_of_welcome(language),
            headlines=pages.headlines(asker, language, since=new_since, organisation=organisation),
            downloads=pages.number_of_downloads(asker, language, since=new_since, organisation=organisation),
            number_of_help_pages=pages.number_of_help_pages(),
        )

    return Composed(
        compose, account=int, locked_since=datetime, new_since=datetime, **({"organisation": int} if narrowed else {})
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits, what is new, and where help is found."""
    account, language, chosen = account_of_session(request), get_language(), chosen_organisation(request)
    (answers,) = _questions(language, narrowed=chosen is not None).rows(
        account=account.pk,
        organisation=chosen,
        locked_since=clock.now() - LOCKOUT_IS_TOLD_FOR,
        new_since=news_since(request),
    )
    differing = Differing()
    acting = _acting(answers["acts_for"], chosen, differing)
    articles = tuple(Headline.of(said) for said in answers["headlines"])
    return PAGE.answer(
        request,
        "home",
        differing,
        acting=acting,
        welcome=Welcome(**answers["welcome"]) if answers["welcome"] else None,
        waiting=tuple(_waiting(account, answers, differing)),
        articles=articles if acting.is_choice else tuple(each._replace(meant_for=()) for each in articles),
        number_new=articles[0].number_new if articles else 0,
        downloads=Downloads(**answers["downloads"]),
        number_of_help_pages=answers["number_of_help_pages"],
        number_of_requests=len(answers["asked_for"]),
    )


def _acting(acts_for: list[dict[str, Any]], chosen: int | None, differing: Differing) -> Acting[str]:
    marks = {each["pk"]: differing(each["pk"]) for each in acts_for}
    organisations = tuple(Named(marks[each["pk"]], differing(each["name"])) for each in acts_for)
    return Acting(organisations, None if chosen is None else marks.get(chosen))


def _waiting(account: Account, answers: dict[str, Any], differing: Differing) -> Iterator[Waiting]:
    """The most important first: what makes the access safe comes before what the service desk is at work on."""
    for lockout in answers["locked_out"][:1]:
        yield Waiting(
            sign="warning",
            name=_("Your sign-in was locked"),
            text=_("%(moment)s, after wrong passwords. If that was not you, please tell us.")
            % {"moment": _written(lockout["begun_at"], "DATETIME_FORMAT")},
            address=differing(reverse("lockout", args=[lockout_token(lockout["pk"])])),
        )
    if not account.own_password_chosen:
        yield Waiting(
            sign="warning",
            name=_("Choose your own password"),
            text=_("You still sign in with the password we sent you."),
            address=f"{reverse('profile')}#password",
        )
    for request in answers["asked_for"][:REQUESTS_ON_HOME]:
        yield Waiting(
            sign="expired",
            name=_("Your request %(reference)s") % {"reference": differing(request["reference"])},
            text=_("Received on %(day)s. We will get back to you.")
            % {"day": _written(request["taken_down_at"], "DATE_FORMAT")},
        )


def _written(instant: str, as_what: str) -> str:
    """An instant out of the database's JSON, in words."""
    return date_format(localtime(datetime.fromisoformat(instant)), as_what)

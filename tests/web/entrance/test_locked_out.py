"""What five wrong entries look like from outside, and the cookie by which an account knows a browser again."""

from __future__ import annotations

import re
import time
from copy import deepcopy
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core import signing
from django.core.signing import Signer
from django.test import Client

from factories.entries import nobody_gets_in_line
from kundenportal.domain.accounts.models import Account
from kundenportal.domain.credentials.hashing import Argon2id
from kundenportal.domain.credentials.mails import LOCKED_OUT
from kundenportal.domain.credentials.models import GuessCount, Lockout
from kundenportal.domain.credentials.queries.lockouts import LOCKOUT_SALT, lockout_token
from kundenportal.domain.mail import operations as mail
from kundenportal.kernel import clock
from web.pages import Page
from web.residents import ADDRESS, attempt, issue, letter_holder, newcomer, settled, sign_in, suspend

if TYPE_CHECKING:
    from collections.abc import Callable

    from web.pages import Response
    from web.residents import Holder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_morning")]

STANDINGS: dict[str, Callable[[], object]] = {
    "letter still queued": issue,
    "letter sent": letter_holder,
    "expired": lambda: letter_holder(now=clock.now() - timedelta(days=29)),
    "signed in once": newcomer,
    "own password": settled,
    "suspended": lambda: suspend(settled()),
}
TOKEN = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]+')


def wrong_entries(number: int, address: str = ADDRESS, client: Client | None = None) -> list[Response]:
    browser = client or Client()
    return [attempt(browser, address, "falsch") for _ in range(number)]


def content_of(response: Response) -> bytes:
    return TOKEN.sub(rb"\1", response.content)


@pytest.mark.parametrize("standing", STANDINGS)
def test_the_fifth_refusal_and_the_lock_look_the_same_whatever_they_meet(standing: str) -> None:
    of_nobody = [(answer.status_code, content_of(answer)) for answer in wrong_entries(6)]
    assert [status for status, _ in of_nobody] == [200] * 5 + [403]
    GuessCount.objects.all().delete()
    STANDINGS[standing]()
    assert [(answer.status_code, content_of(answer)) for answer in wrong_entries(6)] == of_nobody


def test_the_fifth_refusal_reads_like_the_first() -> None:
    answers = wrong_entries(5)
    assert len({content_of(answer) for answer in answers}) == 1


def test_the_locked_page_offers_the_link_for_the_address_that_was_entered(client: Client) -> None:
    page = Page(wrong_entries(6, client=client)[-1])
    assert page.status == 403
    assert page.control("address").attributes["value"] == ADDRESS


def test_the_locked_page_promises_no_browser_that_it_gets_in(client: Client) -> None:
    holder = settled()
    browser = sign_in(holder)
    locked = Page(wrong_entries(6, client=browser)[-1])
    assert locked.status == 403, "the browser itself is known, and locked"
    assert "Dort kommen Sie vielleicht trotz der Sperre hinein." in locked.main.text
    client.post("/language/", {"language": "en"})
    assert "you may get in there in spite of the lock" in Page(wrong_entries(6, client=client)[-1]).main.text


# The page the mail about a lockout leads to


def disowned(holder: Holder) -> Page:
    """The page after its button has been pressed."""
    lockout = Lockout.objects.create(account=holder.account, in_known_browser=False, begun_at=clock.now())
    client, path = Client(), f"/sign-in/lockout/{signing.dumps(lockout.pk, salt=LOCKOUT_SALT)}/"
    Page(client.get(path)).form("Das war ich nicht").press(client, "Das war ich nicht")
    return Page(client.get(path))


def test_whoever_disowns_the_entries_reads_what_has_been_done_and_what_to_do() -> None:
    page = disowned(settled())
    assert "Wir haben notiert, dass diese Eingaben nicht von Ihnen waren." in page.main.text
    assert "Hereingekommen ist dabei niemand." in page.main.text
    assert "setzen Sie Ihr Passwort zurück: Damit ist die Sperre aufgehoben" in page.main.text
    assert "Passwort zurücksetzen" in page.links


@pytest.mark.parametrize("lifted", [False, True])
def test_a_link_for_a_new_password_is_offered_while_there_is_a_lock_for_it_to_lift(*, lifted: bool) -> None:
    now = clock.now()
    lockout = Lockout.objects.create(
        account=settled().account, in_known_browser=False, begun_at=now, lifted_at=now if lifted else None
    )
    page = Page(Client().get(f"/sign-in/lockout/{lockout_token(lockout.pk)}/"))
    assert page.form("Das war ich nicht").has_button("Das war ich nicht")
    assert ("Das war ich: Link zusenden" in page.main.text) is not lifted
    assert ("Das war ich: zur Startseite" in page.links) is lifted
    assert ("Die Sperre ist schon aufgehoben." in page.main.text) is lifted


@pytest.mark.parametrize("is_disowned", [False, True])
@pytest.mark.parametrize("standing", ["expired", "suspended"])
def test_no_link_is_offered_that_would_not_be_sent_but_the_way_back_in_there_is(
    standing: str, *, is_disowned: bool
) -> None:
    now = clock.now()
    STANDINGS[standing]()
    account = Account.objects.get(address=ADDRESS)
    lockout = Lockout.objects.create(
        account=account, in_known_browser=False, begun_at=now, disowned_at=now if is_disowned else None
    )
    page = Page(Client().get(f"/sign-in/lockout/{lockout_token(lockout.pk)}/"))
    assert "/password/forgotten/" not in page.links.values()
    assert "Link" not in page.main.text
    if standing == "suspended":
        assert "Ihr Zugang ist zurzeit ausgesetzt. Bitte schreiben Sie uns oder rufen Sie an" in page.main.text
        assert page.links["E-Mail schreiben"].startswith("mailto:")
    else:
        link = page.links["Neue Zugangsdaten anfordern" if is_disowned else "Das war ich: neue Zugangsdaten anfordern"]
        assert Page(Client().get(link)).form("Neue Zugangsdaten anfordern").has_button("Neue Zugangsdaten anfordern")


def test_whoever_reads_the_mail_of_an_address_that_was_corrected_is_told_nothing_of_how_the_account_stands() -> None:
    holder = suspend(settled())
    lockout = Lockout.objects.create(account=holder.account, in_known_browser=False, begun_at=clock.now())
    lockout.mail = mail.queue(LOCKED_OUT, recipient=holder.address, now=clock.now())
    lockout.save()
    Account.objects.filter(pk=holder.account.pk).update(address="neu@musterland.example.org")
    page = Page(Client().get(f"/sign-in/lockout/{lockout_token(lockout.pk)}/"))
    assert "ausgesetzt" not in page.main.text


def test_whoever_reads_the_mail_of_an_address_that_was_corrected_does_not_learn_the_new_one() -> None:
    holder = settled()
    wrong_entries(5)
    lockout = Lockout.objects.get()
    lockout.mail = mail.queue(LOCKED_OUT, recipient=holder.address, now=clock.now())
    lockout.save()
    Account.objects.filter(pk=holder.account.pk).update(address="neu@musterland.example.org")
    response = Client().get(f"/sign-in/lockout/{lockout_token(lockout.pk)}/")
    assert holder.address in response.content.decode()
    assert "neu@musterland.example.org" not in response.content.decode()


@pytest.mark.parametrize("blank", ["", " ", "\t", "\u00a0"])
def test_blank_names_are_counted_nowhere(client: Client, blank: str) -> None:
    with patch.object(Argon2id, "verify", autospec=True, side_effect=Argon2id.verify) as verify:
        assert {answer.status_code for answer in wrong_entries(6, blank, client)} == {200}
    assert not verify.called
    assert not GuessCount.objects.exists()


# The cookie


def test_who_has_signed_in_here_before_is_not_locked_out_by_strangers() -> None:
    holder = settled()
    browser = sign_in(holder)
    wrong_entries(6)
    assert attempt(browser, holder.address, holder.password).status_code == 302
    assert attempt(Client(), holder.address, holder.password).status_code == 403


def test_the_cookie_outlives_the_session_and_is_for_the_server_alone() -> None:
    browser = sign_in(settled())
    cookie = browser.cookies[settings.BROWSER_COOKIE_NAME]
    assert cookie["max-age"] == timedelta(days=180).total_seconds()
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    browser.post("/sign-out/")
    assert browser.cookies[settings.BROWSER_COOKIE_NAME].value == cookie.value


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(lambda value: value.rpartition(":")[0], id="unsigned"),
        pytest.param(lambda value: f"{value[:-1]}{'a' if value[-1] != 'a' else 'b'}", id="signed wrongly"),
        pytest.param(lambda value: Signer(salt="another").sign(value.rpartition(":")[0]), id="signed for another use"),
        pytest.param(lambda value: f"x{value}", id="with another id"),
        pytest.param(lambda _: "", id="empty"),
    ],
)
def test_a_forged_cookie_makes_nobody_known(forged: Callable[[str], str]) -> None:
    holder = settled()
    known = sign_in(holder).cookies[settings.BROWSER_COOKIE_NAME].value
    wrong_entries(6)
    forger, copyist = Client(), Client()
    forger.cookies[settings.BROWSER_COOKIE_NAME] = forged(known)
    copyist.cookies[settings.BROWSER_COOKIE_NAME] = known
    assert attempt(forger, holder.address, holder.password).status_code == 403
    assert attempt(copyist, holder.address, holder.password).status_code == 302, "the cookie itself would have done"


def test_the_cookie_of_one_account_opens_nothing_at_another() -> None:
    holder, other = settled(), settled("kita@probstadt.example.org")
    browser = sign_in(other)
    wrong_entries(5, holder.address)
    assert attempt(browser, holder.address, holder.password).status_code == 403
    assert attempt(browser, other.address, other.password).status_code == 302


def test_who_signed_in_at_a_shared_computer_before_holds_nothing_of_the_next_one() -> None:
    holder, earlier = settled(), settled("kita@probstadt.example.org")
    shared = sign_in(earlier)
    copied = Client()
    copied.cookies = deepcopy(shared.cookies)
    shared.post("/sign-out/")
    sign_in(holder, shared)
    wrong_entries(5, holder.address)
    assert attempt(copied, holder.address, "falsch").status_code == 403
    # And both are still known there.
    shared.post("/sign-out/")
    sign_in(earlier, shared)
    shared.post("/sign-out/")
    sign_in(holder, shared)


# Too much to do


def test_whoever_is_told_too_late_for_it_to_count_is_not_told_whether_it_was_right(client: Client) -> None:
    holder = settled()
    pages = []
    for password in (holder.password, "falsch"):
        with patch.object(Argon2id, "verify", side_effect=partial(_checked_too_late, holder.password)):
            answer = attempt(client, holder.address, password)
        assert answer.status_code == 503
        assert not answer.cookies
        pages.append(answer.content)
    assert pages[0] == pages[1]
    assert attempt(client, holder.address, holder.password).status_code == 302


def _checked_too_late(right: str, entry: str, _: str) -> bool:
    GuessCount.objects.all().delete()
    return entry == right


def test_who_finds_the_line_full_is_asked_at_once_to_come_back_and_nothing_has_been_counted(client: Client) -> None:
    holder = settled()
    wrong_entries(1, "somebody@else.example.org")
    with nobody_gets_in_line():
        began_at = time.perf_counter()
        answer = attempt(client, holder.address, holder.password)
        took = time.perf_counter() - began_at
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert took < 0.5, "waiting for a place would have lasted for ever"
    assert not GuessCount.objects.filter(account=holder.account).exists()
    assert attempt(client, holder.address, holder.password).status_code == 302

"""Accounts are found by what they are called, narrowed down, sorted, and each is on exactly one page."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories.accounts import AT_HOME, NOW, active, delivered, enters, issued, signed_in, suspended
from kundenportal.domain.accounts import operations as accounts
from kundenportal.domain.accounts.models import Account, Membership
from kundenportal.domain.accounts.rules import Kind, Language
from kundenportal.domain.credentials.models import Lockout
from kundenportal.domain.credentials.operations import access
from kundenportal.domain.credentials.queries.desk import accounts_on_the_desk
from kundenportal.domain.credentials.queries.door import state_of
from kundenportal.domain.directory import hits, operations, queries
from kundenportal.domain.directory.models import Entry, Word
from kundenportal.domain.directory.rules import Condition, Key, Order, Place, Wanted
from kundenportal.domain.mail.delivery import deliver_due_mails
from kundenportal.domain.organisations.models import Organisation
from kundenportal.domain.organisations.operations import organisation_named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db

FOUR_WEEKS = timedelta(days=28)
ORDERS = [None, *(Order(key, descending) for key, descending in product(Key, (False, True)))]
words = st.text(alphabet=st.sampled_from("abemnorstuäöüßéÆøłĳﬁ .-'0"), max_size=30) | st.text(max_size=20).filter(
    lambda text: "\0" not in text and text.isprintable()
)


def folded(text: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_folded(%s)", [text])
        return str(cursor.fetchone()[0])


def found(text: str, **more: object) -> list[str]:
    page = queries.accounts_page(Wanted(text, **more), now=NOW)  # type: ignore[arg-type]
    return [account.address for account in page.accounts]


def leafed(wanted: Wanted, *, size: int = 3, between: Callable[[], object] = lambda: None) -> Iterator[list[int]]:
    """The pages, one after the other; something happens between each two."""
    place: Place | None = None
    while True:
        page = queries.accounts_page(wanted, after=place, now=NOW, size=size)
        yield [account.pk for account in page.accounts]
        if page.next_after is None:
            return
        place = Place.read(str(page.next_after))
        between()


# Folding


@pytest.mark.parametrize(
    "spellings",
    [
        ("Müller", "Mueller", "Muller", "MÜLLER", "mu\u0308ller"),
        ("Straße", "STRASSE", "strasse", "STRAẞE"),
        ("José", "jose"),
        ("Łukasz", "lukasz"),
        ("Sørensen", "Soerensen", "sorensen"),
        ("Æbler", "Aebler", "abler"),
        ("ﬁnden", "finden"),
    ],
)
def test_spellings_of_one_word_are_one(spellings: tuple[str, ...]) -> None:
    assert len({folded(spelling) for spelling in spellings}) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(words)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert folded(folded(text)) == folded(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(st.text(alphabet="abemnorstuäöüéßł", min_size=1, max_size=12), st.data())
def test_the_beginning_of_a_word_is_folded_to_a_beginning(word: str, data: st.DataObject) -> None:
    typed = word[: data.draw(st.integers(1, len(word)))]
    assert folded(word).startswith(folded(typed))


# Words


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ("Büro", True),
        ("buero", True),
        ("BURO", True),
        ("b", True),
        ("  musterl   büro ", True),
        ("kirchenkreis bü", True),
        ("buero@musterland.example.org", True),
        ("kirchenkries", True),  # swapped letters
        ("kirchekreis", True),
        ("kirhcenkr", True),
        ("büro kirhcenkreis", True),
        ("mustrland", True),
        ("büri", True),
        ("kita büro", False),
        ("ürö", False),
        ("bux", False),
        ("%", False),
        ("'; DROP TABLE accounts_account; --", False),
        ("x\x00y", False),
        ("\udcff", False),
    ],
)
def test_accounts_are_found_by_words_of_name_address_and_organisation(sought: str, expected: bool) -> None:  # noqa: FBT001
    issued("buero@musterland.example.org", name="Büro Musterland", organisation="Kirchenkreis Musterland")
    issued("anna@example.com", name="Anna", organisation="Kita Probstadt")
    assert ("buero@musterland.example.org" in found(sought)) is expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100, deadline=None)
@given(st.data())
def test_one_mistake_in_a_longer_word_is_forgiven(data: st.DataObject) -> None:
    with transaction.atomic():
        word = data.draw(st.text(alphabet="bcdfghklmnprstuaio", min_size=5, max_size=14))
        account = issued(name=word.capitalize(), organisation="Vier")
        place = data.draw(st.integers(0, len(word) - 2))
        typed = data.draw(
            st.sampled_from(
                [
                    word[:place] + word[place + 1 :],
                    f"{word[:place]}x{word[place:]}",
                    f"{word[:place]}x{word[place + 1 :]}",
                    word[:place] + word[place + 1] + word[place] + word[place + 2 :],
                ]
            )
        )
        if len(typed) >= 4:
            assert account.address in found(typed), (word, typed)
        transaction.set_rollback(True)


def test_what_is_written_as_typed_is_never_mixed_with_what_is_only_alike() -> None:
    issued("schmidt@example.org", name="Schmidt")
    issued("schmitt@example.org", name="Schmitt")
    assert found("schmitt") == ["schmitt@example.org"]
    page = queries.accounts_page(Wanted("shcmitt"), now=NOW)
    assert page.are_alike
    assert [account.address for account in page.accounts] == ["schmitt@example.org"]
    assert found("schmitt", condition=Condition.ACTIVE) == []  # in another state is not misspelt


def test_hits_in_name_and_address_come_before_those_in_the_organisation_each_by_name() -> None:
    issued("1@example.org", name="Zora", organisation="Lindenhof")
    issued("2@example.org", name="Anna", organisation="Lindenhof")
    issued("3@example.org", name="Zora Lindner")
    issued("4@example.org", name="Ärne Lindner")
    assert found("lind") == ["4@example.org", "3@example.org", "2@example.org", "1@example.org"]


def test_a_rare_word_beside_one_that_everybody_has_finds_the_same() -> None:
    rare = issued("anna@example.org", name="Zora", organisation="Lindenhof")
    for number in range(30):
        issued(f"{number}@example.org", name="Zora", organisation="Rosenhof")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE directory_entry")
    for text in ("anna example", "example anna", "example lindenhof", "org lind zora"):
        for order in (None, Order(Key.ADDRESS)):
            assert found(text, order=order) == [rare.address], (text, order)
    assert found("anna rosenhof") == []


def test_words_nobody_would_type_cost_nothing() -> None:
    issued(name="Anna")
    assert len(found(" ".join(["anna"] * 1000))) == 1


# States


def test_the_states_of_the_list_are_the_states_of_the_rules(mail_server: MailServer) -> None:
    suspended(active(mail_server))
    suspended(delivered(mail_server)[0])
    active(mail_server)
    for days in (27, 28, 29):
        delivered(mail_server, issued(now=NOW - timedelta(days=days)), now=NOW - timedelta(days=days))
    delivered(mail_server, issued(now=NOW - FOUR_WEEKS), now=NOW - FOUR_WEEKS + timedelta(seconds=1))
    issued(now=NOW - 3 * FOUR_WEEKS)
    by_rule = {account.address: state_of(account, now=NOW).value for account in accounts_on_the_desk()}
    assert len(set(by_rule.values())) == 4
    for condition in (Condition.ISSUED, Condition.EXPIRED, Condition.ACTIVE, Condition.SUSPENDED):
        expected = {address for address, state in by_rule.items() if state == condition.value}
        assert set(found("", condition=condition)) == expected, condition


def test_letters_and_lockouts_narrow_down(mail_server: MailServer) -> None:
    holder, _ = delivered(mail_server)
    mail_server.says_to_recipient = lambda _: "550 No such user"
    lost = issued()
    deliver_due_mails(clock=lambda: NOW)
    waiting = issued()
    Lockout.objects.create(account=holder, in_known_browser=False, begun_at=NOW)
    Lockout.objects.create(account=lost, in_known_browser=False, begun_at=NOW, lifted_at=NOW)
    assert found("", condition=Condition.LETTER_LOST) == [lost.address]
    assert found("", condition=Condition.LETTER_ON_ITS_WAY) == [waiting.address]
    assert found("", condition=Condition.LOCKED) == [holder.address]


# Pages


@pytest.fixture(params=["few hits", "many hits", "frequent words"])
def sizes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What counts as many, and as frequent; then every way of finding many is gone."""
    if request.param != "few hits":
        monkeypatch.setattr("kundenportal.domain.directory.rules.COUNTED", 3)
        monkeypatch.setattr("kundenportal.domain.directory.rules.WALKED_AT_MOST", 5)
        monkeypatch.setattr("kundenportal.domain.directory.rules.WALKED_AT_FIRST", 2)
    if request.param == "frequent words":
        monkeypatch.setattr(hits, "FREQUENT", -1)
        monkeypatch.setattr(hits, "MANY", -1)


def _crowd(mail_server: MailServer) -> list[Account]:
    names = ["Zora Linde", "anna linde", "Änne Linde", "Anna Linde", "Linde", "Ørsted", "Émile Linde", "Linde 7"]
    crowd = [issued(name=name, organisation=f"Lindenhof {number % 3}") for number, name in enumerate(names * 2)]
    for number, account in enumerate(crowd):
        if number % 3 == 0:
            signed_in(mail_server, account, now=NOW - timedelta(days=number))
        if number % 5 == 0:
            suspended(account)
    return crowd


@pytest.mark.usefixtures("sizes")
def test_every_account_is_on_exactly_one_page_in_every_order_and_back(mail_server: MailServer) -> None:
    everybody = {account.pk for account in _crowd(mail_server)}
    for order, text in product(ORDERS, ("", "linde")):
        wanted = Wanted(text, order=order)
        pages = list(leafed(wanted))
        listed = [number for page in pages for number in page]
        assert sorted(listed) == sorted(everybody), wanted
        assert [account.pk for account in queries.every_account(wanted, now=NOW)] == listed, wanted
        last = queries.accounts_page(wanted, now=NOW, size=len(everybody))
        place = Place.read(str(last.previous_before)) if last.previous_before else None
        assert place is None
        back: list[int] = []
        second = queries.accounts_page(wanted, after=queries.accounts_page(wanted, now=NOW, size=3).next_after, now=NOW)
        page = queries.accounts_page(wanted, before=second.previous_before, now=NOW, size=3)
        back = [account.pk for account in page.accounts]
        assert back == pages[0], wanted
        assert page.previous_before is None


@pytest.mark.usefixtures("sizes")
def test_what_changes_between_two_pages_neither_repeats_nor_hides_another(mail_server: MailServer) -> None:
    everybody = {account.pk for account in _crowd(mail_server)}

    def somebody_comes_and_somebody_goes() -> None:
        issued(name="Anna Linde")
        issued(name="Zora Linde")
        gone = Account.objects.exclude(pk__in=everybody).order_by("pk").first()
        if gone:
            Entry.objects.filter(pk=gone.pk).delete()

    for order in ORDERS:
        with transaction.atomic():
            pages = leafed(Wanted("linde", order=order), between=somebody_comes_and_somebody_goes)
            listed = [number for page in pages for number in page]
            assert len(listed) == len(set(listed)), order
            assert everybody <= set(listed), order
            transaction.set_rollback(True)


def test_every_order_is_by_what_it_says(mail_server: MailServer) -> None:
    first = signed_in(mail_server, issued("b@example.org", name="Özil", organisation="Zebra"), now=NOW)[0]
    second = issued("a@example.org", name="Otto", organisation="Ärmel")
    third = signed_in(mail_server, issued("c@example.org", name="Anna", organisation="Bär"), now=NOW)[0]
    expected = {
        Key.NAME: [third, second, first],
        Key.ADDRESS: [second, first, third],
        Key.ORGANISATION: [second, third, first],
        Key.OPENED: [first, second, third],
        Key.LAST_SIGN_IN: [second, *sorted((first, third), key=lambda account: account.last_login or NOW)],
    }
    Account.objects.filter(pk=first.pk).update(last_login=NOW)
    Account.objects.filter(pk=third.pk).update(last_login=NOW + timedelta(hours=1))
    expected[Key.LAST_SIGN_IN] = [second, first, third]
    for key, order in expected.items():
        addresses = [account.address for account in order]
        assert found("", order=Order(key)) == addresses
        assert found("", order=Order(key, descending=True)) == addresses[::-1]


def test_more_hits_than_are_counted_are_said_to_be_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kundenportal.domain.directory.rules.COUNTED", 2)
    issued(), issued()
    page = queries.accounts_page(Wanted(), now=NOW)
    assert (page.number, page.are_more) == (2, False)
    issued()
    page = queries.accounts_page(Wanted(), now=NOW)
    assert (page.number, page.are_more) == (2, True)
    assert queries.number_of(Wanted(), now=NOW) == 3


# Alike


def test_accounts_called_the_same_or_of_the_same_organisation_are_similar() -> None:
    account = issued("1@example.org", name="Jörg Linde", organisation="Lindenhof")
    expected = [
        issued("2@example.org", name="Joerg  Linde", organisation="Rosenhof"),
        issued("3@example.org", name="Zora", organisation="Lindenhof"),
        suspended(issued("4@example.org", name="jörg linde", organisation="Lindenhof")),
    ]
    issued("5@example.org", name="Jörg Linder", organisation="Rosenhof")
    similar = queries.similar_accounts(account)
    assert [each.pk for each in similar] == [each.pk for each in reversed(expected)]
    assert queries.similar_accounts(account, most=2) == similar[:2]


# Kept up to date


def test_whatever_changes_an_account_changes_its_entry(mail_server: MailServer) -> None:
    account, password = delivered(mail_server, issued("alt@example.org", name="Alt", organisation="Vorher"))
    accounts.move_to(account, "neu@example.org", moved_by=None, now=NOW, origin=AT_HOME)  # type: ignore[arg-type]
    Account.objects.filter(pk=account.pk).update(name="Neuling")
    assert found("neu") == ["neu@example.org"]
    assert found("alt") == []
    Organisation.objects.filter(name="Vorher").update(name="Nachher")
    assert (found("nachher"), found("vorher")) == (["neu@example.org"], [])
    membership = Membership.objects.create(account=account, organisation=organisation_named("Kita", now=NOW))
    assert found("kita nachher") == ["neu@example.org"]
    membership.delete()
    assert found("kita") == []
    Membership.objects.filter(account=account).update(organisation=organisation_named("Drittes", now=NOW))
    assert (found("drittes"), found("nachher")) == (["neu@example.org"], [])
    enters("neu@example.org", password)
    assert found("", condition=Condition.ACTIVE) == ["neu@example.org"]
    suspended(account)
    assert found("", condition=Condition.SUSPENDED) == ["neu@example.org"]


def test_many_at_once_are_found_as_well() -> None:
    newcomers = [
        accounts.Newcomer(
            f"n{number}@example.org", f"Neu {number}", f"Haus {number % 2}", Kind.PERSONAL, Language.GERMAN
        )
        for number in range(20)
    ]
    access.issue_access_to_many(newcomers, issued_by=None, now=NOW, origin=AT_HOME)
    assert len(found("neu")) == 20
    assert len(found("haus 1 neu")) >= 10


@pytest.mark.django_db(transaction=True)
def test_an_account_that_acts_for_nobody_is_found_and_leaves_with_its_entry() -> None:
    account = Account.objects.create(address="allein@example.org", name="Allein", opened_at=NOW)
    assert found("allein") == ["allein@example.org"]
    account.delete()
    assert not Entry.objects.exists()


def test_words_nobody_has_any_more_are_forgotten_and_the_others_are_not() -> None:
    account = issued(name="Vergänglich", organisation="Bleibend")
    Word.objects.create(word="bleibend", keys=["bleibend"])
    Account.objects.filter(pk=account.pk).update(name="Anders")
    operations.forget_words()
    left = list(Word.objects.values_list("word", flat=True))
    assert "verganglich" not in left
    assert left.count("bleibend") == 1
    assert found("Bleibned") == [account.address]

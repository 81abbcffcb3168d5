"""How long the desk's list of accounts takes, and a sign-in, with a thousand accounts and with a million.

python -m bench.accounts [ACCOUNTS]
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench.served import Served, served_portal
from journeys.demonstration import STAFF, Demonstration
from journeys.serving import COMMAND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from http.client import HTTPConnection

    from journeys.serving import Portal

FEW, MANY = 1_000, 1_000_000
ROUNDS = 15
SIGN_INS = 40
EXPORT_LOOKED_AT_EVERY = 20_000_000  # bytes
STATES = ("issued", "letter-on-its-way", "letter-lost", "expired", "active", "locked", "suspended")
SORTS = ("name", "address", "organisation", "sign-in", "opened")
# Sixty accounts in both sizes are called so, for a page of hits that are as many here and there.
PLANTED = "Quellwürfel"
SEARCHES = (
    *(PLANTED[:length] for length in range(1, len(PLANTED) + 1)),
    *("quellwurfel", "Quellwuerfel", "Quelwürfel", "Quellwürfle", "Qeullwürfle", "quellwürfel1@einrichtung"),
    *("k", "ki", "kirchenkreis", "kirchenkries", "Kirchenkreis Quell", "e", "ha", "beispiel"),
)
# What is in the lists of frequent words (no names are among them); every fourth organisation is a Kirchenkreis. Most
# people are in, the latest have just been written to, a few of all ages never came.
FILL = """
from pathlib import Path
from django.db import connection, transaction
from kundenportal.domain.credentials import rules
words = (Path(rules.__file__).with_name("word_lists") / "common_words.txt").read_text().split()
words = [word.capitalize() for word in words if word.isalpha() and len(word) > 3][:8000]
accounts, step = {accounts}, 50_000
with connection.cursor() as cursor:
    # The list's triggers rest: the last statement below writes it, and its indexes are made when all is there.
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {{table}} DISABLE TRIGGER USER")
    cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname LIKE 'entries%'")
    indexes = cursor.fetchall()
    for index, _ in indexes:
        cursor.execute(f"DROP INDEX {{index}}")
    cursor.execute("CREATE TEMPORARY TABLE word AS "
        "SELECT * FROM unnest(%s::text[]) WITH ORDINALITY AS word (text, number)", [words])
    cursor.execute("CREATE INDEX ON word (number)")
    cursor.execute("SELECT max(id) FROM accounts_account")
    first = cursor.fetchone()[0] + 1
    cursor.execute("SELECT coalesce(max(id), 0) FROM mail_outgoingmail")
    mails = cursor.fetchone()[0] + 1
    cursor.execute('''
        INSERT INTO organisations_organisation (name, added_at)
        SELECT (ARRAY['Kirchenkreis', 'Kita', 'Diakonie', 'Verein'])[1 + n %% 4] || ' ' || word.text || ' ' || n, now()
        FROM generate_series(1, %s) AS n JOIN word ON word.number = 1 + n * 7 %% 8000
    ''', [max(20, accounts // 50)])
    cursor.execute("SELECT min(id), count(*) FROM organisations_organisation WHERE name ~ ' [0-9]+$'")
    organisation, organisations = cursor.fetchone()
    for begin in range(0, accounts, step):
        numbers = {{"begin": begin, "end": min(begin + step, accounts) - 1, "first": first, "mails": mails,
            "organisation": organisation, "organisations": organisations, "accounts": accounts, "planted": {planted!r}}}
        with transaction.atomic():
            for statement in STATEMENTS:
                cursor.execute(statement, numbers)
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        cursor.execute(definition)
    for table in TABLES:
        cursor.execute(f"ALTER TABLE {{table}} ENABLE TRIGGER USER")
    for table in ("accounts_account", "organisations_organisation", "mail_outgoingmail"):
        cursor.execute(f"SELECT setval(pg_get_serial_sequence('{{table}}', 'id'), (SELECT max(id) FROM {{table}}))")
    cursor.execute("VACUUM ANALYZE")
"""
TABLES = ("accounts_account", "accounts_membership", "organisations_organisation")
STATEMENTS = (
    """
    INSERT INTO accounts_account (id, password, last_login, address, name, kind, role, language, colour_scheme,
        opened_at, first_signed_in_at, suspended_at, own_password_is_weak)
    SELECT %(first)s + n, '!', CASE WHEN is_in THEN now() - random() * interval '400 days' END,
        directory_folded(one.text) || '.' || directory_folded(other.text) || n || '@einrichtung'
            || n %% %(organisations)s || '.example.org',
        CASE WHEN n %% (%(accounts)s / 60) = 0 THEN %(planted)s ELSE one.text END || ' ' || other.text,
        'personal', 'customer', 'de', 'device', opened_at,
        CASE WHEN is_in THEN opened_at + interval '2 days' END,
        CASE WHEN n %% 100 = 7 THEN opened_at + interval '3 days' END, false
    FROM (
        SELECT n, now() - (%(accounts)s - n) * interval '1500 days' / %(accounts)s AS opened_at,
            n < 0.95 * %(accounts)s AND n %% 10 <> 3 AS is_in
        FROM generate_series(%(begin)s::bigint, %(end)s) AS n
    ) AS numbered
    JOIN word AS one ON one.number = 1 + (n * 7919 %% 1000) * (n * 104729 %% 1000) / 1000
    JOIN word AS other ON other.number = 1 + n * 15485863 %% 8000
    """,
    """
    INSERT INTO accounts_membership (account_id, organisation_id)
    SELECT %(first)s + n, %(organisation)s + n %% %(organisations)s
    FROM generate_series(%(begin)s::bigint, %(end)s) AS n
    """,
    """
    INSERT INTO mail_outgoingmail (id, key, kind, recipient, state, queued_at, is_one_of_many, next_attempt_at,
        handed_over_at, attempts, server_answer, reported_status, reported_words)
    SELECT %(mails)s + n, left(md5(n::text), 26), 'access_letter', address,
        CASE WHEN n %% 500 = 3 THEN 'failed' WHEN n > 0.99 * %(accounts)s THEN 'waiting' ELSE 'handed_over' END,
        opened_at, true, now() + interval '1 day', opened_at, 1,
        CASE WHEN n %% 500 = 3 THEN '550 5.1.1 user unknown' ELSE '' END, '', ''
    FROM generate_series(%(begin)s::bigint, %(end)s) AS n JOIN accounts_account AS account ON account.id = %(first)s + n
    """,
    """
    INSERT INTO credentials_accessletter (account_id, mail_id, issued_at, keyed_hash, runs_out_at, expires_at)
    SELECT %(first)s + n, %(mails)s + n, opened_at,
        CASE WHEN first_signed_in_at IS NULL AND n <= 0.99 * %(accounts)s THEN md5(n::text) ELSE '' END,
        opened_at + interval '28 days', opened_at + interval '28 days'
    FROM generate_series(%(begin)s::bigint, %(end)s) AS n JOIN accounts_account AS account ON account.id = %(first)s + n
    """,
    """
    INSERT INTO credentials_lockout (account_id, in_known_browser, begun_at, network_address, user_agent)
    SELECT %(first)s + n, false, now(), '', '' FROM generate_series(%(begin)s::bigint, %(end)s) AS n WHERE n %% 300 = 11
    """,
    "SELECT directory_refresh(array_agg(%(first)s + n)) FROM generate_series(%(begin)s::bigint, %(end)s) AS n",
)


def fill(portal: Portal, accounts: int) -> float:
    """Seconds it took to write so many accounts, the directory included."""
    begun = time.perf_counter()
    code = f"STATEMENTS, TABLES = {STATEMENTS!r}, {TABLES!r}\n{FILL.format(accounts=accounts, planted=PLANTED)}"
    # Its own way of running code has less patience.
    subprocess.run(
        [sys.executable, "-P", *COMMAND, "manage", "shell", "--no-imports", "-c", code],
        env=portal.environment(),
        check=True,
    )
    return time.perf_counter() - begun


def wishes(accounts: int) -> dict[str, dict[str, str]]:
    """The pages that are asked for, by what they are called."""
    middle = {"name": "m", "address": "m", "organisation": "kita", "sign-in": "2026-06-01T00:00:00+00:00", "opened": ""}
    pages: dict[str, dict[str, str]] = {"first page": {}, "deep page": {"after": f"0~{accounts // 2}~"}}
    for sort, sign in product(SORTS, ("", "-")):
        pages[f"sort {sign}{sort}"] = {"sort": f"{sign}{sort}"}
        pages[f"sort {sign}{sort}, deep"] = {"sort": f"{sign}{sort}", "after": f"0~{accounts // 2}~{middle[sort]}"}
    for state in STATES:
        pages[f"state {state}"] = {"state": state}
        for sort, sign in product(SORTS, ("", "-")):
            pages[f"state {state}, sort {sign}{sort}"] = {"state": state, "sort": f"{sign}{sort}"}
    for text in SEARCHES:
        pages[f"search {text}"] = {"q": text}
    for text, sort, sign in product(("kirchenkreis", PLANTED, "e"), SORTS, ("", "-")):
        pages[f"search {text}, sort {sign}{sort}"] = {"q": text, "sort": f"{sign}{sort}"}
    for text, state in product(("kirchenkreis", PLANTED), STATES):
        pages[f"search {text}, state {state}"] = {"q": text, "state": state}
    return pages


@dataclass(frozen=True)
class Cost:
    """Milliseconds until a page is there, and of a processor everything took that has a part in it."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Export:
    """Seconds until a file is complete, and the MB that were needed for it at most."""

    seconds: float
    memory: float


@dataclass(frozen=True)
class Desk:
    """Somebody signed in at the desk of a portal with so many accounts."""

    served: Served
    connection: HTTPConnection
    session: str
    pages: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, portal: Portal, served: Served, accounts: int) -> Desk:
        """The desk, with its accounts written."""
        print(f"{accounts} accounts: written in {fill(portal, accounts):.0f} s", flush=True)
        clerk = replace(served, address=STAFF, password=Demonstration.of(portal).passwords[STAFF])
        _, session, _ = clerk.sign_in()
        return cls(served, served.connect(), session, wishes(accounts))

    def page(self, name: str) -> Cost:
        """What the page costs."""
        used, begun = self.served.processor(), time.perf_counter()
        self.connection.request(
            "GET", f"/desk/accounts/?{urlencode(self.pages[name])}", headers={"Cookie": f"session={self.session}"}
        )
        answer = self.connection.getresponse()
        answer.read()
        assert answer.status == 200, (name, answer.status)
        return Cost((time.perf_counter() - begun) * 1000, self.served.processor() - used)

    def export(self) -> Export:
        """What it costs to save all accounts as a CSV file."""
        before, begun = self.served.memory(), time.perf_counter()
        most = before
        connection = self.served.connect()  # the other one has not been used for a while
        connection.request("GET", "/desk/accounts/export/?format=csv", headers={"Cookie": f"session={self.session}"})
        answer = connection.getresponse()
        assert answer.status == 200, answer.status
        while answer.read(EXPORT_LOOKED_AT_EVERY):
            most = max(most, self.served.memory())
        return Export(time.perf_counter() - begun, most - before)

    def sign_in(self, number: int) -> float:
        """Milliseconds of a sign-in, each from elsewhere, so that nobody is asked to come back later."""
        status, _, seconds = self.served.sign_in(from_address=f"198.51.{number}.1")
        assert status == 302
        return seconds * 1000


def alternately(desks: Sequence[Desk], rounds: int) -> tuple[list[dict[str, list[Cost]]], list[list[float]]]:
    """The times of pages and sign-ins at each desk, asked for in any order, at all desks in the same moment."""
    pages: list[dict[str, list[Cost]]] = [{name: [] for name in desk.pages} for desk in desks]
    for _ in range(rounds + 1):
        for name in random.sample(list(pages[0]), len(pages[0])):
            for desk, took in zip(desks, pages, strict=True):
                took[name].append(desk.page(name))
    sign_ins = [[desk.sign_in(number) for desk in desks] for number in range(SIGN_INS + 1)]
    # The first of each warms up.
    return [{name: each[1:] for name, each in took.items()} for took in pages], [
        list(each[1:]) for each in zip(*sign_ins, strict=True)
    ]


def p95(values: Sequence[float]) -> float:
    """What 95 of 100 stay below."""
    return statistics.quantiles(values, n=20)[-1]


def figures(accounts: int = MANY, rounds: int = ROUNDS) -> dict[str, float]:
    """Prints what every page costs; the worst, how much longer things take than with a thousand accounts, the file."""
    with served_portal() as few, served_portal() as many:
        desks = [Desk.of(*few, FEW), Desk.of(*many, accounts)]
        (few_pages, many_pages), (few_sign_ins, many_sign_ins) = alternately(desks, rounds)
        export = desks[1].export()
    here, there = _medians(many_pages), _medians(few_pages)
    p95s = {name: p95([cost.clock for cost in costs]) for name, costs in many_pages.items()}
    for name, cost in sorted(here.items(), key=lambda pair: pair[1].processor):
        print(
            f"{name:<45} {cost.processor:6.1f} ms of a processor, {cost.clock:6.1f} by the clock, "
            f"p95 {p95s[name]:6.1f}; "
            f"with {FEW}: {there[name].processor:6.1f} and {there[name].clock:6.1f}",
            flush=True,
        )
    searches = [f"search {text}" for text in SEARCHES]
    by_clock = statistics.median(here[name].clock / there[name].clock for name in searches)
    by_processor = statistics.median(here[name].processor / there[name].processor for name in searches)
    sign_in = statistics.median(many_sign_ins) / statistics.median(few_sign_ins)
    print(
        f"searches take {by_clock:.2f} times as long and {by_processor:.2f} times the processor, "
        f"sign-ins {sign_in:.2f} times as long; all accounts as a file: {export.seconds:.0f} s"
    )
    return {
        "accounts_page_worst_p95_ms": round(max(p95s.values()), 1),
        "accounts_page_worst_processor_ms": round(max(cost.processor for cost in here.values()), 1),
        "accounts_page_median_processor_ms": round(statistics.median(cost.processor for cost in here.values()), 1),
        "accounts_export_seconds": round(export.seconds, 1),
        "accounts_export_memory_mb": round(export.memory, 1),
        "scale_1m_over_1k": round(max(by_clock, sign_in), 2),
    }


def _medians(pages: Mapping[str, Sequence[Cost]]) -> dict[str, Cost]:
    return {
        name: Cost(statistics.median(cost.clock for cost in costs), statistics.median(cost.processor for cost in costs))
        for name, costs in pages.items()
    }


if __name__ == "__main__":
    figures(int(sys.argv[1]) if len(sys.argv) > 1 else MANY)

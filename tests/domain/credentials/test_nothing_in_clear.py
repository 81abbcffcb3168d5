"""Whoever gets hold of the database, its files, the queue and the logs holds no password."""

from __future__ import annotations

import base64
import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.backends.signals import connection_created

from factories.accounts import active, chooses, enters, issued
from factories.jobs import do_queued_jobs
from factories.mail_server import TAKEN, ReceivedMail
from factories.resets import asks, resets_to, token_in
from factories.traces import data_directory, places_of, traces_of, whole_database
from kundenportal.domain.accounts.rules import Language
from kundenportal.domain.audit.models import Entry
from kundenportal.domain.credentials.models import PasswordReset
from kundenportal.domain.credentials.operations.entries import EntryWrong
from kundenportal.domain.credentials.operations.resets import LinkWorthless
from kundenportal.domain.mail.models import OutgoingMail
from kundenportal.domain.mail.rules import State

if TYPE_CHECKING:
    from collections.abc import Iterator

    from factories.mail_server import MailServer

pytestmark = pytest.mark.django_db(transaction=True)

CHOSEN = "Nebel-hebt-sich-über-23-Wiesen"


@pytest.fixture
def every_statement_is_logged() -> Iterator[None]:
    def log_statements(sender: object, connection: object, **_: object) -> None:
        connection.force_debug_cursor = True  # type: ignore[attr-defined]

    connection_created.connect(log_statements)
    connection.force_debug_cursor = True
    yield
    connection.force_debug_cursor = False
    connection_created.disconnect(log_statements)


def logged(caplog: pytest.LogCaptureFixture) -> bytes:
    """Every record with its text, its arguments and whatever else it carries."""
    lines = (f"{caplog.handler.format(record)} {vars(record)}" for record in caplog.records)
    return "\n".join(lines).encode("utf-8", "backslashreplace")


def issue_deliver_sign_in_and_change(mail_server: MailServer) -> list[str]:
    """The passwords in all the letters, one of them refused by a mail server that quotes it."""
    now = datetime.now(UTC)
    passwords: list[str] = []

    def refuse_the_third(mail: ReceivedMail) -> str:
        passwords.append(mail.password)
        return f"554 Suspicious: {mail.password}" if len(passwords) == 3 else TAKEN

    mail_server.says_to_mail = refuse_the_third
    accounts = [issued(language=language, now=now) for language in (Language.GERMAN, Language.ENGLISH, Language.GERMAN)]
    do_queued_jobs()
    mail_server.says_to_mail = TAKEN
    assert len(passwords) == 3

    account = enters(accounts[0].address, passwords[0], now=now)
    with pytest.raises(EntryWrong):
        enters(accounts[1].address, CHOSEN, now=now)
    chooses(account, CHOSEN, now=now)
    do_queued_jobs()
    enters(account.address, CHOSEN, now=now)
    with pytest.raises(EntryWrong):
        enters(account.address, passwords[0], now=now)
    assert sorted(OutgoingMail.objects.values_list("state", flat=True)) == [
        State.FAILED,
        *[State.HANDED_OVER] * 3,
    ]
    return passwords


@pytest.mark.usefixtures("every_statement_is_logged")
def test_no_password_is_found_anywhere_after_issuing_delivering_signing_in_and_changing(
    mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "django"):
        caplog.set_level(logging.DEBUG, logger)
    begun_at = datetime.now(UTC)
    passwords = issue_deliver_sign_in_and_change(mail_server)

    kept = whole_database()
    kept["the logs"] = logged(caplog)
    for secret in (*passwords, CHOSEN):
        assert places_of(secret, kept) == []
    for path, content in data_directory(changed_since=begun_at):
        for secret in (*passwords, CHOSEN):
            assert places_of(secret, {path: content}) == []

    # What is not secret is found by the same search, so it does look where things are.
    address = Entry.objects.get(event="sign_in.first").subject.address  # type: ignore[union-attr]
    assert address.encode() in kept["public.accounts_account"]
    assert address.encode() in kept["public.mail_outgoingmail"]
    assert address.encode() in kept["the logs"]
    assert b"UPDATE" in kept["the logs"]
    assert b"mail.deliver_due_mails" in kept["the logs"]
    assert b"argon2$argon2id" in kept["public.accounts_account"]
    assert b"554 Suspicious" in kept["public.mail_outgoingmail"]


@pytest.mark.usefixtures("every_statement_is_logged")
def test_no_reset_link_is_found_anywhere_whether_used_superseded_or_refused(
    mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    for logger in ("", "django"):
        caplog.set_level(logging.DEBUG, logger)
    now, tokens = datetime.now(UTC), list[str]()

    def refuse_the_first(mail: ReceivedMail) -> str:
        tokens.append(token_in(mail.text))
        return f"554 Suspicious: /password/choose/{tokens[0]}/" if len(tokens) == 1 else TAKEN

    account = active(mail_server, now=now)
    mail_server.says_to_mail = refuse_the_first
    for _ in range(3):
        asks(account.address, now=now)
        do_queued_jobs()
    mail_server.says_to_mail = TAKEN
    assert resets_to(tokens[2], CHOSEN, now=now) == account
    with pytest.raises(LinkWorthless):
        resets_to(tokens[1], CHOSEN, now=now)
    do_queued_jobs()

    kept = whole_database()
    kept["the logs"] = logged(caplog)
    for secret in (*tokens, CHOSEN):
        assert places_of(secret, kept) == []
    for path, content in data_directory(changed_since=now):
        for secret in (*tokens, CHOSEN):
            assert places_of(secret, {path: content}) == []
    assert b"554 Suspicious" in kept["public.mail_outgoingmail"]
    assert all(
        row.token_hash.encode() in kept["public.credentials_passwordreset"] for row in PasswordReset.objects.all()
    )


def test_the_audit_trail_says_nothing_but_who_and_what(mail_server: MailServer) -> None:
    issue_deliver_sign_in_and_change(mail_server)
    assert set(Entry.objects.values_list("event", flat=True)) == {
        "account.opened",
        "access.issued",
        "access.letter.handed_over",
        "access.letter.failed",
        "sign_in.first",
        "sign_in.succeeded",
        "sign_in.refused",
        "password.changed",
    }
    assert [entry.details for entry in Entry.objects.all() if entry.details] == []


SECRET = "mrwy-3456-fkmr-7777-wwyy-3344-5566"


def test_the_search_finds_a_password_in_whatever_form_it_was_left_behind() -> None:
    for form, trace in traces_of(SECRET).items():
        assert f"{form} in a file" in places_of(SECRET, {"a file": b"Password: " + trace + b" and more"})


@pytest.mark.parametrize("length_before", [0, 1, 2, 3, 100])
def test_the_search_finds_a_password_inside_a_text_that_was_encoded_as_a_whole(length_before: int) -> None:
    text = b"x" * length_before + SECRET.encode() + b"yy"
    assert places_of(SECRET, {"a file": base64.b64encode(text)})
    assert places_of(SECRET, {"a file": text.hex().encode()})


def test_the_search_looks_into_every_table_and_file() -> None:
    begun_at = datetime.now(UTC)
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA forgotten")
        cursor.execute("CREATE TABLE forgotten.note AS SELECT %s::text AS text", [SECRET])
    try:
        assert "as it is in forgotten.note" in places_of(SECRET, whole_database())
        assert any(SECRET.encode() in content for _, content in data_directory(changed_since=begun_at))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA forgotten CASCADE")

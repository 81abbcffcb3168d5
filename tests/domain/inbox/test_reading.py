"""Whatever comes into the mailbox has a reading: none stops the reader, and none keeps a secret."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories.incoming import (
    EXCHANGE_REPORT,
    RETURN_ADDRESS,
    VACATION,
    html_letter,
    letter,
    report,
)
from kundenportal.domain.credentials.rules.initial_passwords import generate_initial_password
from kundenportal.domain.inbox.rules.keeping import TakenFor
from kundenportal.domain.inbox.rules.plain_text import text_of_html
from kundenportal.domain.inbox.rules.reading import READ_AT_MOST, TEXT_MAX_LENGTH, Ours, Reading, read
from kundenportal.domain.inbox.rules.secrets import without_secrets
from kundenportal.domain.mail.rules import Action

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "abcdefghijkmnpqrstuvwxyz23"
OURS = Ours(RETURN_ADDRESS, frozenset({"portal.example.org"}))
SECONDS_AT_MOST = 30  # of a processor; what is read in more than linear time takes minutes
CORPUS = (letter(), html_letter("<p>Hallo</p>"), report(KEY), VACATION, EXCHANGE_REPORT.format(key=KEY).encode())


def reading(raw: bytes) -> Reading:
    return read(raw, OURS)


# Reports


def test_a_postfix_report_names_the_mail_and_says_what_became_of_it() -> None:
    found = reading(report(KEY))
    assert (found.taken_for, found.key) == (TakenFor.REPORT, KEY)
    assert found.report is not None
    assert (found.report.action, found.report.status) == (Action.FAILED, "5.1.1")
    assert found.report.diagnostic == ("smtp; 550 5.1.1 <anna@example.org>: Recipient address rejected: User unknown")
    assert found.text == ""


def test_an_exchange_report_is_one_too() -> None:
    found = reading(EXCHANGE_REPORT.format(key=KEY).encode())
    assert found.report is not None
    assert (found.key, found.report.status, found.text) == (KEY, "5.2.2", "")


@pytest.mark.parametrize(
    ("action", "status", "expected"),
    [
        ("delayed", "4.4.1", (Action.DELAYED, "4.4.1")),
        ("FAILED", "5.7.1 (policy)", (Action.FAILED, "5.7.1")),
        ("failed", "no idea", (Action.FAILED, "5.0.0")),
        ("delayed", "", (Action.DELAYED, "4.0.0")),
        ("delivered", "", (Action.DELIVERED, "2.0.0")),
        ("relayed", "2.1.9", (Action.RELAYED, "2.1.9")),
    ],
)
def test_action_and_status_are_read_from_the_report(action: str, status: str, expected: tuple[Action, str]) -> None:
    found = reading(report(KEY, action=action, status=status)).report
    assert found is not None
    assert (found.action, found.status) == expected


def test_of_several_recipients_the_worst_counts() -> None:
    both = report(KEY, action="relayed", status="2.0.0").replace(
        b"\n\nFinal-Recipient", b"\n\nFinal-Recipient: rfc822; x@y.z\nAction: failed\nStatus: 5.1.1\n\nFinal-Recipient"
    )
    found = reading(both).report
    assert found is not None
    assert found.action is Action.FAILED


@pytest.mark.parametrize(
    "to",
    [
        "return@portal.example.org",
        f"return+{KEY}@elsewhere.example.org",
        f"other+{KEY}@portal.example.org",
        f"return+{KEY[:-1]}@portal.example.org",
        f"return+{KEY}x@portal.example.org",
        f"nonreturn+{KEY}@portal.example.org",
    ],
)
def test_only_our_own_return_address_carries_a_key(to: str) -> None:
    found = reading(report(KEY, to=to))
    assert (found.taken_for, found.key) == (TakenFor.REPORT, "")


def test_a_server_may_spell_the_return_address_in_capitals() -> None:
    assert reading(report(KEY, to=f"<RETURN+{KEY.upper()}@Portal.Example.ORG>")).key == KEY


def test_a_key_in_what_the_mail_itself_says_is_none() -> None:
    said = letter(text=f"return+{KEY}@portal.example.org", X_Note=f"return+{KEY}@portal.example.org")
    assert (reading(said).taken_for, reading(said).key) == (TakenFor.LETTER, "")


def test_what_comes_back_without_a_report_is_still_no_letter() -> None:
    odd = letter(text="550 no such user").replace(b"service@portal", f"return+{KEY}@portal".encode())
    found = reading(odd)
    assert (found.taken_for, found.key, found.report, found.text) == (TakenFor.REPORT, KEY, None, "")


def test_a_report_somebody_forwards_is_part_of_a_letter() -> None:
    forwarded = (
        b"From: anna@example.org\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\n\nWas heisst das?\n--x\nContent-Type: message/rfc822\n\n"
        + report(KEY)
        + b"\n--x--\n"
    )
    found = reading(forwarded)
    assert (found.taken_for, found.text, found.report) == (TakenFor.LETTER, "Was heisst das?", None)


# Machines


@pytest.mark.parametrize(
    "header",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; x=y"},
        {"Precedence": "bulk"},
        {"Precedence": "Junk"},
        {"Precedence": "list"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "All"},
        {"X_Autoreply": "yes"},
    ],
)
def test_what_machines_send_is_known_by_its_headers(header: dict[str, str]) -> None:
    found = reading(letter(**header))
    assert (found.taken_for, found.text) == (TakenFor.AUTOMATIC, "")


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Auto_Submitted": "no"},
        {"Precedence": "normal"},
        {"Return_Path": "<anna@example.org>"},
        {"Feedback_ID": "1.eu-central-1:mail"},  # some relays put it on every mail
    ],
)
def test_what_people_send_is_a_letter(header: dict[str, str]) -> None:
    assert reading(letter(**header)).taken_for is TakenFor.LETTER


def test_mail_of_our_own_that_comes_round_is_known() -> None:
    own = letter(Auto_Submitted="auto-generated").replace(b"@example.org>\nAuto", b"@portal.example.org>\nAuto")
    assert reading(own).taken_for is TakenFor.OWN


def test_a_receipt_is_a_report_but_not_about_a_delivery() -> None:
    receipt = report(KEY).replace(b"message/delivery-status", b"message/disposition-notification")
    assert reading(receipt).taken_for is TakenFor.AUTOMATIC


# Letters


def test_a_letter_says_who_wrote_it_and_what() -> None:
    found = reading(letter("=?utf-8?q?B=C3=BCro?= <Buero@Example.org>", "Grüße", "Zeile 1\r\n\r\n\r\n\r\nZeile 2\n"))
    assert (found.sender, found.sender_name, found.subject) == ("Buero@Example.org", "Büro", "Grüße")
    assert found.text == "Zeile 1\n\nZeile 2"
    assert found.message_id.endswith("@example.org>")


def test_html_is_read_as_text() -> None:
    html = "<html><head><title>x</title><style>p{}</style></head><body><p>Guten&nbsp;Tag,</p>mein <b>Zugang</b>"
    html += "<br>geht nicht.<script>alert(1)</script><ul><li>eins<li>zwei</ul></body></html>"
    assert reading(html_letter(html)).text == "Guten Tag,\nmein Zugang\ngeht nicht.\neins\nzwei"


def test_plain_text_goes_before_html_and_attachments_are_not_read() -> None:
    both = (
        b"From: a@b.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
        b"--x\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nangehaengt\n"
        b"--x\nContent-Type: text/html\n\n<p>html</p>\n--x\nContent-Type: text/plain\n\nklar\n--x--\n"
    )
    assert reading(both).text == "klar"


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("", ""),
        ("nobody", ""),
        ("<>", ""),
        ("a@b@c", ""),
        ("Anna <anna@example.org>, Bert <bert@example.org>", "anna@example.org"),
        (f"{'a' * 300}@example.org", ""),
    ],
)
def test_a_sender_is_one_address_or_none(sender: str, expected: str) -> None:
    raw = b"From: " + sender.encode() + b"\nSubject: x\n\ntext\n"
    assert reading(raw).sender == expected


# Secrets


@pytest.mark.parametrize("frame", ["{0}", "> {0}", "Passwort: {0}", "es lautet {0}, oder?", "({0})"])
@pytest.mark.parametrize("_try", range(20))
def test_no_initial_password_is_kept(_try: int, frame: str) -> None:
    password = generate_initial_password()
    for written in (password, password.replace("-", ""), password.replace("-", " "), password.upper(),
                    password.replace("-", "-\n> ", 2), password.replace("-", "–")):  # fmt: skip
        kept = reading(letter(text=f"Guten Tag\n{frame.format(written)}\nGruß")).text
        signs = "".join(sign for sign in kept.lower() if sign in "fkmrwy34567")
        assert password.replace("-", "")[6:18] not in signs
        assert kept.startswith("Guten Tag")
        assert kept.endswith("Gruß")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Mein Passwort: Regenschirm7!", "Mein Passwort: …"),
        ("Mein Passwort lautet Sommer2026", "Mein Passwort lautet …"),
        ("Der Code ist: A7KM-3XTY", "Der Code ist: …"),
        ("Danke!\n\nVon: Service\nGesendet: Montag\nIhr Code A7KM-3XTY", "Danke!\n\n[…]"),
        ("Thanks\nFrom: Service\nSent: Monday\nYour code A7KM-3XTY", "Thanks\n[…]"),
        ("password = hunter2 bye", "password = … bye"),
        ("Mein Passwort ist abgelaufen.", "Mein Passwort ist abgelaufen."),
        (f"https://portal.example.org/password/choose/{KEY}/", "https://portal.example.org/password/choose/…/"),
        ("https://p.example/sign-in/expired/WzEsMTc2XQ:1vN3abcdefghi-jkl/", "https://p.example/sign-in/expired/…/"),
        ("Tel. 0511 345 67 34 56 734 und 345673456734567", "Tel. 0511 345 67 34 56 734 und 345673456734567"),
        ("Es lautet _fk34-mrwy-567f-kmrw_, oder?", "Es lautet _…_, oder?"),
        ("IBAN DE89370400440532013000", "IBAN DE89370400440532013000"),
        ("Gern!\n> alt\n> älter\nGruß", "Gern!\n[…]\nGruß"),
        ("Gern!\n-----Ursprüngliche Nachricht-----\nVon: x\nalles", "Gern!\n[…]"),
        ("Gehaltsabrechnungsbescheinigung 2026", "Gehaltsabrechnungsbescheinigung 2026"),
    ],
)
def test_what_looks_like_a_secret_is_left_out_and_the_rest_stays(said: str, kept: str) -> None:
    assert without_secrets(said) == kept


# Anything


@given(st.binary(max_size=2_000))
def test_any_bytes_have_a_reading(raw: bytes) -> None:
    assert_fit_to_be_kept(reading(raw))


@given(st.data())
@settings(max_examples=300)
def test_damaged_mails_have_a_reading(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(CORPUS)))
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        end = start + data.draw(st.integers(0, 60))
        raw[start:end] = data.draw(st.binary(max_size=40))
    assert_fit_to_be_kept(reading(bytes(raw)))


@given(st.text(max_size=500))
def test_any_html_has_a_text(html: str) -> None:
    assert isinstance(text_of_html(html), str)


def assert_fit_to_be_kept(found: Reading) -> None:
    """Nothing the database could not hold, or that would be longer than its place."""
    for said in (found.sender, found.sender_name, found.subject, found.text, found.message_id, found.key):
        assert "\0" not in said
        said.encode()
    assert len(found.sender) <= 254
    assert len(found.sender_name) <= 150
    assert len(found.subject) <= 200
    assert len(found.message_id) <= 250
    assert len(found.text) <= TEXT_MAX_LENGTH
    if found.report:
        assert len(found.report.status) <= 9


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a header without an end": lambda: b"Content-Type: multipart/mixed; " + b'a="' * 3_000_000,
    "a thousand folded addresses": lambda: b"From: " + b"(" * 200_000 + b"\n\nx",
    "a To of many addresses": lambda: b"To: " + b"a@b.example, " * 500_000 + b"\n\nx",
    "nested parts": lambda: b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5_000)
    ),
    "millions of parts": lambda: b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 2_000_000,
    "nested messages": lambda: b"Content-Type: message/rfc822\n\n" * 20_000,
    "many headers": lambda: b"X: y\n" * 1_000_000 + b"\nx",
    "encoded words": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 500_000 + b"\n\nx",
    "an unknown charset": lambda: b"Content-Type: text/plain; charset=klingon\n\n\xff\xfe",
    "unclosed comments": lambda: b"Content-Type: text/html\n\n" + b"<!--" * 2_000_000,
    "unclosed tags": lambda: b"Content-Type: text/html\n\n" + b"<a " * 3_000_000,
    "a long tag without an end": lambda: b"Content-Type: text/html\n\n<" + b"a" * 3_000_000,
    "many long tags": lambda: b"Content-Type: text/html\n\n" + (b"<" + b"a" * 1_000) * 3_000,
    "a sign of many digits": lambda: b"Content-Type: text/html\n\n&#" + b"1" * 3_000_000,
    "quotes": lambda: b"From: a@b.example\n\n" + b"> " * 5_000_000,
    "signs of a password": lambda: b"From: a@b.example\n\n" + b"f-" * 5_000_000,
    "signs of a token": lambda: b"From: a@b.example\n\n" + b"A" * 5_000_000,
    "digits and blanks": lambda: b"From: a@b.example\n\n" + b"3      " * 1_000_000,
    "blank lines": lambda: b"From: a@b.example\n\n" + b"\n" * 9_000_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_mail_takes_long_to_read(kind: str) -> None:
    raw = HOSTILE[kind]()
    begun = time.process_time()
    assert_fit_to_be_kept(reading(raw))
    assert time.process_time() - begun < SECONDS_AT_MOST


def test_what_lies_beyond_the_beginning_is_not_taken_apart() -> None:
    assert reading(letter(text="a " * READ_AT_MOST)).text.startswith("a a")

"""`kundenportal doctor`, before real servers: it finds what is wrong, says what to do, and never sends a letter."""

from __future__ import annotations

import re
import signal
import socket
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from factories.mail_server import MailServer
from factories.name_server import NameServer
from factories.object_storage import BUCKET, ObjectStorage
from kundenportal.config.addresses import Endpoint, object_storage_in
from kundenportal.config.addresses import MailServer as Address
from kundenportal.config.doctor import daily_backups, dns_records, machine, mail_server, uploads
from kundenportal.config.doctor.examination import nameserver_in
from kundenportal.config.env import read_environment

from .loaded import command
from .processes import Portal, eventually, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kundenportal.config.doctor.findings import Finding

SENDER = "portal@example.org"
SECRET = "s3cret-word"


@pytest.fixture
def names() -> Iterator[NameServer]:
    """The world's name server, in which all is well."""
    with NameServer() as server:
        server.text("example.org", "something else", "v=spf1 mx -all")
        server.text("_dmarc.example.org", "v=DMARC1; p=quarantine; sp=reject")
        server.text("s1._domainkey.example.org", "v=DKIM1; k=rsa; p=MIGf")
        server.records["example.org", "MX"] = ["10 mail.example.org."]
        yield server


@pytest.fixture
def letters() -> Iterator[MailServer]:
    """The operator's mail server."""
    with MailServer() as server:
        yield server


def _dns(
    names: NameServer, *, sender: str = SENDER, return_address: str = "", selectors: tuple[str, ...] = ("s1",)
) -> list[Finding]:
    return list(
        dns_records.findings(
            sender=sender,
            return_address=return_address or sender,
            selectors=selectors,
            nameserver=Endpoint("127.0.0.1", names.port),
        )
    )


def _levels(found: list[Finding]) -> dict[str, str]:
    return {finding.about: finding.level.value for finding in found}


WELL = {"SPF": "ok", "DKIM": "ok", "DMARC": "ok", "Reports": "ok"}


def test_a_domain_that_says_all_it_should_is_in_order(names: NameServer) -> None:
    assert _levels(_dns(names)) == WELL


@pytest.mark.parametrize(
    ("name", "texts", "about", "level", "words"),
    [
        ("example.org", [], "SPF", "problem", "does not say who may send"),
        ("example.org", ["v=spf10 mx"], "SPF", "problem", "does not say who may send"),
        ("example.org", ["v=spf1 mx -all", "v=spf1 a -all"], "SPF", "problem", "says twice"),
        ("example.org", ["V=SPF1 mx +ALL"], "SPF", "problem", "lets everybody send"),
        ("s1._domainkey.example.org", [], "DKIM", "problem", "There is no key"),
        ("s1._domainkey.example.org", ["v=DKIM1; p="], "DKIM", "problem", "has been revoked"),
        ("_dmarc.example.org", [], "DMARC", "warning", "does not say what to do"),
        ("_dmarc.example.org", ["v=spf1 -all"], "DMARC", "warning", "does not say what to do"),
    ],
)
def test_what_is_missing_or_wrong_is_told_with_what_to_publish(
    names: NameServer, name: str, texts: list[str], about: str, level: str, words: str
) -> None:
    names.text(name, *texts)
    found = _dns(names)
    assert _levels(found) == {**WELL, about: level}
    (wrong,) = [finding for finding in found if finding.level != "ok"]
    assert words in wrong.words
    assert wrong.advice


def test_a_domain_below_another_is_spoken_for_by_that(names: NameServer) -> None:
    names.text("portal.example.org", "v=spf1 mx -all")
    names.text("s1._domainkey.portal.example.org", "p=MIGf")
    names.records["portal.example.org", "A"] = ["192.0.2.1"]
    found = _dns(names, sender="no-reply@portal.example.org")
    assert _levels(found) == WELL
    assert any("with: reject" in finding.words for finding in found)


def test_reports_that_return_to_another_domain_are_warned_of(names: NameServer) -> None:
    names.text("example.net", "v=spf1 -all")
    names.records["example.net", "MX"] = ["0 ."]
    found = _dns(names, return_address="return@example.net")
    assert _levels(found) == {**WELL, "DMARC": "warning", "Reports": "problem"}


def test_without_a_selector_nothing_is_claimed_about_signatures(names: NameServer) -> None:
    (dkim,) = [finding for finding in _dns(names, selectors=()) if finding.about == "DKIM"]
    assert dkim.level == "warning"
    assert "--dkim-selector" in dkim.advice


def test_name_servers_that_do_not_answer_are_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dns_records, "SECONDS_OF_PATIENCE", 0.2)
    found = list(
        dns_records.findings(
            sender=SENDER, return_address=SENDER, selectors=(), nameserver=Endpoint("127.0.0.1", free_port())
        )
    )
    assert _levels(found) == {"DNS": "problem"}


@pytest.mark.parametrize(
    ("text", "host", "port"), [("192.0.2.53", "192.0.2.53", 53), ("::1", "::1", 53), ("[::1]:5353", "::1", 5353)]
)
def test_a_name_server_is_named_with_or_without_its_port(text: str, host: str, port: int) -> None:
    assert nameserver_in(text) == Endpoint(host, port)


def _address(server: MailServer, *, user: str = "", password: str = "", security: str = "none") -> Address:
    return Address("127.0.0.1", server.port, user, password, security)  # type: ignore[arg-type]


def test_a_mail_server_that_would_take_a_letter_is_in_order_and_gets_none(letters: MailServer) -> None:
    found = list(mail_server.findings(_address(letters), sender=SENDER))
    assert _levels(found) == {"Mail server": "ok", "Sender": "ok"}
    assert letters.connections == 1
    assert letters.received == []


def test_a_sender_the_mail_server_refuses_is_a_problem(letters: MailServer) -> None:
    letters.says_to_sender = "553 not you"
    found = list(mail_server.findings(_address(letters), sender=SENDER))
    assert _levels(found) == {"Mail server": "ok", "Sender": "problem"}
    assert "553 not you" in found[1].words


def test_a_sender_whose_domain_has_an_umlaut_is_asked_about_as_letters_are_sent(letters: MailServer) -> None:
    found = list(mail_server.findings(_address(letters), sender="portal@müller.example"))
    assert _levels(found) == {"Mail server": "ok", "Sender": "ok"}
    assert "portal@müller.example" in found[1].words


def test_a_sender_no_mail_server_can_be_asked_about_is_a_problem(letters: MailServer) -> None:
    found = list(mail_server.findings(_address(letters), sender="müller@example.org"))
    assert _levels(found) == {"Mail server": "ok", "Sender": "problem"}


def test_a_password_the_mail_server_refuses_is_a_problem_and_is_not_repeated() -> None:
    with MailServer(wants_sign_in=("portal", "right")) as letters:
        (found,) = mail_server.findings(_address(letters, user="portal", password=SECRET), sender=SENDER)
    assert found.level == "problem"
    assert "refuses our user and password (535)" in found.words
    assert SECRET not in str(found)


@pytest.mark.parametrize(
    ("security", "words"),
    [("starttls", "does not offer"), ("tls", "The encryption with"), ("none", "cannot be talked")],
)
def test_a_mail_server_that_cannot_be_talked_to_as_told_is_a_problem(
    letters: MailServer, security: str, words: str
) -> None:
    address = _address(letters, security=security)
    if security == "none":
        letters.stop()
    (found,) = mail_server.findings(address, sender=SENDER)
    assert found.level == "problem"
    assert words in found.words
    assert found.advice


def test_what_answers_in_another_language_than_http_is_something_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        given = {"HOME": "/nowhere", "KUNDENPORTAL_BASE_URL": f"http://127.0.0.1:{listener.getsockname()[1]}"}
        thread = threading.Thread(target=answer)
        thread.start()
        _address, found, *_ = machine.findings(read_environment(given, as_root=False))
        thread.join()

    assert found.level == "problem"
    assert "Something else answers" in found.words


@pytest.mark.parametrize(
    ("settings", "level"),
    [
        ({}, "warning"),
        ({"BASE_URL": "http://portal.example.org"}, "problem"),
        ({"BASE_URL": "https://portal.example.org"}, "ok"),
    ],
)
def test_an_address_without_encryption_is_told(settings: dict[str, str], level: str) -> None:
    given = {f"KUNDENPORTAL_{name}": value for name, value in settings.items()}
    assert machine._address(read_environment({"HOME": "/nowhere", **given}, as_root=False)).level == level  # noqa: SLF001


@pytest.mark.parametrize(
    ("free", "total", "level"),
    [
        (1.9, 8, "problem"),
        (2.1, 8, "warning"),
        (5.1, 8, "ok"),
        (49, 1000, "problem"),
        (51, 1000, "warning"),
        (101, 1000, "ok"),
    ],
)
def test_a_disk_that_runs_full_is_told_before_it_is(tmp_path: Path, free: float, total: int, level: str) -> None:
    assert machine._space(tmp_path, int(free * 1e9), total * 10**9).level == level  # noqa: SLF001


@pytest.mark.parametrize(
    ("said", "levels"),
    [
        ("[always] madvise never\n", ["ok"]),
        ("always [madvise] never\n", ["warning"]),
        ("always madvise [never]\n", ["warning"]),
        (None, []),
    ],
)
def test_a_system_that_hands_out_memory_in_small_pieces_is_told(
    tmp_path: Path, said: str | None, levels: list[str]
) -> None:
    place = tmp_path / "enabled"
    if said is not None:
        place.write_text(said, encoding="ascii")
    assert [finding.level for finding in machine._large_pages(place)] == levels  # noqa: SLF001


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([], ["warning Backups: There is none of a night"]),
        (["20261128T024100Z"], ["ok Backups: The newest is of 2026-11-28 02:41 UTC."]),
        (["20261126T024100Z"], ["problem Backups: The newest is of 2026-11-26 02:41 UTC."]),
        (
            ["20261128T024100Z", "20310101T024100Z"],
            ["warning Backups: The newest says it was made on 2031-01-01", "ok Backups: The newest is of 2026-11-28"],
        ),
        (["20310101T024100Z"], ["warning Backups: The newest says", "warning Backups: There is none of a night"]),
    ],
)
def test_a_night_without_a_backup_is_told_and_so_is_one_of_the_future(
    tmp_path: Path, made: list[str], said: list[str]
) -> None:
    for moment in made:
        (tmp_path / f"kundenportal-daily-{moment}.backup").touch()
    given = {"KUNDENPORTAL_BACKUP_DIR": str(tmp_path)}
    environment = read_environment({"HOME": "/nowhere", **given}, as_root=False)
    found = daily_backups.findings(environment, now=datetime(2026, 11, 28, 12, tzinfo=UTC))
    told = [" ".join(str(finding).split()) for finding in found]
    assert [line.startswith(begins) for line, begins in zip(told, said, strict=True)] == [True] * len(said), told


def _lines(said: str) -> dict[str, str]:
    """How each thing stands, in what the command has said."""
    return {about: level for level, about in re.findall(r"^(ok|warning|problem) +([^:]+): \S", said, re.MULTILINE)}


def test_it_goes_on_where_nothing_answers_and_makes_nothing(data_dir: Path) -> None:
    run = command(
        "doctor",
        DATA_DIR=data_dir,
        DATABASE_URL=f"postgresql://portal:{SECRET}@127.0.0.1:{free_port()}/portal",
        SMTP_URL=f"smtp://127.0.0.1:{free_port()}",
        BIND=f"127.0.0.1:{free_port()}",
    )
    seen = _lines(run.stdout)
    assert (run.returncode, run.stderr) == (1, "")
    assert (seen["Database"], seen["Mail server"], seen["Portal"]) == ("problem", "problem", "warning")
    assert SECRET not in run.stdout
    assert not data_dir.exists()


@pytest.mark.parametrize("file", ["/mnt/safe/a.backup", ""])  # of a disk that was full at that moment
def test_a_restore_that_was_broken_off_is_told_with_what_finishes_it(data_dir: Path, file: str) -> None:
    data_dir.mkdir()
    (data_dir / "restore-unfinished").write_text(f"{file}\n")
    run = command("doctor", DATA_DIR=data_dir, DATABASE_URL=f"postgresql://portal@127.0.0.1:{free_port()}/portal")
    assert _lines(run.stdout)["Restore"] == "problem"
    assert f"kundenportal restore {file}".strip() in run.stdout
    assert "finish it with" in command("accounts", DATA_DIR=data_dir).stderr


def test_a_wrong_setting_is_told_as_by_any_other_command(data_dir: Path) -> None:
    run = command("doctor", DATA_DIR=data_dir, LANGUAGE="fr")
    assert (run.returncode, run.stderr.count("\n")) == (2, 1)


def test_a_portal_in_order_has_no_problem_and_one_whose_worker_and_keys_are_not_has(
    ready_data_dir: Path, names: NameServer, letters: MailServer
) -> None:
    portal = Portal(ready_data_dir, SMTP_URL=letters.url, MAIL_FROM=SENDER)
    examined = ("doctor", "--nameserver", f"127.0.0.1:{names.port}", "--dkim-selector", "s1")
    try:
        eventually(lambda: _lines(command(*examined, **portal.settings).stdout)["Workers"] == "ok")
        run = command(*examined, **portal.settings)
        assert (run.returncode, run.stderr) == (0, "")
        seen = _lines(run.stdout)
        # The night of a portal that has just been started is yet to come.
        of_this_machine = {seen.pop(about, "ok") for about in ("Address", "Clock", "Disk", "Large pages", "Backups")}
        assert "problem" not in of_this_machine
        assert set(seen.values()) == {"ok"}, run.stdout
        assert set(seen) >= {"Portal", "Database", "Tables", "Clocks", "Workers", "Jobs", "Mails", "Mail server", *WELL}
        (ready_data_dir / "secret-key").chmod(0o644)
    finally:
        portal.end(signal.SIGTERM)
        portal.clean_up()
    run = command(*examined, **portal.settings)
    seen = _lines(run.stdout)
    assert run.returncode == 1
    assert (seen["Secret key"], seen["Workers"], seen["Portal"]) == ("problem", "problem", "warning")
    assert f"chmod 600 {ready_data_dir / 'secret-key'}" in run.stdout
    assert letters.received == []


def _of_uploads(url: str) -> list[str]:
    return [str(finding) for finding in uploads.findings(object_storage_in(url))]


@pytest.fixture(scope="module")
def storage() -> Iterator[ObjectStorage]:
    """S3-compatible storage with an empty bucket in it."""
    with ObjectStorage() as server:
        yield server


def test_a_bucket_that_is_ours_alone_is_in_order(storage: ObjectStorage) -> None:
    place = storage.url.partition("@")[2].partition("?")[0]
    storage.files.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})

    assert _of_uploads(storage.url) == [
        f"ok       Uploads: They lie in http://{place}.",
        "ok       Uploads' privacy: The bucket is closed to strangers.",
        "ok       Uploads' versions: The bucket keeps what is deleted.",
    ]
    storage.files.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    assert _of_uploads(storage.url)[2].startswith("warning  Uploads' versions: Whether")


def test_a_bucket_that_cannot_be_used_is_named_and_no_secret(storage: ObjectStorage) -> None:
    host = storage.endpoint.removeprefix("http://")
    (no_bucket,) = _of_uploads(storage.url.replace(BUCKET, "another-bucket"))
    (wrong_key,) = _of_uploads(f"s3://{storage.user}:{SECRET}@{host}/{BUCKET}?tls=no")
    (nobody,) = _of_uploads(f"s3://{storage.user}:{SECRET}@127.0.0.1:{free_port()}/{BUCKET}?tls=no")

    assert "there is no such bucket. Make it" in no_bucket
    assert "our key is not let in. Correct it" in wrong_key
    assert "cannot be talked to" in nobody
    assert SECRET not in wrong_key + nobody


def test_a_bucket_into_which_anybody_may_look_is_a_problem() -> None:
    with ObjectStorage(strangers_may_list=True) as storage:
        findings = _of_uploads(storage.url)

    assert findings[1].startswith("problem  Uploads' privacy: Anybody may read in")

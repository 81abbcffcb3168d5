"""What an operator sets: every variable, its default, and what is refused."""

from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kundenportal.config.addresses import DatabaseAddress, Endpoint, MailServer, ObjectStorage
from kundenportal.config.env import Environment, make_data_directory, read_environment, secret_key
from kundenportal.config.values import WrongSetting
from kundenportal.config.variables import VARIABLES
from kundenportal.domain.inbox.rules.keeping import Mailbox

SETTINGS_PAGE = Path(__file__).parents[2] / "docs/settings.md"
HOME = {"HOME": "/home/somebody"}
LONG_KEY = "k" * 32


def environment(**values: str) -> Environment:
    given = {f"KUNDENPORTAL_{name}": value for name, value in values.items()}
    return read_environment(HOME | given, as_root=False)


def test_nothing_has_to_be_set() -> None:
    defaults = environment()

    assert defaults.database is None
    assert defaults.mail_server == MailServer("localhost", 25, "", "", "none")
    assert defaults.base_url == "http://127.0.0.1:8000"
    assert defaults.bind == Endpoint("127.0.0.1", 8000)
    assert [str(network) for network in defaults.trusted_proxies] == ["127.0.0.1/32", "::1/128"]
    assert defaults.secret_key is None
    assert (defaults.language, defaults.own_password) == ("de", "offer")
    assert 2 <= defaults.web_processes <= 16
    assert defaults.entries_per_minute == 60
    assert defaults.backup_dir == defaults.data_dir / "backups"
    assert defaults.daily_backups == 7
    assert defaults.postgres_programs is None


def test_a_database_of_the_operators_own_is_backed_up_by_the_portal_only_if_that_is_asked_for() -> None:
    assert environment(DATABASE_URL="postgresql://u:p@host/name").daily_backups == 0
    assert environment(DATABASE_URL="postgresql://u:p@host/name", DAILY_BACKUPS="30").daily_backups == 30
    assert environment(DAILY_BACKUPS="0").daily_backups == 0


@pytest.mark.parametrize(
    ("environ", "as_root", "directory"),
    [
        (HOME, True, "/var/lib/kundenportal"),
        (HOME, False, "/home/somebody/.local/share/kundenportal"),
        (HOME | {"XDG_DATA_HOME": "/data"}, False, "/data/kundenportal"),
        (HOME | {"XDG_DATA_HOME": "not/absolute"}, False, "/home/somebody/.local/share/kundenportal"),
        ({"KUNDENPORTAL_DATA_DIR": "/srv/portal", "XDG_DATA_HOME": "/data"}, True, "/srv/portal"),
    ],
)
def test_the_data_directory_suits_who_starts_the_portal(
    environ: dict[str, str], directory: str, *, as_root: bool
) -> None:
    assert read_environment(environ, as_root=as_root).data_dir == Path(directory)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://u:p@db.example.org/portal", DatabaseAddress("db.example.org", "portal", 5432, "u", "p")),
        ("postgres://u@db:5433/portal", DatabaseAddress("db", "portal", 5433, "u")),
        ("postgresql://u:p%40%2Fw@[::1]:5433/portal", DatabaseAddress("::1", "portal", 5433, "u", "p@/w")),
        ("postgresql:///portal?host=/run/pg&user=u", DatabaseAddress("/run/pg", "portal", 5432, "u")),
        (
            "postgresql://u:p@db/portal?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            DatabaseAddress("db", "portal", 5432, "u", "p", "verify-full", "/etc/ca.pem"),
        ),
    ],
)
def test_a_database_is_taken_apart(url: str, address: DatabaseAddress) -> None:
    assert environment(DATABASE_URL=url).database == address


@pytest.mark.parametrize(
    ("url", "storage", "place"),
    [
        ("s3://k:s@s3.example.org/bucket", ObjectStorage("s3.example.org", None, "bucket", "k", "s"),
         "https://s3.example.org/bucket"),
        ("s3://k:a%2Fb%2B@[::1]:9000/our.bucket/a/b/?region=eu-1&tls=no",
         ObjectStorage("::1", 9000, "our.bucket", "k", "a/b+", "a/b", "eu-1", is_in_clear=True),
         "http://[::1]:9000/our.bucket/a/b"),
    ],
)  # fmt: skip
def test_storage_for_uploads_is_taken_apart(url: str, storage: ObjectStorage, place: str) -> None:
    assert environment(UPLOADS_URL=url).uploads == storage
    assert storage.place == place


def test_a_replica_is_one_of_the_operators_own_database() -> None:
    own = environment(DATABASE_URL="postgresql://u:p@db/portal", DATABASE_REPLICA_URL="postgresql://r:p@replica/portal")
    assert own.database_replica == DatabaseAddress("replica", "portal", 5432, "r", "p")
    with pytest.raises(WrongSetting, match="the database in the data directory has no replica"):
        environment(DATABASE_REPLICA_URL="postgresql://r:p@replica/portal")


def test_a_database_address_can_be_written_down_and_read_again() -> None:
    address = DatabaseAddress("/a b/ü", "na/me", 5433, "us@er", "p:a/s?s#w%rd", "require", "/ca.pem")

    assert environment(DATABASE_URL=address.url).database == address


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", MailServer("mail.example.org", 25, "", "", "none")),
        ("smtp://mail.example.org:587", MailServer("mail.example.org", 587, "", "", "starttls")),
        ("smtp://mail.example.org:587?starttls=no", MailServer("mail.example.org", 587, "", "", "none")),
        ("smtp://mail.example.org?starttls=yes", MailServer("mail.example.org", 25, "", "", "starttls")),
        ("smtps://mail.example.org", MailServer("mail.example.org", 465, "", "", "tls")),
        (
            "smtps://portal%40example.org:p%40%3Aw@mail.example.org:2465",
            MailServer("mail.example.org", 2465, "portal@example.org", "p@:w", "tls"),
        ),
    ],
)
def test_a_mail_server_is_taken_apart(url: str, server: MailServer) -> None:
    assert environment(SMTP_URL=url).mail_server == server


@pytest.mark.parametrize(
    ("url", "mailbox"),
    [
        ("imaps://u:p@mail.example.org", Mailbox("mail.example.org", 993, "u", "p", "tls")),
        ("imaps://u:p@mail.example.org/", Mailbox("mail.example.org", 993, "u", "p", "tls")),
        (
            "imaps://u%40example.org:p%2Fw@[::1]:1993/Kunden%20Post?sslrootcert=/etc/ca.pem",
            Mailbox("::1", 1993, "u@example.org", "p/w", "tls", "Kunden Post", "/etc/ca.pem"),
        ),
        ("imap://u:p@mail.example.org?starttls=yes", Mailbox("mail.example.org", 143, "u", "p", "starttls")),
        ("imap://u:p@127.0.0.1:1143/A/B", Mailbox("127.0.0.1", 1143, "u", "p", "none", "A/B")),
    ],
)
def test_a_mailbox_is_taken_apart_and_never_shows_its_password(url: str, mailbox: Mailbox) -> None:
    found = environment(IMAP_URL=url).mailbox
    assert found == mailbox
    assert "password" not in repr(found)
    assert "p/w" not in f"{found!r} {mailbox.name}"


@pytest.mark.parametrize(
    ("settings", "base_url"),
    [
        ({"BIND": "127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"BIND": "0.0.0.0:80"}, "http://127.0.0.1:80"),
        ({"BIND": "[::]:8000"}, "http://[::1]:8000"),
        ({"BASE_URL": "https://Portal.Example.org"}, "https://portal.example.org"),
        ({"BASE_URL": "https://portal.example.org:8443/"}, "https://portal.example.org:8443"),
    ],
)
def test_links_begin_with_one_address(settings: dict[str, str], base_url: str) -> None:
    assert environment(**settings).base_url == base_url


@pytest.mark.parametrize(
    ("proxies", "trusted"),
    [
        ("192.0.2.1", ["192.0.2.1/32"]),
        ("192.0.2.1,2001:db8::1", ["192.0.2.1/32", "2001:db8::1/128"]),
        ("10.0.0.0/8 , 2001:db8::/32", ["10.0.0.0/8", "2001:db8::/32"]),
    ],
)
def test_trusted_proxies_are_addresses_and_networks(proxies: str, trusted: list[str]) -> None:
    assert [str(network) for network in environment(TRUSTED_PROXIES=proxies).trusted_proxies] == trusted


WRONG = [
    ("DATA_DIR", "relative/path"),
    ("UPLOADS_URL", "https://u:s3cret@host/bucket"),
    ("UPLOADS_URL", "s3://u@host/bucket"),
    ("UPLOADS_URL", "s3://u:s3cret@host"),
    ("UPLOADS_URL", "s3://u:s3cret@host/b"),
    ("UPLOADS_URL", "s3://u:s3cret@host/bucket/../other"),
    ("UPLOADS_URL", "s3://u:s3cret@host/bucket?tls=maybe"),
    ("UPLOADS_URL", "s3://u:s3cret/x@host/bucket"),
    ("DATABASE_URL", "mysql://u:s3cret@host/name"),
    ("DATABASE_URL", "postgresql://u:s3cret@host"),
    ("DATABASE_URL", "postgresql://u:s3cret@/name"),
    ("DATABASE_URL", "postgresql://u:s3cret@host:99999/name"),
    ("DATABASE_URL", "postgresql://u:s3cret/x@host/name"),
    ("DATABASE_URL", "postgresql://u:s3cret#x@host/name"),
    ("DATABASE_URL", "postgresql://u:s3cret@host/name?sslmode=s3cret"),
    ("DATABASE_URL", "postgresql://u:s3cret@host/name?timeout=s3cret"),
    ("DATABASE_URL", "postgresql://u:s3cret@host/name?s3cret"),
    ("DATABASE_URL", "postgresql://u:s3cret@[host/name"),
    ("DATABASE_URL", "s3cret"),
    ("DATABASE_REPLICA_URL", "postgresql://u:s3cret@host/name"),
    ("SMTP_URL", "http://u:s3cret@host"),
    ("SMTP_URL", "smtp://"),
    ("SMTP_URL", "smtp://u:s3cret@host:port"),
    ("SMTP_URL", "smtp://u:s3/cret@host"),
    ("SMTP_URL", "smtp://:s3cret@host"),
    ("SMTP_URL", "smtp://s3cret@host"),
    ("SMTP_URL", "smtp://portal:s3cret%C3%BC@host"),
    ("SMTP_URL", "smtp://u:s3cret@host/path"),
    ("SMTP_URL", "smtp://u:s3cret@host?starttls=perhaps"),
    ("SMTP_URL", "smtps://u:s3cret@host?starttls=yes"),
    ("BASE_URL", "portal.example.org"),
    ("BASE_URL", "ftp://portal.example.org"),
    ("BASE_URL", "https://portal.example.org/path"),
    ("BASE_URL", "https://portal.example.org?x=1"),
    ("BASE_URL", "https://u:s3cret@portal.example.org"),
    ("BASE_URL", "https://börse.example.org"),
    ("BASE_URL", "https://"),
    ("BIND", "8000"),
    ("BIND", "127.0.0.1"),
    ("BIND", "127.0.0.1:0"),
    ("BIND", "127.0.0.1:65536"),
    ("BIND", "127.0.0.1:٣"),
    ("BIND", "::1:8000"),
    ("BIND", "[nonsense]:8000"),
    ("TRUSTED_PROXIES", "proxy.example.org"),
    ("TRUSTED_PROXIES", "127.0.0.1,"),
    ("TRUSTED_PROXIES", "127.0.0.1 ::1"),
    ("TRUSTED_PROXIES", "192.0.2.1/24"),
    ("TRUSTED_PROXIES", "192.0.2.1:443"),
    ("TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0"),
    ("TRUSTED_PROXIES", "::/0"),
    ("TRUSTED_PROXIES", "*"),
    ("SECRET_KEY", "s3cret"),
    ("MAIL_FROM", "portal"),
    ("MAIL_FROM", "Portal <portal@example.org>"),
    ("MAIL_FROM", "a@example.org,b@example.org"),
    ("IMAP_URL", "mail.example.org"),
    ("IMAP_URL", "imaps://mail.example.org"),
    ("IMAP_URL", "imaps://user@mail.example.org"),
    ("IMAP_URL", "imap://user:password@mail.example.org"),
    ("IMAP_URL", "imap://user:password@mail.example.org?starttls=no"),
    ("IMAP_URL", "imaps://user:password@mail.example.org?starttls=yes"),
    ("IMAP_URL", "imap://user:password@mail.example.org?starttls=perhaps"),
    ("RETURN_ADDRESS", "return"),
    ("RETURN_ADDRESS", "return+mail@example.org"),
    ("RETURN_ADDRESS", f"{'r' * 38}@example.org"),
    ("LANGUAGE", "fr"),
    ("OWN_PASSWORD", "maybe"),
    ("WEB_PROCESSES", "0"),
    ("WEB_PROCESSES", "65"),
    ("WEB_PROCESSES", "-1"),
    ("WEB_PROCESSES", "many"),
    ("WEB_PROCESSES", "٣"),
    ("PAIRS_OF_EYES", "3"),
    ("SESSION_MINUTES", "4"),
    ("SESSION_MINUTES", "241"),
    ("SESSION_HOURS", "25"),
    ("HASHING_PASSES", "1"),
    ("HASHING_PASSES", "51"),
    ("DAYS_INTAKES_ARE_KEPT", "0"),
    ("DAYS_INTAKES_ARE_KEPT", "3651"),
    ("DAYS_MAIL_LOG_IS_KEPT", "59"),
    ("DAYS_IMPORTS_ARE_KEPT", "29"),
    ("DAYS_TRAIL_IS_KEPT", "90"),
    ("METRICS_TOKEN", "s3cret"),
    ("TRACES_URL", "127.0.0.1:4318"),
    ("TRACES_URL", "http://user:s3cret@collector.example.org"),
    ("LOG_FORMAT", "xml"),
    ("LOG_REQUESTS", "true"),
    ("ENTRIES_PER_MINUTE", "0"),
    ("ENTRIES_PER_MINUTE", "60001"),
    ("ENTRIES_PER_MINUTE", "unlimited"),
    ("POSTGRES_PROGRAMS", "/usr/lib/postgresql/17/bin"),  # of the database in the data directory
    ("BACKUP_DIR", "backups"),
    ("BACKUP_PASSPHRASE", "s3cret but shor"),
    ("DAILY_BACKUPS", "-1"),
    ("DAILY_BACKUPS", "367"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_value_is_refused_in_one_sentence_that_names_it(name: str, value: str) -> None:
    with pytest.raises(WrongSetting) as refusal:
        environment(**{name: value})

    sentence = str(refusal.value)
    assert sentence.startswith(f"KUNDENPORTAL_{name} ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert "s3cret" not in sentence
    assert refusal.value.__cause__ is None


def test_every_variable_has_a_wrong_value() -> None:
    assert {f"KUNDENPORTAL_{name}" for name, _ in WRONG} == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://collector.example.org/otlp/v1/traces", "https://collector.example.org/otlp/v1/traces"),
    ],
)
def test_traces_go_where_a_collector_takes_them(url: str, address: str) -> None:
    assert environment(TRACES_URL=url).traces_url == address


@pytest.mark.parametrize(
    ("name", "value"), [("UPLOADS_URL", "s3://k:s@s3.example.org/bucket"), ("TRACES_URL", "http://127.0.0.1:4318")]
)
def test_what_needs_packages_that_are_not_there_says_where_they_are(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(WrongSetting, match=rf"^KUNDENPORTAL_{name} needs .*; install requirements-extras\.txt\.$"):
        environment(**{name: value})


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
@pytest.mark.parametrize("value", ["", " ", " x", "x\n", "x\x00y"])
def test_an_empty_or_unprintable_value_is_refused(variable: tuple[str, str, str], value: str) -> None:
    with pytest.raises(WrongSetting, match=rf"^{variable[0]} "):
        read_environment(HOME | {variable[0]: value}, as_root=False)


def test_a_slip_of_the_pen_is_refused_with_the_name_that_was_meant() -> None:
    with pytest.raises(WrongSetting, match=r"^KUNDENPORTAL_SMTP_ULR .* KUNDENPORTAL_SMTP_URL\?$"):
        environment(SMTP_ULR="smtp://localhost")


@pytest.mark.parametrize("name", ["FOO", "X", "", "THEME"])
def test_a_name_close_to_none_is_refused_without_a_guess(name: str) -> None:
    with pytest.raises(
        WrongSetting, match=rf"^KUNDENPORTAL_{name} is no setting of the portal; docs/settings.md lists"
    ):
        environment(**{name: "bar"})


def test_no_secret_is_shown_by_accident() -> None:
    shown = repr(
        environment(
            DATABASE_URL="postgresql://u:s3cret@host/name",
            DATABASE_REPLICA_URL="postgresql://u:s3cret@replica/name",
            SMTP_URL="smtp://u:s3cret@host",
            SECRET_KEY="s3cret" * 8,
            BACKUP_PASSPHRASE="s3cret" * 8,
        )
    )

    assert "s3cret" not in shown


def test_every_setting_is_on_the_operators_page() -> None:
    rows = [f"| `{variable.name}` | {variable.default} | {variable.meaning} |" for variable in VARIABLES]

    page = SETTINGS_PAGE.read_text(encoding="utf-8").splitlines()
    assert [line for line in page if line.startswith("| `KUNDENPORTAL_")] == rows


def test_mail_is_captured_where_a_demonstration_is_and_no_mail_server_is_set(tmp_path: Path) -> None:
    directory = str(tmp_path)
    assert not environment(DATA_DIR=directory).demonstration

    (tmp_path / "captured-mail").mkdir()

    assert environment(DATA_DIR=directory).demonstration
    assert not environment(DATA_DIR=directory, SMTP_URL="smtp://localhost:25").demonstration


def test_a_key_that_is_set_is_used_and_nothing_is_kept(tmp_path: Path) -> None:
    assert secret_key(environment(DATA_DIR=str(tmp_path / "data"), SECRET_KEY=LONG_KEY)) == LONG_KEY
    assert not list(tmp_path.iterdir())


def test_a_key_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    settings = environment(DATA_DIR=str(tmp_path / "deep/data"))

    key = secret_key(settings)

    assert len(key) >= 32
    assert secret_key(settings) == key
    assert [stat.S_IMODE(path.stat().st_mode) for path in settings.data_dir.iterdir()] == [0o600]


def test_starts_at_the_same_moment_agree_on_the_key(tmp_path: Path) -> None:
    settings = environment(DATA_DIR=str(tmp_path / "data"))

    with ThreadPoolExecutor(16) as starts:
        keys = set(starts.map(lambda _: secret_key(settings), range(64)))

    assert len(keys) == 1
    assert [path.name for path in settings.data_dir.iterdir()] == ["secret-key"]


@pytest.mark.parametrize("kept", ["", "short\n", "not ascii: ü" * 8])
def test_a_kept_key_that_is_none_is_refused(tmp_path: Path, kept: str) -> None:
    (tmp_path / "secret-key").write_text(kept)

    with pytest.raises(WrongSetting, match="secret-key"):
        secret_key(environment(DATA_DIR=str(tmp_path)))


def test_a_data_directory_is_closed_to_others(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        make_data_directory(tmp_path / "data")
    finally:
        os.umask(previous)

    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) & 0o066 == 0


def test_a_data_directory_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")

    with pytest.raises(WrongSetting, match=r"^KUNDENPORTAL_DATA_DIR "):
        make_data_directory(tmp_path / "data")

"""What an operator sets: every environment variable of the portal is asked for here and nowhere else."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from kundenportal.config.addresses import (
    DatabaseAddress,
    Endpoint,
    MailServer,
    Network,
    ObjectStorage,
    base_url_in,
    collector_in,
    database_address_in,
    endpoint_in,
    mail_server_in,
    mailbox_in,
    networks_in,
    object_storage_in,
)
from kundenportal.config.key_files import keep_new_key
from kundenportal.config.values import Values, WrongSetting
from kundenportal.config.variables import (
    DAILY_BACKUPS,
    DAYS_IMPORTS_ARE_KEPT,
    DAYS_INTAKES_ARE_KEPT,
    DAYS_MAIL_LOG_IS_KEPT,
    DAYS_TRAIL_IS_KEPT,
    FEWEST_DAYS_MAIL_LOG,
    FEWEST_DAYS_TRAIL,
    FEWEST_SESSION_MINUTES,
    FEWEST_WEB_PROCESSES,
    MOST_DAILY_BACKUPS,
    MOST_DAYS_KEPT,
    MOST_ENTRIES_PER_MINUTE,
    MOST_PAIRS_OF_EYES,
    MOST_SESSION_HOURS,
    MOST_SESSION_MINUTES,
    MOST_WEB_PROCESSES,
    MOST_WEB_PROCESSES_BY_DEFAULT,
    SESSION_HOURS,
    SESSION_MINUTES,
    SHORTEST_PASSPHRASE,
    SHORTEST_SECRET_KEY,
    THREADS_FOR_PAGES,
)
from kundenportal.domain.credentials.rules import hashing_line
from kundenportal.domain.credentials.rules.hashing_cost import MOST_PASSES, PASSES
from kundenportal.domain.credentials.rules.throttling import ENTRIES_PER_MINUTE, HELD_AT_MOST
from kundenportal.domain.imports.rules.runs import KEPT_FOR
from kundenportal.kernel.randomness import TOKEN_LENGTH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kundenportal.domain.inbox.rules.keeping import Mailbox

# No name around it and no second one beside it; whether it exists the mail server will say.
ADDRESS_ALONE = re.compile(r"[^\s@<>(),;:\"]+@[^\s@<>(),;:\"]+\.[^\s@<>(),;:\"]+")

# What stands before an @ has 64 characters (RFC 5321, 4.5.3.1.1), and a mail's key takes its share.
LONGEST_RETURN_NAME = 64 - len("+") - TOKEN_LENGTH

Language = Literal["de", "en"]
OwnPassword = Literal["offer", "require"]
LogFormat = Literal["text", "json"]


@dataclass(frozen=True)
class Environment:
    """The settings of one start, checked."""

    data_dir: Path
    database: DatabaseAddress | None
    database_replica: DatabaseAddress | None
    mail_server: MailServer
    mail_server_is_set: bool
    mail_from: str | None
    return_address: str | None
    mailbox: Mailbox | None
    base_url: str
    bind: Endpoint
    trusted_proxies: tuple[Network, ...]
    secret_key: str | None = field(repr=False)
    language: Language
    own_password: OwnPassword
    web_processes: int
    entries_per_minute: int
    pairs_of_eyes: int
    session_minutes: int
    session_hours: int
    hashing_passes: int
    uploads: ObjectStorage | None
    postgres_programs: Path | None
    backup_dir: Path
    backup_passphrase: str | None = field(repr=False)
    daily_backups: int
    days_intakes_are_kept: int
    days_mail_log_is_kept: int
    days_imports_are_kept: int
    days_trail_is_kept: int
    metrics_token: str | None = field(repr=False)
    traces_url: str | None
    log_format: LogFormat
    log_requests: bool

    @property
    def hashing_threads(self) -> int:
        """How many threads of each web process hash passwords: all processes together use the machine's cores."""
        return max(1, (os.cpu_count() or 1) // self.web_processes)

    @property
    def threads_per_web_process(self) -> int:
        """Enough for all that may wait, to be checked or to be refused, and for pages to be answered meanwhile."""
        return hashing_line.places(self.hashing_threads) + HELD_AT_MOST + THREADS_FOR_PAGES

    @property
    def backup_key_file(self) -> Path:
        """Where the key is kept that opens backups made without a passphrase."""
        return self.data_dir / "backup-key"

    @property
    def captured_mail(self) -> Path:
        """Where a demonstration keeps the mail it would otherwise send."""
        return self.data_dir / "captured-mail"

    @property
    def kept_secret_key(self) -> Path:
        """Where the key is kept that is made if none is set."""
        return self.data_dir / "secret-key"

    @property
    def maintenance_board(self) -> Path:
        """Where the notice of maintenance is kept for moments without a database."""
        return self.data_dir / "maintenance"

    @property
    def demonstration(self) -> bool:
        """Whether mail is captured instead of sent."""
        return not self.mail_server_is_set and self.captured_mail.is_dir()


def read_environment(environ: Mapping[str, str] | None = None, *, as_root: bool | None = None) -> Environment:
    """The settings in the environment; no file is touched, and the first wrong one is refused by name."""
    if environ is None:
        environ = os.environ
    if as_root is None:
        as_root = os.geteuid() == 0
    values = Values.among(environ)
    bind = values.read("BIND", endpoint_in, "127.0.0.1:8000", example="127.0.0.1:8000")
    data_dir = _data_dir(values, environ, as_root=as_root)
    return Environment(
        data_dir=data_dir,
        database=values.read_if_set(
            "DATABASE_URL", database_address_in, example="postgresql://user:password@host:5432/kundenportal"
        ),
        database_replica=_database_replica(values),
        mail_server=values.read(
            "SMTP_URL",
            mail_server_in,
            "smtp://localhost:25",
            example="smtp://user:password@mail.example.org:587",
        ),
        mail_server_is_set="SMTP_URL" in values,
        mail_from=_mail_from(values),
        return_address=_return_address(values),
        mailbox=values.read_if_set("IMAP_URL", mailbox_in, example="imaps://user:password@mail.example.org"),
        base_url=values.read("BASE_URL", base_url_in, f"http://{bind.reachable}", example="https://portal.example.org"),
        bind=bind,
        trusted_proxies=values.read("TRUSTED_PROXIES", networks_in, "127.0.0.1, ::1", example="192.0.2.1, 10.0.0.0/24"),
        secret_key=values.key("SECRET_KEY"),
        language=cast("Language", values.choice("LANGUAGE", ("de", "en"))),
        own_password=cast("OwnPassword", values.choice("OWN_PASSWORD", ("offer", "require"))),
        web_processes=_web_processes(values),
        entries_per_minute=values.number("ENTRIES_PER_MINUTE", ENTRIES_PER_MINUTE, MOST_ENTRIES_PER_MINUTE),
        pairs_of_eyes=values.number("PAIRS_OF_EYES", 1, MOST_PAIRS_OF_EYES),
        session_minutes=values.number(
            "SESSION_MINUTES", SESSION_MINUTES, MOST_SESSION_MINUTES, least=FEWEST_SESSION_MINUTES
        ),
        session_hours=values.number("SESSION_HOURS", SESSION_HOURS, MOST_SESSION_HOURS),
        hashing_passes=values.number("HASHING_PASSES", PASSES, MOST_PASSES, least=PASSES),
        uploads=values.read_if_set(
            "UPLOADS_URL",
            object_storage_in,
            example="s3://key:secret@s3.example.org/bucket",
            needs=("boto3", "django-storages"),
        ),
        postgres_programs=_postgres_programs(values),
        backup_dir=_backup_dir(values, data_dir),
        backup_passphrase=_backup_passphrase(values),
        # A server of the operator's own has backups of the operator's own, unless they say otherwise.
        daily_backups=values.number(
            "DAILY_BACKUPS", 0 if "DATABASE_URL" in values else DAILY_BACKUPS, MOST_DAILY_BACKUPS, least=0
        ),
        days_intakes_are_kept=values.number("DAYS_INTAKES_ARE_KEPT", DAYS_INTAKES_ARE_KEPT, MOST_DAYS_KEPT),
        days_mail_log_is_kept=values.number(
            "DAYS_MAIL_LOG_IS_KEPT", DAYS_MAIL_LOG_IS_KEPT, MOST_DAYS_KEPT, least=FEWEST_DAYS_MAIL_LOG
        ),
        days_imports_are_kept=values.number(
            "DAYS_IMPORTS_ARE_KEPT", DAYS_IMPORTS_ARE_KEPT, MOST_DAYS_KEPT, least=KEPT_FOR.days
        ),
        days_trail_is_kept=values.number(
            "DAYS_TRAIL_IS_KEPT", DAYS_TRAIL_IS_KEPT, MOST_DAYS_KEPT, least=FEWEST_DAYS_TRAIL
        ),
        metrics_token=values.key("METRICS_TOKEN"),
        traces_url=values.read_if_set(
            "TRACES_URL",
            collector_in,
            example="http://127.0.0.1:4318",
            needs=("opentelemetry-sdk", "opentelemetry-exporter-otlp-proto-http"),
        ),
        log_format=cast("LogFormat", values.choice("LOG_FORMAT", ("text", "json"))),
        log_requests=values.choice("LOG_REQUESTS", ("no", "yes")) == "yes",
    )


def make_data_directory(directory: Path) -> None:
    """The data directory is there and can be written; nobody but its owner can list it."""
    try:
        for missing in reversed([path for path in (directory, *directory.parents) if not path.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
            if os.geteuid() == 0:
                # Root's database runs as a system user, which must pass through to its own folder inside.
                missing.chmod(0o711 if missing == directory else 0o755)
        writable = directory.is_dir() and os.access(directory, os.W_OK | os.X_OK)
    except OSError:
        writable = False
    if not writable:
        raise WrongSetting(
            f"KUNDENPORTAL_DATA_DIR names {directory}, which cannot be made or written; "
            "a right value is a directory that belongs to whoever starts the portal."
        )


def secret_key(environment: Environment) -> str:
    """The key that was set, or the one kept in the data directory, made when it is first asked for."""
    if environment.secret_key is not None:
        return environment.secret_key
    kept = environment.kept_secret_key
    try:
        if not kept.exists():
            make_data_directory(environment.data_dir)
            keep_new_key(kept, lambda: secrets.token_urlsafe(48))
        key = kept.read_text(encoding="ascii").strip()
    except (OSError, UnicodeError):
        key = ""
    if len(key) < SHORTEST_SECRET_KEY:
        raise WrongSetting(
            f"KUNDENPORTAL_SECRET_KEY is not set and {kept} cannot be read or holds no key; "
            f"set at least {SHORTEST_SECRET_KEY} random characters or remove that file."
        )
    return key


def _data_dir(values: Values, environ: Mapping[str, str], *, as_root: bool) -> Path:
    if "DATA_DIR" in values:
        directory = Path(values["DATA_DIR"])
    elif as_root:
        directory = Path("/var/lib/kundenportal")
    elif environ.get("XDG_DATA_HOME", "").startswith("/"):
        directory = Path(environ["XDG_DATA_HOME"], "kundenportal")
    else:
        directory = Path(environ.get("HOME", ""), ".local/share/kundenportal")
    if not directory.is_absolute():
        raise WrongSetting("KUNDENPORTAL_DATA_DIR is no absolute path; a right value looks like /var/lib/kundenportal.")
    return directory


def _database_replica(values: Values) -> DatabaseAddress | None:
    if "DATABASE_REPLICA_URL" in values and "DATABASE_URL" not in values:
        raise WrongSetting(
            "KUNDENPORTAL_DATABASE_REPLICA_URL is set without KUNDENPORTAL_DATABASE_URL; "
            "the database in the data directory has no replica."
        )
    return values.read_if_set(
        "DATABASE_REPLICA_URL",
        database_address_in,
        example="postgresql://user:password@replica:5432/kundenportal",
    )


def _mail_from(values: Values) -> str | None:
    address = values.get("MAIL_FROM")
    if address is not None and not ADDRESS_ALONE.fullmatch(address):
        raise WrongSetting(
            "KUNDENPORTAL_MAIL_FROM is not an e-mail address alone; a right value looks like portal@example.org."
        )
    return address


def _return_address(values: Values) -> str | None:
    address = values.get("RETURN_ADDRESS")
    if address is None:
        return None
    local_part = address.rpartition("@")[0]
    if not ADDRESS_ALONE.fullmatch(address) or "+" in local_part or len(local_part) > LONGEST_RETURN_NAME:
        raise WrongSetting(
            "KUNDENPORTAL_RETURN_ADDRESS is not an e-mail address alone, without a + and with at most "
            f"{LONGEST_RETURN_NAME} characters before its @; a right value looks like return@example.org."
        )
    return address


def _web_processes(values: Values) -> int:
    default = min(max(os.cpu_count() or 1, FEWEST_WEB_PROCESSES), MOST_WEB_PROCESSES_BY_DEFAULT)
    return values.number("WEB_PROCESSES", default, MOST_WEB_PROCESSES)


def _postgres_programs(values: Values) -> Path | None:
    if "POSTGRES_PROGRAMS" not in values:
        return None
    if "DATABASE_URL" not in values:
        raise WrongSetting(
            "KUNDENPORTAL_POSTGRES_PROGRAMS is set without KUNDENPORTAL_DATABASE_URL; "
            "the database in the data directory has programs of its own."
        )
    directory = Path(values["POSTGRES_PROGRAMS"])
    if not directory.is_absolute():
        raise WrongSetting(
            "KUNDENPORTAL_POSTGRES_PROGRAMS is no absolute path; a right value looks like /usr/lib/postgresql/17/bin."
        )
    return directory


def _backup_dir(values: Values, data_dir: Path) -> Path:
    directory = Path(values.get("BACKUP_DIR", data_dir / "backups"))
    if not directory.is_absolute():
        raise WrongSetting("KUNDENPORTAL_BACKUP_DIR is no absolute path; a right value looks like /srv/backups.")
    return directory


def _backup_passphrase(values: Values) -> str | None:
    passphrase = values.get("BACKUP_PASSPHRASE")
    if passphrase is not None and len(passphrase) < SHORTEST_PASSPHRASE:
        raise WrongSetting(
            f"KUNDENPORTAL_BACKUP_PASSPHRASE is shorter than {SHORTEST_PASSPHRASE} characters; "
            "a right value is made by: python3 -c 'import secrets; print(secrets.token_urlsafe(24))'."
        )
    return passphrase

"""The operator's table of settings: the single source for the code and for `docs/settings.md`."""

from __future__ import annotations

from typing import NamedTuple

from kundenportal.domain.audit.rules import KEPT_AT_LEAST
from kundenportal.domain.credentials.rules.hashing_cost import MOST_PASSES, PASSES
from kundenportal.domain.credentials.rules.throttling import ENTRIES_PER_MINUTE
from kundenportal.domain.imports.rules.runs import KEPT_FOR

PREFIX = "KUNDENPORTAL_"
SHORTEST_SECRET_KEY = 32
FEWEST_WEB_PROCESSES = 2
MOST_WEB_PROCESSES_BY_DEFAULT = 16
MOST_WEB_PROCESSES = 64
THREADS_FOR_PAGES = 8
CONNECTIONS_PER_WEB_PROCESS = 2  # while the database works for one thread, Python works for another
MOST_ENTRIES_PER_MINUTE = 60_000
MOST_PAIRS_OF_EYES = 2
SESSION_MINUTES = 30
FEWEST_SESSION_MINUTES = 5  # in less nobody fills in a form
MOST_SESSION_MINUTES = 240
SESSION_HOURS = 12
MOST_SESSION_HOURS = 24
SHORTEST_PASSPHRASE = 16
DAILY_BACKUPS = 7
MOST_DAILY_BACKUPS = 366
DAYS_INTAKES_ARE_KEPT = 180
DAYS_MAIL_LOG_IS_KEPT = 365
FEWEST_DAYS_MAIL_LOG = 60  # what is still under way is younger
DAYS_IMPORTS_ARE_KEPT = 365
DAYS_TRAIL_IS_KEPT = 1095  # three years, after which hardly anybody can claim anything (§ 195 BGB)
FEWEST_DAYS_TRAIL = KEPT_AT_LEAST.days + 1
MOST_DAYS_KEPT = 3650


class Variable(NamedTuple):
    """A row of the operator's table of settings."""

    name: str
    default: str
    meaning: str


VARIABLES = (
    Variable(
        "KUNDENPORTAL_DATA_DIR",
        "`/var/lib/kundenportal` for root, otherwise `kundenportal` in `$XDG_DATA_HOME` or in `~/.local/share`",
        "The directory that holds everything the portal keeps: its database, its secret key, "
        "what editors upload, and the database's log.",
    ),
    Variable(
        "KUNDENPORTAL_DATABASE_URL",
        "PostgreSQL inside the data directory",
        "A PostgreSQL server of your own, as `postgresql://user:password@host:5432/name`, "
        "with `?sslmode=verify-full&sslrootcert=/etc/ssl/certs/ca-certificates.crt` where it is elsewhere, or "
        "`?host=/directory` for a socket.",
    ),
    Variable(
        "KUNDENPORTAL_DATABASE_REPLICA_URL",
        "there is no replica",
        "A streaming replica of that server, written in the same way, from which long lists are read when they are "
        "saved as files; see docs/many-machines.md.",
    ),
    Variable(
        "KUNDENPORTAL_SMTP_URL",
        "`smtp://localhost:25`",
        "The mail server, as `smtp://user:password@host:587` or `smtps://user:password@host:465`. "
        "Port 587 uses STARTTLS, other ports do so with `?starttls=yes`.",
    ),
    Variable(
        "KUNDENPORTAL_MAIL_FROM",
        "the service address shown in the portal",
        "The address letters come from, as `portal@example.org`; your mail server must be allowed to send for it. "
        "Replies go to the service address all the same.",
    ),
    Variable(
        "KUNDENPORTAL_RETURN_ADDRESS",
        "the address letters come from",
        "The address delivery reports return to, as `return@example.org`. Each letter adds a key of its own, "
        "`return+key@example.org`, so that a report names its letter; docs/mail.md says what that needs.",
    ),
    Variable(
        "KUNDENPORTAL_IMAP_URL",
        "no mailbox is read",
        "The mailbox the portal reads, as `imaps://user:password@host` or `imap://user:password@host?starttls=yes`, "
        "with `/Folder` for another than the inbox; see docs/mail.md.",
    ),
    Variable(
        "KUNDENPORTAL_BASE_URL",
        "`http://` and the address in `KUNDENPORTAL_BIND`",
        "The address people type into their browser, as `https://portal.example.org`. "
        "Every link in a letter begins with it.",
    ),
    Variable(
        "KUNDENPORTAL_BIND",
        "`127.0.0.1:8000`",
        "The address and port the portal listens on, as `127.0.0.1:8000` or `[::1]:8000`.",
    ),
    Variable(
        "KUNDENPORTAL_TRUSTED_PROXIES",
        "`127.0.0.1, ::1`",
        "The proxies in front of the portal, as addresses or networks with commas between them. "
        "What others say in `X-Forwarded-…` is not believed.",
    ),
    Variable(
        "KUNDENPORTAL_SECRET_KEY",
        "made once and kept in the data directory",
        f"The key that signs sessions and links, at least {SHORTEST_SECRET_KEY} characters. "
        "Set it when the portal runs on several machines.",
    ),
    Variable(
        "KUNDENPORTAL_LANGUAGE",
        "`de`",
        "The language of whoever has not chosen one: `de` or `en`.",
    ),
    Variable(
        "KUNDENPORTAL_OWN_PASSWORD",
        "`offer`",
        "What happens after a first sign-in: `offer` asks for a password of one's own and takes “later” "
        "for an answer, `require` does not.",
    ),
    Variable(
        "KUNDENPORTAL_WEB_PROCESSES",
        f"the number of processor cores, {FEWEST_WEB_PROCESSES} to {MOST_WEB_PROCESSES_BY_DEFAULT}",
        f"How many web processes answer requests, 1 to {MOST_WEB_PROCESSES}. "
        f"Each keeps up to {CONNECTIONS_PER_WEB_PROCESS} connections to the database.",
    ),
    Variable(
        "KUNDENPORTAL_ENTRIES_PER_MINUTE",
        f"`{ENTRIES_PER_MINUTE}`",
        "How many times a minute one network address may send the forms in front of the sign-in, "
        f"1 to {MOST_ENTRIES_PER_MINUTE}; a minute’s worth may come at once.",
    ),
    Variable(
        "KUNDENPORTAL_PAIRS_OF_EYES",
        "`1`",
        "How many members of staff have to approve a request for new access: `1`, or `2` who are not the same.",
    ),
    Variable(
        "KUNDENPORTAL_SESSION_MINUTES",
        f"`{SESSION_MINUTES}`",
        f"After how many minutes without a page people are signed out, {FEWEST_SESSION_MINUTES} to "
        f"{MOST_SESSION_MINUTES}. A minute before, the portal asks whether they are still there.",
    ),
    Variable(
        "KUNDENPORTAL_SESSION_HOURS",
        f"`{SESSION_HOURS}`",
        f"After how many hours people sign in again whatever they do, 1 to {MOST_SESSION_HOURS}. The page on data "
        "protection, which editors can change, names both times.",
    ),
    Variable(
        "KUNDENPORTAL_HASHING_PASSES",
        f"`{PASSES}`",
        f"How dear a password is to check: passes of Argon2id over its 19 MiB, {PASSES} to {MOST_PASSES}. Each takes "
        "as long as the one before. Passwords already kept are hashed anew at their owners’ next sign-in, which ends "
        "the sessions they have elsewhere.",
    ),
    Variable(
        "KUNDENPORTAL_UPLOADS_URL",
        "`uploads` in the data directory",
        "S3-compatible storage for what editors upload, as `s3://key:secret@s3.example.org/bucket`, with `/folder` "
        "after it if need be, `?region=…`, and `?tls=no` for an unencrypted one. Needed on several machines that share "
        "no directory; see docs/operating.md.",
    ),
    Variable(
        "KUNDENPORTAL_POSTGRES_PROGRAMS",
        "those that come with the portal",
        "The folder of `pg_dump`, `pg_restore` and `psql`, as `/usr/lib/postgresql/17/bin`, for backups of a server of "
        "your own that is reached by TLS, or is newer than they are; see docs/operating.md.",
    ),
    Variable(
        "KUNDENPORTAL_BACKUP_DIR",
        "`backups` in the data directory",
        "The directory backups are kept in. One on another disk, or better on another machine, outlives this one.",
    ),
    Variable(
        "KUNDENPORTAL_BACKUP_PASSPHRASE",
        "a key made once and kept in the data directory",
        f"What backups are encrypted under, at least {SHORTEST_PASSPHRASE} characters. Keep it elsewhere too: without "
        "it, or without a copy of the key, nobody can restore a backup.",
    ),
    Variable(
        "KUNDENPORTAL_DAILY_BACKUPS",
        f"`{DAILY_BACKUPS}`, or `0` with a `KUNDENPORTAL_DATABASE_URL`",
        f"How many daily backups are kept, 0 to {MOST_DAILY_BACKUPS}; with `0` none are made.",
    ),
    Variable(
        "KUNDENPORTAL_DAYS_INTAKES_ARE_KEPT",
        f"`{DAYS_INTAKES_ARE_KEPT}`",
        f"How many days after an intake was settled it is deleted, 1 to {MOST_DAYS_KEPT}. "
        "The audit trail keeps its reference; what is open is never deleted.",
    ),
    Variable(
        "KUNDENPORTAL_DAYS_MAIL_LOG_IS_KEPT",
        f"`{DAYS_MAIL_LOG_IS_KEPT}`",
        f"How many days it is known which mails were sent and received, {FEWEST_DAYS_MAIL_LOG} to {MOST_DAYS_KEPT}; "
        "likewise former access letters, decided requests for new access, lifted lockouts and former addresses.",
    ),
    Variable(
        "KUNDENPORTAL_DAYS_IMPORTS_ARE_KEPT",
        f"`{DAYS_IMPORTS_ARE_KEPT}`",
        f"How many days after its end an import stays in the list, {KEPT_FOR.days} to {MOST_DAYS_KEPT}. "
        f"Its file and rows go after {KEPT_FOR.days} days.",
    ),
    Variable(
        "KUNDENPORTAL_DAYS_TRAIL_IS_KEPT",
        f"`{DAYS_TRAIL_IS_KEPT}`",
        f"How many days an entry of the audit trail is kept, {FEWEST_DAYS_TRAIL} to {MOST_DAYS_KEPT}. Younger ones the "
        "database refuses to delete, whoever asks.",
    ),
    Variable(
        "KUNDENPORTAL_METRICS_TOKEN",
        "there are no figures",
        f"What a monitoring system shows to read `/metrics`, at least {SHORTEST_SECRET_KEY} characters; "
        "see docs/watching.md.",
    ),
    Variable(
        "KUNDENPORTAL_TRACES_URL",
        "there are no traces",
        "The OpenTelemetry collector that is told of each page that was asked for, as `http://127.0.0.1:4318`; "
        "needs packages of its own, see docs/watching.md.",
    ),
    Variable(
        "KUNDENPORTAL_LOG_FORMAT",
        "`text`",
        "How the log is written: `text` for people, or `json` with an object on each line.",
    ),
    Variable(
        "KUNDENPORTAL_LOG_REQUESTS",
        "`no`",
        "Whether the log has a line for each request: `no` or `yes`. It names the page, never the address asked for.",
    ),
)

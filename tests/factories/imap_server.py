"""A real Dovecot on free ports of this machine, with one mailbox; encrypted with a certificate of its own, or not."""

from __future__ import annotations

import imaplib
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from kundenportal.domain.inbox.rules.keeping import Mailbox

from .certificates import make_certificate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from kundenportal.domain.inbox.rules.keeping import Security

DOVECOT = "/usr/sbin/dovecot"
PACKAGES = Path(__file__).parents[2] / "scripts/install-system-packages"
USER, PASSWORD = "service@portal.example.org", "ein Geheimnis/für niemanden"
SECONDS_TO_START, SECONDS_TO_STOP = 20, 20
NO_IDLE = "IMAP4rev1 LITERAL+ UIDPLUS"

CONFIGURATION = """
base_dir = {directory}/run
state_dir = {directory}/run
log_path = {directory}/dovecot.log
protocols = imap
listen = 127.0.0.1
default_login_user = {login_user}
default_internal_user = {login_user}
default_internal_group = {login_group}
first_valid_uid = 1
ssl = yes
ssl_cert = <{directory}/certificate.pem
ssl_key = <{directory}/key.pem
disable_plaintext_auth = no
auth_verbose = yes
mail_location = maildir:{directory}/mail/Maildir
{capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {directory}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={directory}/mail
}}
namespace inbox {{
  inbox = yes
}}
# Nobody is made to wait for having been wrong.
auth_failure_delay = 0
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


@dataclass
class ImapServer:
    """What is delivered lies in its one mailbox; whoever reads it does so by IMAP."""

    idle: bool = True
    directory: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="kundenportal-imap-")))
    port: int = 0
    tls_port: int = 0
    password: str = PASSWORD
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        subprocess.run([PACKAGES, "dovecot"], check=True, stdout=subprocess.DEVNULL)
        self.directory.chmod(0o711)  # Dovecot reads mail as another user if the tests run as root
        self.port, self.tls_port = _free_port(), _free_port()
        for part in ("run", "mail"):
            (self.directory / part).mkdir()
        make_certificate(self.directory)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.directory)

    def start(self) -> None:
        """The server answers, on the same ports and with the same mail as before."""
        as_root = os.geteuid() == 0
        reader = pwd.getpwnam("nobody") if as_root else pwd.getpwuid(os.geteuid())
        login = pwd.getpwnam("dovecot") if as_root else reader
        if as_root:
            for path in (self.directory / "mail", *(self.directory / "mail").rglob("*")):
                os.chown(path, reader.pw_uid, reader.pw_gid)
        (self.directory / "users").write_text(f"{USER}:{self.password}\n")
        configuration = self.directory / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(
                directory=self.directory,
                port=self.port,
                tls_port=self.tls_port,
                uid=reader.pw_uid,
                gid=reader.pw_gid,
                login_user=login.pw_name,
                login_group=_group_of(login),
                capability="" if self.idle else f"imap_capability = {NO_IDLE}",
            )
        )
        self._process = subprocess.Popen([DOVECOT, "-F", "-c", str(configuration)])
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Nobody answers any more."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(SECONDS_TO_STOP)
            self._process = None

    def mailbox(self, security: Security = "none", *, password: str = "", folder: str = "INBOX") -> Mailbox:
        """The mailbox as the portal is told of it."""
        return Mailbox(
            host="localhost" if security != "none" else "127.0.0.1",
            port=self.tls_port if security == "tls" else self.port,
            user=USER,
            password=password or self.password,
            security=security,
            folder=folder,
            ca_file=str(self.directory / "certificate.pem") if security != "none" else "",
        )

    def url(self, scheme: Literal["imap", "imaps"] = "imap") -> str:
        """The mailbox as a value of KUNDENPORTAL_IMAP_URL."""
        from urllib.parse import quote

        who = f"{quote(USER, safe='')}:{quote(self.password, safe='')}"
        if scheme == "imap":
            return f"imap://{who}@127.0.0.1:{self.port}"
        return f"imaps://{who}@localhost:{self.tls_port}?sslrootcert={self.directory}/certificate.pem"

    def deliver(self, *mails: bytes) -> None:
        """The mails lie in the mailbox, as if a mail server had brought them."""
        with self._client() as client:
            for mail in mails:
                code, said = client.append("INBOX", "", imaplib.Time2Internaldate(time.time()), mail)
                assert code == "OK", said

    def flags(self) -> list[bytes]:
        """How each mail is marked."""
        with self._client() as client:
            client.select("INBOX", readonly=True)
            return [line for line in client.fetch("1:*", "(FLAGS)")[1] if isinstance(line, bytes)]

    def delete_all(self) -> None:
        """Somebody has tidied up."""
        with self._client() as client:
            if int(client.select("INBOX")[1][0] or 0):
                client.store("1:*", "+FLAGS", r"(\Deleted)")
                client.expunge()

    def renumber(self) -> None:
        """The mailbox has another number, and every mail in it, as after a restored backup."""
        self.stop()
        for path in (self.directory / "mail/Maildir").glob("dovecot*"):
            path.unlink()
        (self.directory / "mail/Maildir/dovecot-uidlist").write_text(
            f"3 V{int(time.time()) + 1000} N1 G{secrets.token_hex(16)}\n"
        )
        self.start()

    @property
    def log(self) -> str:
        """What the server has written down."""
        path = self.directory / "dovecot.log"
        return path.read_text() if path.exists() else ""

    @contextmanager
    def _client(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.authenticate("PLAIN", lambda _: f"\0{USER}\0{self.password}".encode())
            yield client

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            with suppress(OSError, imaplib.IMAP4.error), self._client():
                return
            time.sleep(0.02)
        raise AssertionError(f"Dovecot does not answer:\n{self.log}")


def _group_of(user: pwd.struct_passwd) -> str:
    import grp

    return grp.getgrgid(user.pw_gid).gr_name


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])

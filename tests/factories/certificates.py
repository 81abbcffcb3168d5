"""Certificates for servers on this machine."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE, KEY = "certificate.pem", "key.pem"


def make_certificate(directory: Path) -> None:
    """One for `localhost`, signed by itself, and its key, for two days."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", str(directory / KEY), "-out", str(directory / CERTIFICATE)],
        check=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip

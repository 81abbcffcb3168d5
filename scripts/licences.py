#!/usr/bin/env python3
"""Shows under which licences the packages are that the portal runs on, and refuses one nobody has looked at.

Usage: licences.py [--write]
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
REQUIREMENTS = HERE / "requirements-extras.txt"
LIST = HERE / "docs/licences.md"

# As the packages say it. The first may be used within any work, the others by any work that leaves them as they are and
# exchangeable, as Python packages are.
PERMISSIVE = {
    "3-Clause BSD License",
    "Apache Software License",
    "Apache Software License; BSD License",
    "Apache-2.0",
    "Apache-2.0 AND BSD-2-Clause",
    "Apache-2.0 OR BSD-2-Clause",
    "BSD License",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "ISC License (ISCL)",
    "MIT",
    "MIT License",
    "MIT-0",
    "MIT-CMU",
    "PSF-2.0",
    "Python Software Foundation License",
}
OF_THE_PACKAGE_ALONE = {"LGPL-3.0-only", "Mozilla Public License 2.0 (MPL 2.0)"}
# What a package does not say of itself in a way that can be read, but in the text of its licence.
READ_BY_SOMEBODY = {"pyrage": "MIT"}

INTRODUCTION = """\
# Licences

The packages the portal runs on, those for S3 and traces included, as they are installed on Linux, and what each says of
its licence. Written by `scripts/licences.py --write`; `make check` refuses a licence nobody has looked at.

| package | licence |
|---|---|
"""


def main() -> int:
    """0 if every licence is one of those above and the list in docs/ is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/licences.md anew")
    arguments = parser.parse_args()
    licences = _licences()
    if refused := refusals(licences):
        sys.stderr.write("".join(f"{sentence}\n" for sentence in refused))
        return 1
    rows = [f"| {name} | {licence} |\n" for name, licence in licences.items()]
    if arguments.write:
        LIST.write_text(INTRODUCTION + "".join(rows), encoding="utf-8")
    # Another Python, or another system, may need fewer.
    elif not all(row in LIST.read_text(encoding="utf-8") for row in rows):
        sys.stderr.write("docs/licences.md is not what is installed; run scripts/licences.py --write.\n")
        return 1
    return 0


def refusals(licences: dict[str, str]) -> list[str]:
    """A sentence about each package whose licence nobody has looked at."""
    known = PERMISSIVE | OF_THE_PACKAGE_ALONE
    return [
        f"{name} is under “{licence}”, which nobody has looked at; see scripts/licences.py."
        for name, licence in licences.items()
        if licence not in known
    ]


def _licences() -> dict[str, str]:
    names = re.findall(r"^([A-Za-z0-9._-]+)==", REQUIREMENTS.read_text(encoding="utf-8"), re.MULTILINE)
    program = Path(sys.executable).with_name("pip-licenses")
    words = [str(program), "--from=mixed", "--format=json", "--packages", *names]
    # It warns of those that are for other systems only, and are not installed.
    said = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout  # noqa: S603
    return {each["Name"]: READ_BY_SOMEBODY.get(each["Name"], each["License"]) for each in json.loads(said)}


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Judge the translations: every text in the code has a German one, and nothing else is in the catalogue."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.pofile import read_po

if TYPE_CHECKING:
    from collections.abc import Iterator

    from babel.messages.catalog import Catalog, Message

PORTAL = Path(__file__).resolve().parent.parent / "src/kundenportal"
CATALOGUE = Path("locale/de/LC_MESSAGES/django.po")
MARKERS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
POSITIONAL = re.compile(r"%[sdifr]\b|\{\d*\}")


def main(arguments: list[str]) -> int:
    """Print every fault; 1 if there is one."""
    portal = Path(arguments[0]) if arguments else PORTAL
    faults = [*faults_in_code(portal), *faults_in_catalogue(fresh_catalogue(portal))]
    for fault in faults:
        sys.stderr.write(f"{fault}\n")
    return 1 if faults else 0


def faults_in_code(portal: Path) -> Iterator[str]:
    """Texts that are put together before they are translated, so that no catalogue can hold them."""
    for file in sorted(portal.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _is_marker(node) and any(map(_is_put_together, node.args)):
                yield f"{file.relative_to(portal)}:{node.lineno}: translate first, fill in afterwards"


def _is_marker(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", None)
    return name in MARKERS


def _is_put_together(argument: ast.expr) -> bool:
    is_formatted = isinstance(argument, ast.Call) and isinstance(argument.func, ast.Attribute)
    return isinstance(argument, ast.JoinedStr | ast.BinOp) or is_formatted


def fresh_catalogue(portal: Path) -> Catalog:
    """The catalogue as extraction would leave it, whether or not anybody has run makemessages."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "kundenportal")
        shutil.copytree(portal, copy, ignore=shutil.ignore_patterns("static*", "__pycache__", "*.mo"))
        command = [sys.executable, "-P", "-m", "django", "makemessages", "--locale", "de", "--verbosity", "0"]
        # Without the rest of the environment: no settings are needed, and whoever calls us may have set some.
        subprocess.run(command, check=True, cwd=copy, env={"PATH": os.environ["PATH"]})  # noqa: S603 - no shell
        with (copy / CATALOGUE).open("rb") as file:
            return read_po(file, locale="de")


def faults_in_catalogue(catalogue: Catalog) -> Iterator[str]:
    """Texts that are not, not surely, or not rightly translated, and translations of nothing."""
    for message in catalogue:
        if message.id:
            yield from (f"{_shown(message)}: {fault}" for fault in _faults(message))
    for message in catalogue.obsolete.values():
        yield f"{_shown(message)}: is in the catalogue and nowhere else"


def _faults(message: Message) -> Iterator[str]:
    sources, translations = _all(message.id), _all(message.string)
    if message.fuzzy:  # also where it fills in something else than the text: gettext marks it so
        yield "its translation is a guess (fuzzy)"
    elif not all(translations):
        yield "is not translated"
    if any(POSITIONAL.search(source) for source in sources):
        yield "has a placeholder without a name"


def _all(texts: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts or [""])


def _shown(message: Message) -> str:
    place = ":".join(map(str, message.locations[0])) if message.locations else "django.po"
    return f"{place}: “{_all(message.id)[0]}”"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

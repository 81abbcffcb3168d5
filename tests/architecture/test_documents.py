"""What the documents name is there: commands and options, settings, figures, alerts, tables, and where links lead."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from django.apps import apps

import kundenportal
from kundenportal.config import cli
from kundenportal.config.variables import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = Path(kundenportal.__file__).parent
DOCUMENTS = [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]
TABLES = {model._meta.db_table for model in apps.get_models()}  # noqa: SLF001 - Django's own documented interface

SETTING = re.compile(r"KUNDENPORTAL_[A-Z_]*[A-Z]")
FIGURE = re.compile(r"\bkundenportal_[a-z_]*[a-z]")
ALERT = re.compile(r"`(Kundenportal[A-Z]\w+)`")
TABLE = re.compile(rf"`((?:{'|'.join(sorted({table.partition('_')[0] for table in TABLES}))})_[a-z]+)`")
CODE = re.compile(r"```[^\n]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
# `portal` is what docs/operating.md calls it for short.
COMMAND = re.compile(r"(?:(?:^|[\s/])kunden|^)portal ([a-z].*)", re.MULTILINE)
END_OF_COMMAND = re.compile(r" \|| #|$", re.MULTILINE)
OPTION = re.compile(r"(?<![\w-])--[a-z-]+")
# As argparse lists them: in, under a word such as COMMAND.
NAME_IN_HELP = re.compile(r"^    ([a-z-]+)(?: |$)", re.MULTILINE)
ROW_OF_COMMAND = re.compile(r"^\| `([a-z -]+)` \| ([^|]*)\|", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)

every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


@every_document
def test_settings_figures_alerts_and_tables_are_there(document: Path) -> None:
    text = _text(document)

    assert set(SETTING.findall(text)) <= {variable.name for variable in VARIABLES}
    assert set(FIGURE.findall(text)) <= _figures()
    assert set(ALERT.findall(text)) <= _alerts()
    assert set(TABLE.findall(text)) <= TABLES


@every_document
def test_commands_and_their_options_are_there(document: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in _commands(_text(document)):
        command, *words = line.split()
        # The second word may name an action, such as `maintenance begin`, which has options of its own.
        named = [command, *(word for word in words[:1] if word.isalpha())]
        with pytest.raises(SystemExit) as end:
            cli.main([*named, "--help"])
        assert end.value.code == cli.DONE, line
        assert set(OPTION.findall(line)) <= set(OPTION.findall(capsys.readouterr().out)), line


def test_every_command_is_on_the_page_of_commands_with_all_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    page = _text(REPOSITORY / "docs/commands.md")
    rows = {command: set(OPTION.findall(options)) for command, options in ROW_OF_COMMAND.findall(page)}

    assert set(rows) == set(_commands_there_are(capsys))
    for command, options in rows.items():
        if command != "manage":  # Django's own
            assert options == set(OPTION.findall(_help(capsys, *command.split()))) - {"--help"}, command


@every_document
def test_links_lead_to_files_and_sections_that_are_there(document: Path) -> None:
    for link in LINK.findall(_text(document)):
        name, _, section = link.partition("#")
        target = document.parent / name if name else document
        assert "://" in link or target.exists(), link
        assert not section or section in map(_anchor, HEADING.findall(_text(target))), link


def _help(capsys: pytest.CaptureFixture[str], *command: str) -> str:
    with pytest.raises(SystemExit):
        cli.main([*command, "--help"])
    return capsys.readouterr().out


def _commands_there_are(capsys: pytest.CaptureFixture[str]) -> Iterator[str]:
    for command in NAME_IN_HELP.findall(_help(capsys)):
        # Such as `maintenance`, which does nothing without an action; those of `manage` are Django's.
        actions = [] if command == "manage" else NAME_IN_HELP.findall(_help(capsys, command))
        yield from [f"{command} {action}" for action in actions] or [command]


@cache
def _text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


@cache
def _figures() -> set[str]:
    sources = map(_text, (PACKAGE / "web/watch").glob("*.py"))
    return {name for source in sources for name in re.findall(r'"(kundenportal_\w+)"', source)}


@cache
def _alerts() -> set[str]:
    (group,) = yaml.safe_load(_text(REPOSITORY / "deploy/prometheus/alerts.yml"))["groups"]
    return {rule["alert"] for rule in group["rules"]}


def _commands(text: str) -> Iterator[str]:
    """What follows `kundenportal` in whatever is written as code, to the end of the command."""
    for block, inline in CODE.findall(text):
        for said in COMMAND.findall((block or inline).replace("\\\n", " ")):
            yield END_OF_COMMAND.split(said)[0]


def _anchor(heading: str) -> str:
    """How a heading is found in an address."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")

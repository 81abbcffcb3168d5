"""Web hosts are restarted one after the other while people come, with the same version and with a newer one."""

from __future__ import annotations

import re
import shutil
import sys
import time
from typing import TYPE_CHECKING

import pytest

from config.processes import eventually
from factories.environments import SOURCES

from .crowd import Browser, crowd
from .test_losses import AT_ONCE, CALM, say, stay

if TYPE_CHECKING:
    from pathlib import Path

    from .landscape import Landscape

pytestmark = pytest.mark.thorough

ROUNDS = 3
MIGRATION = """
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "{latest}")]
    operations = [migrations.RunSQL("ALTER TABLE accounts_account ADD COLUMN beside text")]
"""
STYLE_SHEET = re.compile(r'href="(/static/css/portal\.[0-9a-f]+\.css)"')


def test_nobody_notices_that_hosts_are_restarted_one_after_the_other(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str
) -> None:
    took = []
    with crowd(proxy, people, at_once=AT_ONCE) as there:
        stay(CALM)
        for _ in range(ROUNDS):
            for name in ("web1", "web2"):
                begun = time.monotonic()
                landscape.programs[name].end()
                landscape.start_web(name)
                took.append(time.monotonic() - begun)
        stay(CALM)
    say(f"{len(took)} restarts, {max(took):.1f} s at most each: {there.told()}")
    assert there.failed == []


def test_nobody_notices_a_newer_version_with_a_migration(
    landscape: Landscape, people: list[tuple[str, str]], proxy: str
) -> None:
    newer = _newer_version(landscape)
    old_sheet = _style_sheet(proxy)
    with crowd(proxy, people, at_once=AT_ONCE) as there:
        stay(CALM)
        landscape.sources["web1"] = newer
        landscape.command("web1", "migrate")
        landscape.programs["web1"].end()
        landscape.start_web("web1")
        # The proxy leaves a host alone for a while that it has seen closed.
        eventually(lambda: _style_sheet(proxy) != old_sheet)
        eventually(lambda: _style_sheet(proxy) == old_sheet)
        new_sheet = next(sheet for sheet in iter(lambda: _style_sheet(proxy), "") if sheet != old_sheet)
        statuses = [Browser(proxy).get(sheet).status for sheet in (old_sheet, new_sheet) for _ in range(8)]
        landscape.sources["web2"] = newer
        landscape.programs["web2"].end()
        landscape.start_web("web2")
        stay(CALM)
    say(f"a newer version, one host after the other: {there.told()}")
    assert there.failed == []
    # Half-way both versions' pages were handed out, and each found its style sheet whichever host was asked for it.
    assert set(statuses) == {200}
    assert _style_sheet(proxy) == new_sheet


def _newer_version(landscape: Landscape) -> Path:
    sources = landscape.network.directory / "newer"
    shutil.copytree(SOURCES, sources)
    package = sources / "kundenportal"
    with (package / "web/shared/static/css/portal.css").open("a") as css:
        css.write("/* newer */\n")
    migrations = package / "domain/accounts/migrations"
    latest = max(each.stem for each in migrations.glob("[0-9]*.py"))
    (migrations / "9999_beside.py").write_text(MIGRATION.format(latest=latest))
    host = landscape.host("web1")
    settings = {**landscape.settings(host), "PYTHONPATH": sources}
    host.run(
        *(sys.executable, "-P", "-m", "django", "collectstatic"),
        *("--settings", "kundenportal.config.settings", "--no-input", "--clear", "--verbosity", "0"),
        **settings,
    )
    return sources


def _style_sheet(proxy: str) -> str:
    found = STYLE_SHEET.search(Browser(proxy).get("/").text)
    assert found is not None
    return found[1]

"""The scripts behind `make`: what they find, and what they say when something is missing."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
CODE = "from django.utils.translation import gettext as _\n\n"


def run(*words: str | Path, path: str | Path) -> subprocess.CompletedProcess[str]:
    """A script that has ended, on a machine with these programs."""
    return subprocess.run(words, check=False, capture_output=True, text=True, env={"PATH": str(path)})


def lint(portal: Path, code: str, catalogue: str) -> str:
    """What the translation lint has to say about a portal of one file and one catalogue."""
    (portal / "page.py").write_text(CODE + code)
    locale = portal / "locale/de/LC_MESSAGES"
    locale.mkdir(parents=True)
    (locale / "django.po").write_text(HEADER + catalogue)
    verdict = run(sys.executable, SCRIPTS / "lint_translations.py", portal, path=os.environ["PATH"])
    assert verdict.returncode == (1 if verdict.stderr else 0)
    return verdict.stderr


@pytest.mark.parametrize(
    ("code", "catalogue"),
    [
        ('_("Sign in")', 'msgid "Sign in"\nmsgstr "Anmelden"\n'),
        ('_("Hello %(name)s") % {"name": 1}', 'msgid "Hello %(name)s"\nmsgstr "Guten Tag %(name)s"\n'),
        ('_("Hello {name}").format(name=1)', 'msgid "Hello {name}"\nmsgstr "Guten Tag {name}"\n'),
    ],
)
def test_a_whole_catalogue_passes(tmp_path: Path, code: str, catalogue: str) -> None:
    assert lint(tmp_path, code, catalogue) == ""


@pytest.mark.parametrize(
    ("code", "catalogue", "fault"),
    [
        ('_("Sign in")', "", "“Sign in”: is not translated"),
        ('_("Sign in")', 'msgid "Sign in"\nmsgstr ""\n', "“Sign in”: is not translated"),
        ('_("Sign in")', '#, fuzzy\nmsgid "Sign in"\nmsgstr "Anmelden"\n', "“Sign in”: its translation is a guess"),
        ('_("x")', 'msgid "Sign in"\nmsgstr "Anmelden"\n', "“Sign in”: is in the catalogue and nowhere else"),
        ('_("Hello %s") % 1', 'msgid "Hello %s"\nmsgstr "Hallo %s"\n', "has a placeholder without a name"),
        ('_("Hello {}").format(1)', 'msgid "Hello {}"\nmsgstr "Hallo {}"\n', "has a placeholder without a name"),
        ('_("Hi {a}")', 'msgid "Hi {a}"\nmsgstr "Hi {b}"\n', "its translation is a guess"),
        ('_("Hi %(a)s")', 'msgid "Hi %(a)s"\nmsgstr "Hi %(b)s"\n', "its translation is a guess"),
        ('name = 1\n_(f"Hello {name}")', "", "page.py:4: translate first, fill in afterwards"),
        ('_("Hello {a}".format(a=1))', "", "page.py:3: translate first, fill in afterwards"),
        ('_("Hello " + "you")', "", "page.py:3: translate first, fill in afterwards"),
    ],
)
def test_a_fault_in_the_translations_is_named(tmp_path: Path, code: str, catalogue: str, fault: str) -> None:
    assert fault in lint(tmp_path, code, catalogue)


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A folder of programs without a browser, and without a way to install one."""
    for program in ("bash", "dirname", "env", "id"):
        (tmp_path / program).symlink_to(shutil.which(program) or program)
    return tmp_path


def test_a_package_that_is_missing_and_cannot_be_installed_is_the_failure(bare_machine: Path) -> None:
    refused = run(SCRIPTS / "install-system-packages", "gettext", "chromium", path=bare_machine)

    assert refused.returncode == 1
    assert "gettext chromium" in refused.stderr


def test_a_package_that_is_there_costs_nothing(bare_machine: Path) -> None:
    (bare_machine / "chromium").symlink_to("/bin/true")

    found = run(SCRIPTS / "install-system-packages", "chromium", path=bare_machine)

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_a_package_that_is_only_welcome_is_done_without(bare_machine: Path) -> None:
    asked = bare_machine / "asked"
    programs = {
        "apt-get": f"""
            echo "${{@: -2}}" >> {asked}
            case ${{@: -1}} in
                wrk) {shutil.which("ln")} -s {shutil.which("true")} {bare_machine}/wrk ;;
                chromium-headless-shell) exit 100 ;;
            esac
        """,
        "sudo": 'shift; exec "$@"',
    }
    for name, script in programs.items():
        (bare_machine / name).write_text(f"#!{shutil.which('bash')}\n{script}")
        (bare_machine / name).chmod(0o755)
    words = ("chromium-headless-shell?", "wrk", "age?")

    done = run(SCRIPTS / "install-system-packages", *words, path=bare_machine)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == ["Installing wrk …", "Going without chromium-headless-shell.", "Installed age."]
    assert asked.read_text().splitlines() == [
        "--no-remove update",
        "install wrk",
        "install chromium-headless-shell",
        "install age",
    ]


def test_a_package_nobody_knows_is_named(bare_machine: Path) -> None:
    refused = run(SCRIPTS / "install-system-packages", "crhomium?", path=bare_machine)

    assert (refused.returncode, refused.stderr) == (2, "install-system-packages knows no crhomium\n")


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ("echo Python 3.10.13; exit 1", "Python 3.10.13 is too old; install Python 3.11 or newer"),
        (None, "There is no "),
    ],
)
def test_a_python_that_will_not_do_is_named(bare_machine: Path, answer: str | None, complaint: str) -> None:
    python = bare_machine / "python3"
    if answer is not None:
        python.write_text(f"#!/bin/bash\n{answer}\n")
        python.chmod(0o755)

    refused = run(SCRIPTS / "make-venv", python, bare_machine / "venv", path=bare_machine)

    assert refused.returncode == 1
    assert refused.stderr.startswith(complaint)
    assert not (bare_machine / "venv").exists()


def test_a_licence_nobody_has_looked_at_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SCRIPTS)
    licences = importlib.import_module("licences")

    (sentence,) = licences.refusals({"django": "BSD-3-Clause", "strict": "AGPL-3.0-only", "psycopg": "LGPL-3.0-only"})
    assert sentence.startswith("strict is under “AGPL-3.0-only”, which nobody has looked at")


def test_the_packages_the_portal_runs_on_are_under_licences_somebody_has_looked_at() -> None:
    verdict = run(sys.executable, SCRIPTS / "licences.py", path=os.environ["PATH"])

    assert (verdict.returncode, verdict.stderr) == (0, "")


def test_an_audit_that_gets_no_answer_is_no_good_news() -> None:
    nobody = ("--vulnerability-service", "osv", "--osv-url", "http://127.0.0.1:1/query")
    verdict = run(SCRIPTS / "audit", *nobody, path=os.environ["PATH"])

    assert verdict.returncode == 1
    assert "nothing is known" in verdict.stderr

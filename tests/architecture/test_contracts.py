"""The import contracts hold, and each of them would notice what it is there to notice."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from importlinter import configuration
from importlinter.application import use_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

configuration.configure()

REPOSITORY = Path(__file__).resolve().parents[2]
STOREYS = "The building has four storeys"
FACES = "The faces of the web do not know each other"
DOMAINS = "Domains lean on one another in one direction"
INSIDE = "Inside a domain, deciding lies below doing"
PURE = "Rules are plain Python"
THIN = "Pages ask the domain, never the tables"
FRAMEWORKS = "The frameworks of sign-in and pages stay in the web"
SETTINGS = "Settings are read through django.conf"
ACYCLIC = "No cycles anywhere"

# What is planted: a file, what is written at its end, and the contract that must notice.
# "house" stands for the package: a copy under another name, so that nothing of the real one is looked at.
VIOLATIONS = {
    "rules know Django": ("domain/mail/rules.py", "import django.conf", PURE),
    "rules know Django by way of somebody else": (
        "domain/credentials/rules/verdict.py",
        "from house.domain.credentials import keys",
        PURE,
    ),
    "events know Django": ("domain/audit/events.py", "from django.db import models", PURE),
    "a page asks a table": ("web/desk/accounts.py", "from house.domain.accounts.models import Account", THIN),
    "a job asks a table": ("jobs/accounts.py", "from house.domain.mail.models import OutgoingMail", THIN),
    "a domain knows the sign-in framework": (
        "domain/credentials/operations/sign_in.py",
        "from allauth.account import utils",
        FRAMEWORKS,
    ),
    "a domain knows the framework of pages": (
        "domain/organisations/queries.py",
        "from wagtail.models import Page",
        FRAMEWORKS,
    ),
    "pages know a face above them": ("web/content/queries.py", "from house.web.customer import forms", FACES),
    "the kernel knows the sign-in framework": ("kernel/clock.py", "import allauth", FRAMEWORKS),
    "the customer's pages know the desk's": ("web/customer/views.py", "from house.web.desk import forms", FACES),
    "what is shared knows one face": ("web/shared/context.py", "from house.web.entrance import forms", FACES),
    "a face nobody has placed": ("web/newcomer/__init__.py", "", FACES),
    "mail knows accounts": ("domain/mail/operations.py", "from house.domain.accounts import queries", DOMAINS),
    "organisations know support": (
        "domain/organisations/queries.py",
        "from house.domain.support import queries as support",
        DOMAINS,
    ),
    "a domain nobody has placed": ("domain/newcomer/__init__.py", "", DOMAINS),
    "the kernel knows a domain": ("kernel/refusal.py", "from house.domain.audit import events", STOREYS),
    "a domain knows the web": ("domain/mail/kinds.py", "from house.web.shared import origin", STOREYS),
    "a job knows the web": ("jobs/demo.py", "from house.web.shared import origin", STOREYS),
    "a storey nobody has placed": ("cellar/__init__.py", "", STOREYS),
    "a table knows what is done with it": (
        "domain/accounts/models.py",
        "from house.domain.accounts import operations",
        INSIDE,
    ),
    "a query changes something": (
        "domain/credentials/queries/door.py",
        "from house.domain.credentials.operations import access",
        INSIDE,
    ),
    "a kind of file nobody has placed": ("domain/accounts/helpers.py", "", INSIDE),
    "a domain reads the settings past Django": (
        "domain/mail/capture.py",
        "from house.config.settings import mail",
        SETTINGS,
    ),
    "a page reads the settings past Django": ("web/shared/context.py", "from house.config import settings", SETTINGS),
    "two files know each other": ("web/shared/access.py", "from house.web.shared import colours", ACYCLIC),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the package and its contracts, in which violations can be planted."""
    copy = tmp_path_factory.mktemp("house")
    shutil.copytree(
        REPOSITORY / "src/kundenportal",
        copy / "house",
        ignore=lambda folder, names: [
            name for name in names if not (name.endswith(".py") or (Path(folder) / name).is_dir())
        ],
    )
    contracts = copy / ".importlinter"
    shutil.copy(REPOSITORY / ".importlinter", contracts)
    for file in [contracts, *copy.rglob("*.py")]:
        file.write_text(file.read_text(encoding="utf-8").replace("kundenportal", "house"), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(copy))
        yield copy


def _broken_contracts(contracts: Path) -> set[str]:
    options = use_cases.read_user_options(str(contracts))
    use_cases._register_contract_types(options)  # noqa: SLF001 - as its own command does
    report = use_cases.create_report(options, cache_dir=None)
    assert not report.could_not_run, report.invalid_contract_options
    return {contract.name for contract, check in report.get_contracts_and_checks() if not check.kept}


def test_every_contract_holds() -> None:
    kept = use_cases.lint_imports(str(REPOSITORY / ".importlinter"), cache_dir=None, no_logo=True)
    assert kept, "what was said on standard output names the imports"


def test_the_copy_is_as_sound_as_the_original(house: Path) -> None:
    assert _broken_contracts(house / ".importlinter") == set()


def test_every_contract_has_something_planted_against_it() -> None:
    options = use_cases.read_user_options(str(REPOSITORY / ".importlinter"))
    assert {each["name"] for each in options.contracts_options} == {contract for _, _, contract in VIOLATIONS.values()}


@pytest.mark.parametrize("violation", VIOLATIONS)
def test_a_violation_breaks_the_contract_meant_for_it(house: Path, violation: str) -> None:
    name, planted, contract = VIOLATIONS[violation]
    file = house / "house" / name
    before = file.read_text(encoding="utf-8") if file.exists() else None
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{before or ''}\n{planted}\n", encoding="utf-8")
    importlib.invalidate_caches()
    try:
        broken = _broken_contracts(house / ".importlinter")
    finally:
        if before is not None:
            file.write_text(before, encoding="utf-8")
        elif file.name == "__init__.py":
            shutil.rmtree(file.parent)
        else:
            file.unlink()
    assert contract in broken

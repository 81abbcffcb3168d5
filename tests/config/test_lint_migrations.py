"""That a migration which the version before could not live with is named, and one it can live with is not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from factories.databases import new_database
from factories.environments import plain_environment

SCRIPT = Path(__file__).parents[2] / "scripts/lint_migrations.py"
BEGINNING = """
from django.db import migrations, models
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently, ValidateConstraint
from kundenportal.kernel.indexes import BuildIndexConcurrently

class Migration(migrations.Migration):
    atomic = {atomic}
    dependencies = {dependencies}
    operations = [{operation}]
"""
THING = """migrations.CreateModel("Thing", [
    ("id", models.BigAutoField(primary_key=True)),
    ("name", models.CharField(max_length=10)),
    ("size", models.IntegerField(null=True)),
])"""
CHECK = 'models.CheckConstraint(condition=models.Q(size__gt=0), name="positive")'
WRONG = {
    "needed": 'migrations.AddField("thing", "colour", models.CharField(max_length=10, default="red"))',
    "gone": 'migrations.RemoveField("thing", "size")',
    "called_otherwise": 'migrations.RenameField("thing", "name", "title")',
    "table_called_otherwise": 'migrations.RenameModel("Thing", "Object")',
    "table_gone": 'migrations.DeleteModel("Thing")',
    "of_another_type": 'migrations.AlterField("thing", "size", models.TextField(null=True))',
    "filled_in": 'migrations.AlterField("thing", "size", models.IntegerField(default=1))',
    "only_once": 'migrations.AlterField("thing", "name", models.CharField(max_length=10, unique=True))',
    "index": 'migrations.AddIndex("thing", models.Index(fields=["name"], name="by_name"))',
    "built_once": 'AddIndexConcurrently("thing", models.Index(fields=["name"], name="by_name"))',
    "constraint": f'migrations.AddConstraint("thing", {CHECK})',
    "in_sql": 'migrations.RunSQL("ALTER TABLE shop_thing\\n  RENAME COLUMN name\\n  TO title", migrations.RunSQL.noop)',
}
RIGHT = {
    "optional": 'migrations.AddField("thing", "colour", models.CharField(max_length=10, null=True))',
    "with_a_default_in_the_database": (
        'migrations.AddField("thing", "colour", models.CharField(max_length=10, db_default="red"))'
    ),
    "another_table": THING.replace("Thing", "Other"),
    "constraint_for_what_comes": f'AddConstraintNotValid("thing", {CHECK})',
    "index_beside_the_work": 'BuildIndexConcurrently("thing", models.Index(fields=["name"], name="by_name"))',
}


def said_of(tmp_path: Path, operations: dict[str, str], *, more: str = "") -> subprocess.CompletedProcess[str]:
    """What the script says of an app whose first migration was released, and whose others came after it."""
    migrations = tmp_path / "shop/migrations"
    migrations.mkdir(parents=True)
    for package in (migrations, migrations.parent):
        (package / "__init__.py").touch()
    for name, operation in {"0001_initial": THING, **operations}.items():
        dependencies = [] if name == "0001_initial" else [("shop", "0001_initial")]
        (migrations / f"{name}.py").write_text(
            BEGINNING.format(operation=operation, dependencies=dependencies, atomic="Concurrently" not in operation)
        )
    (tmp_path / "shop_settings.py").write_text(
        "from kundenportal.config.settings import *\nINSTALLED_APPS = [*INSTALLED_APPS, 'shop']\n"
    )
    baseline = tmp_path / "baseline.toml"
    baseline.write_text(f'version = "1.0"\n[newest]\nshop = "0001_initial"\n{more}')
    with new_database("linted") as address:
        environment = plain_environment(DATABASE_URL=address.url, DATA_DIR=tmp_path / "data", SECRET_KEY="k" * 40)
        environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), environment["PYTHONPATH"]])
        return subprocess.run(
            [sys.executable, SCRIPT, "--baseline", baseline, "--package", "shop"],
            env=environment | {"DJANGO_SETTINGS_MODULE": "shop_settings"},
            check=False,
            capture_output=True,
            text=True,
        )


def test_what_the_version_before_could_not_live_with_is_named(tmp_path: Path) -> None:
    verdict = said_of(tmp_path, WRONG)

    assert verdict.returncode == 1
    named = {line.partition(", ")[2].partition(")")[0] for line in verdict.stdout.splitlines() if "ERR" in line}
    assert named == set(WRONG)
    assert verdict.stderr == "The code of 1.0 could not go on beside these; see docs/migrations.md.\n"


def test_what_it_can_live_with_passes(tmp_path: Path) -> None:
    verdict = said_of(tmp_path, RIGHT)

    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["gone"])
def test_what_is_excused_passes_for_a_reason(tmp_path: Path, name: str) -> None:
    excuse = f'[excused]\n"shop.{name}" = "nothing has used it since 0.9"\n'
    verdict = said_of(tmp_path, {name: WRONG[name]}, more=excuse)

    assert (verdict.returncode, verdict.stdout, verdict.stderr) == (0, "", "")

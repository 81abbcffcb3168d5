import sys
from importlib import import_module
from pathlib import Path

import pytest

from kundenportal.kernel.absent import load_without


def test_a_module_is_loaded_without_a_package_which_others_have_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "taken_along.py").write_text("")
    (tmp_path / "tries_it.py").write_text("try:\n    import taken_along\nexcept ImportError:\n    taken_along = None\n")
    monkeypatch.syspath_prepend(tmp_path)

    load_without("tries_it", "taken_along")

    assert sys.modules["tries_it"].taken_along is None
    there = import_module("taken_along")
    load_without("json", "taken_along")
    assert sys.modules["taken_along"] is there

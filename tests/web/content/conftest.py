from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings


@pytest.fixture(autouse=True)
def _uploads(settings: Settings, tmp_path: Path) -> None:
    """What editors upload in a test lies in a folder of its own."""
    settings.MEDIA_ROOT = tmp_path / "uploads"

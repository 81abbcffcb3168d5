"""Style sheets while another version of the portal is put in the place of the one that runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

STYLE_SHEET = "/static/css/portal.0123456789ab.css"


@pytest.mark.django_db
def test_a_style_sheet_that_has_gone_since_the_start_is_one_another_host_may_be_asked_for(
    tmp_path: Path, settings: Settings
) -> None:
    settings.WHITENOISE_ROOT = tmp_path
    file = tmp_path / STYLE_SHEET.removeprefix("/")
    file.parent.mkdir(parents=True)
    file.write_text("body {}")
    browser = Client(raise_request_exception=False)
    assert browser.get(STYLE_SHEET).getvalue() == b"body {}"

    file.unlink()

    assert browser.get(STYLE_SHEET).status_code == 404

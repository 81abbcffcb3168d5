from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from factories.notices import Notices


@pytest.fixture
def notices(monkeypatch: pytest.MonkeyPatch) -> Notices:
    """A kind of mail that exists for this test only."""
    from factories.notices import NOTICE, Notices
    from kundenportal.domain.mail import kinds

    kind = Notices()
    monkeypatch.setitem(kinds._KINDS, NOTICE, kind)  # noqa: SLF001 - to be forgotten again after the test
    return kind

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

STAFF = "hr-service@example.org"


@pytest.fixture
def desk() -> Client:
    """A browser in which a member of the desk's staff sits."""
    from kundenportal.domain.accounts.rules import Role
    from web.residents import settled, sign_in

    return sign_in(settled(STAFF, name="HR-Service", organisation="Vorführung", role=Role.DESK))


@pytest.fixture
def lead() -> Client:
    """A browser in which the head of the desk sits."""
    from kundenportal.domain.accounts.rules import Role
    from web.residents import settled, sign_in

    return sign_in(settled("leitung@example.org", name="Leitung", organisation="Vorführung", role=Role.DESK_LEAD))

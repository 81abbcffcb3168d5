"""Pages are made before the processes that serve them are copied: for nobody, and in nobody's way."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from factories.emptying import let_tests_empty_the_database
from kundenportal.config.commands import set_up_django

set_up_django()
let_tests_empty_the_database()

from kundenportal.config import rehearsal  # noqa: E402
from kundenportal.domain.accounts.models import Account, Session  # noqa: E402
from kundenportal.domain.audit.models import Entry  # noqa: E402
from kundenportal.domain.site import queries as site  # noqa: E402
from kundenportal.web.customer.home import PAGE  # noqa: E402

if TYPE_CHECKING:
    from _pytest.logging import LogCaptureFixture

BASE_URL = "http://localhost"


@pytest.mark.django_db(transaction=True)
def test_of_those_for_whom_pages_were_made_nothing_is_left(caplog: LogCaptureFixture) -> None:
    PAGE.forget()

    rehearsal.rehearse(BASE_URL)

    assert [record.getMessage() for record in caplog.records] == []
    assert PAGE._kept.cache_info().currsize == 2  # noqa: SLF001 - a customer's and a member of staff's
    assert connection.connection is None
    assert site.remembered() is None
    gc.collect()
    kept = gc.get_objects()
    assert [each for each in kept if type(each) is Session] == []
    # Statements that are composed once hold an account that is nobody's.
    assert [each for each in kept if type(each) is Account and each.address] == []
    assert not Account.objects.exists()
    assert not Session.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_away_is_told_of_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: LogCaptureFixture
) -> None:
    connection.close()
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", "nowhere")
        rehearsal.rehearse(BASE_URL)

    assert "Pages could not be made" in caplog.text
    assert not Account.objects.exists()

"""A session that cannot be written is not taken for one that somebody has ended."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError

from kundenportal.domain.accounts import sessions
from kundenportal.domain.accounts.models import Session
from kundenportal.domain.accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db


def _kept() -> SessionStore:
    session = SessionStore()
    session["seen"] = 1
    session.create()
    return session


def test_a_session_that_was_ended_meanwhile_is_not_brought_back() -> None:
    session = _kept()
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        session.save()


def test_a_database_that_is_away_is_told_as_such() -> None:
    session = _kept()

    # It goes away between two statements: no server can be told to do that.
    with patch.object(Session, "save", side_effect=OperationalError("gone")), pytest.raises(OperationalError):
        session.save()


def test_a_key_that_somebody_else_has_is_not_taken_from_them(monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = _kept()
    drawn = iter([theirs.session_key, "a-key-that-nobody-has"])
    monkeypatch.setattr(sessions, "random_text", lambda *_: next(drawn))
    mine = SessionStore()
    mine["colour"] = "green"
    mine.create()
    assert mine.session_key == "a-key-that-nobody-has"
    assert SessionStore(theirs.session_key).load() == theirs.load()
    assert SessionStore(mine.session_key).load() == {"colour": "green"}

"""Django's sessions in the database, each with the account it belongs to, so that they can be listed and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError

from .models import Session

if TYPE_CHECKING:
    from django.contrib.sessions.base_session import AbstractBaseSession


class SessionStore(DatabaseStore):
    """Where the session of a request is kept (SESSION_ENGINE)."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Ours."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> AbstractBaseSession:
        """The row of a session; before anybody has signed in it belongs to nobody."""
        row = super().create_model_instance(data)
        if isinstance(row, Session) and SESSION_KEY in data:
            row.account_id = int(data[SESSION_KEY])
        return row

    def cycle_key(self) -> None:
        """A new key for what is kept; a session that is not kept yet has none, and gets its first one when it is."""
        if self.session_key is not None:
            super().cycle_key()

    def save(self, must_create: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        """The session is kept. Without a database that is not refused as a session that somebody has ended."""
        try:
            super().save(must_create)
        except UpdateError as ended:
            # Django says so of whatever keeps it from writing, and its owner would read that the request made no sense.
            if isinstance(ended.__context__, OperationalError):
                raise ended.__context__ from None
            raise

"""Django's sessions in the database, each with the account it belongs to, so that they can be listed and ended."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import VALID_KEY_CHARS, CreateError, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import OperationalError
from django.db.models import F

from kundenportal.kernel import clock
from kundenportal.kernel.composed import UNHURRIED, Composed, Statement
from kundenportal.kernel.randomness import random_text

from .models import Account, Session

if TYPE_CHECKING:
    from django.contrib.sessions.base_session import AbstractBaseSession
    from django.db.models import QuerySet

KEY_LENGTH = 32  # of 36 characters: 165 bits
# A database that crashes may forget the sessions of its last second: their owners sign in once more.
BEGUN = Statement(
    f"""
    INSERT INTO accounts_session (session_key, session_data, expire_date, account_id) VALUES (%s, %s, %s, %s)
    ON CONFLICT (session_key) DO NOTHING
    RETURNING {UNHURRIED}
    """  # noqa: S608 - nobody else's words
)


class SessionStore(DatabaseStore):
    """Where the session of a request is kept (SESSION_ENGINE)."""

    account: Account | None = None  # as it was when the session was loaded

    def load(self) -> dict[str, Any]:
        """What the session holds; the account it belongs to comes with it, for nearly every page needs both."""
        rows = _loaded().rows(key=self.session_key, now=clock.now())
        if not rows:
            self._session_key = None
            return {}
        (row,) = rows
        self.account = Account.read(row, named="of_{}")
        return self.decode(row["session_data"])

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
        if must_create:
            self._begin()
            return
        try:
            super().save()
        except UpdateError as ended:
            # Django says so of whatever keeps it from writing, and its owner would read that the request made no sense.
            if isinstance(ended.__context__, OperationalError):
                raise ended.__context__ from None
            raise

    def _get_new_session_key(self) -> str:
        # Whether somebody else has it turns out when it is written.
        return random_text(VALID_KEY_CHARS, KEY_LENGTH)

    def _begin(self) -> None:
        held = self._get_session(no_load=True)  # type: ignore[attr-defined]  # what it is said to hold already
        row = cast("Session", self.create_model_instance(held))
        if not BEGUN.changed(row.session_key, row.session_data, row.expire_date, row.account_id):
            raise CreateError


@cache
def _loaded() -> Composed:
    def compose(*, key: str, now: datetime) -> QuerySet[Session, Any]:
        found = Session.objects.filter(session_key=key, expire_date__gt=now)
        return found.values("session_data", **{f"of_{name}": F(f"account__{name}") for name in Account.columns()})

    return Composed(compose, key=str, now=datetime)

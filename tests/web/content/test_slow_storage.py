"""Whoever waits for the storage of files holds no connection to the database."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection

from factories.pages import download
from kundenportal.domain.accounts.rules import Role
from kundenportal.web.content.views import downloads, files
from web.residents import settled, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaflet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A document; nothing but the storage may be asked while that is."""
    leaflet = download("Checkliste", content=b"Inhalt")
    exists, open_file = FileSystemStorage.exists, FileSystemStorage.open
    left: list[None] = []

    with ExitStack() as meanwhile:

        def is_asked(storage: FileSystemStorage, name: str) -> bool:
            assert left, "a connection is held"
            meanwhile.enter_context(connection.execute_wrapper(_refuse))
            return exists(storage, name)

        def has_answered(storage: FileSystemStorage, *what: Any) -> Any:
            file = open_file(storage, *what)
            meanwhile.pop_all().close()
            return file

        # In a test everything is one transaction, in which a connection is not left.
        for view in (downloads, files):
            monkeypatch.setattr(view, "leave_connection", lambda: left.append(None))
        monkeypatch.setattr(FileSystemStorage, "exists", is_asked)
        monkeypatch.setattr(FileSystemStorage, "open", has_answered)
        yield leaflet


def _refuse(*_: object) -> None:
    pytest.fail("the database is asked, for which a connection is needed again")


def test_for_a_document(leaflet: Any) -> None:
    assert sign_in(settled("leitung@example.org")).get(leaflet.address()).getvalue() == b"Inhalt"


def test_for_an_uploaded_file(leaflet: Any) -> None:
    editor = sign_in(settled("redaktion@example.org", role=Role.EDITOR))
    assert editor.get(f"/media/{leaflet.document.file.name}").getvalue() == b"Inhalt"

"""PostgreSQL's own search, with an index for each language: words are found in the forms that language gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wagtail.search.backends.database.postgres.postgres import PostgresIndex, PostgresSearchBackend

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

# What has no language, such as the title of a picture, is searched by editors, who write German.
OTHERWISE = "de"


class IndexOfOneLanguage(PostgresIndex):
    """Takes in what is written in its language and leaves the rest to the others."""

    def add_items(self, model: type[Model], objs: Iterable[Model]) -> None:
        """Those of the language of this index."""
        super().add_items(model, [item for item in objs if _language_of(item) == self.backend.language])


class SearchBackend(PostgresSearchBackend):
    """Searches one language; Wagtail finds it under this name."""

    index_class = IndexOfOneLanguage

    def __init__(self, params: Mapping[str, Any]) -> None:
        self.language = params["LANGUAGE"]
        super().__init__(params)


def _language_of(item: Model) -> str:
    locale = getattr(item, "locale", None)
    return locale.language_code if locale else OTHERWISE

"""Indexes that are built while everybody goes on writing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.operations import AddIndexConcurrently

if TYPE_CHECKING:
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.migrations.state import ProjectState


class BuildIndexConcurrently(AddIndexConcurrently):
    """AddIndexConcurrently, which may be broken off and done again."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Drops what an earlier try has left: an index of this name that nothing uses, and that would be in the way."""
        # As on the way back, which removes it concurrently, and only if it is there.
        self.database_backwards(app_label, schema_editor, to_state, from_state)
        super().database_forwards(app_label, schema_editor, from_state, to_state)

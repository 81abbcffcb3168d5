"""What is in the data directory, exchanged for what is in a backup.

A folder of it may be a mount point, which nobody can rename, or a link, and on another disk. So every folder stays
where it is, and its contents are exchanged by renames alone: what comes and what goes lies in a draft inside it.
"""

from __future__ import annotations

import shutil
from itertools import permutations
from typing import TYPE_CHECKING

from kundenportal.config.backups import places
from kundenportal.config.backups.failures import BackupTrouble

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path, PurePosixPath

    from kundenportal.config.env import Environment

COMES, GOES = "files", "before"


class Exchange:
    """Begun anew as often as it is broken off; what has been put into place by then counts as there before."""

    def __init__(self, environment: Environment, *, needed: Iterable[Path]) -> None:
        self._environment = environment
        self._root = environment.data_dir
        # What we restore from may lie here, too, by any name.
        self._needed = {path.resolve() for path in needed}
        self._entries = [path for path in places.kept_entries(environment) if path.resolve() not in self._needed]
        self._folders = [path for path in self._entries if path.is_dir()]
        self._refuse_what_is_needed()
        self._refuse_folders_inside_others()
        self._refuse_mount_points_further_down()

    @property
    def takes_something_away(self) -> bool:
        """Whether there is anything; an empty folder, such as one where a disk was just mounted, is nothing."""
        return any(path not in self._folders or places.contents_of(path) for path in self._entries)

    @property
    def draft(self) -> Path:
        """Where anything else waits that is to come into the data directory itself."""
        return self._root / places.DRAFT

    def prepare(self) -> None:
        """There is a draft in every folder, and nothing in it."""
        for folder in self._places():
            draft = folder / places.DRAFT
            shutil.rmtree(draft, ignore_errors=True)
            try:
                draft.mkdir(mode=0o700)
                (draft / COMES).mkdir()
                (draft / GOES).mkdir()
            except OSError as fault:
                raise BackupTrouble(f"Nothing can be put into {folder}: {fault.strerror}.") from None

    def waiting(self, name: PurePosixPath) -> Path | None:
        """Where a file of the backup waits; None for one that is of no use here."""
        top = self._root / name.parts[0]
        if not places.is_kept(self._environment, top) or top.resolve() in self._needed:
            return None
        if top in self._folders:
            if len(name.parts) == 1:
                raise BackupTrouble(f"{top} is a folder here and a file in the backup; remove it, then restore.")
            if name.parts[1] in places.LEFT_OUT_OF_FOLDERS:
                return None
            return top / places.DRAFT / COMES / name.relative_to(name.parts[0])
        return self.draft / COMES / name

    def put_into_place(self) -> None:
        """The folders hold what waited for that, and their drafts what was there before."""
        self._take_away()
        self._bring()

    def tidy_up(self, *, as_far_as_possible: bool = False) -> None:
        """No draft is left, or none that can be removed."""
        for folder in self._places():
            shutil.rmtree(folder / places.DRAFT, ignore_errors=as_far_as_possible)

    def _places(self) -> list[Path]:
        return [self._root, *self._folders]

    def _take_away(self) -> None:
        for old in self._entries:
            if old not in self._folders:
                old.replace(self.draft / GOES / old.name)
        for folder in self._folders:
            for old in places.contents_of(folder):
                old.replace(folder / places.DRAFT / GOES / old.name)

    def _bring(self) -> None:
        for folder in self._places():
            for new in (folder / places.DRAFT / COMES).iterdir():
                new.replace(folder / new.name)

    def _refuse_what_is_needed(self) -> None:
        for path in self._needed:
            for folder in self._folders:
                if path.is_relative_to(folder.resolve()):
                    raise BackupTrouble(f"{path} lies in {folder}, which is replaced; move it elsewhere, then restore.")

    def _refuse_folders_inside_others(self) -> None:
        for one, other in permutations(self._folders, 2):
            if one.resolve().is_relative_to(other.resolve()):
                raise BackupTrouble(f"{one} leads into {other}, which is replaced, too; remove the link, then restore.")

    def _refuse_mount_points_further_down(self) -> None:
        for folder in self._folders:
            for path in places.contents_of(folder):
                if path.is_mount():
                    raise BackupTrouble(f"{path} is a mount point, which cannot be replaced; unmount it, then restore.")

"""Backups: made while the portal runs, sealed, read back; and restored, as a whole or not at all."""

from kundenportal.config.backups.failures import BackupTrouble
from kundenportal.config.backups.making import Backup, keys_of, make, target_in, verify
from kundenportal.config.backups.restoring import Restored, refuse_unfinished, restore

__all__ = [
    "Backup",
    "BackupTrouble",
    "Restored",
    "keys_of",
    "make",
    "refuse_unfinished",
    "restore",
    "target_in",
    "verify",
]

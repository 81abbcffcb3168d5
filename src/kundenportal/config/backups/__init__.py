"""Backups: made while the portal runs, sealed, read back; and restored, as a whole or not at all."""

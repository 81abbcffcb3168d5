from dataclasses import dataclass


@dataclass(frozen=True)
class Origin:
    """Where a wish came from, for the audit trail: a network address, or a command line."""

    network_address: str = ""


COMMAND_LINE = Origin()

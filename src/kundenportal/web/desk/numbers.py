def number_in(text: str) -> int | None:
    """The number of a row as it stands in an address; None if it cannot be one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None  # noqa: PLR2004 - fits a bigint

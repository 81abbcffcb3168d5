NAME_MAX_LENGTH = 200


def normalised_name(entry: str) -> str:
    """The name with single blanks between its words and none around it."""
    return " ".join(entry.split())

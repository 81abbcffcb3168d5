import unicodedata

_UNSEEN = {"Cc", "Cf", "Zl", "Zp"}  # control and format characters, among them the zero-width ones


def on_one_line(entry: str) -> str:
    """The text with single blanks between its words and none around it, and without characters nobody sees."""
    seen = (" " if character.isspace() else character for character in entry)
    return " ".join("".join(character for character in seen if unicodedata.category(character) not in _UNSEEN).split())

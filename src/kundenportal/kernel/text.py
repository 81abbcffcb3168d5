import unicodedata

# Control and format characters, among them the zero-width ones; and lone surrogates, which is how Python hands on bytes
# of a command line that are no text: neither the database nor a terminal takes them.
_UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def on_one_line(entry: str) -> str:
    """The text with single blanks between its words and none around it, and without characters nobody sees.

    An ü is one character, also where it was typed as a u with two dots put above.
    """
    entry = unicodedata.normalize("NFC", entry)
    if entry.isprintable():  # no character nobody sees, and no blank but the common one: a hundred times as fast
        return " ".join(entry.split())
    seen = (" " if character.isspace() else character for character in entry)
    return " ".join("".join(character for character in seen if unicodedata.category(character) not in _UNSEEN).split())


def storable(text: str) -> str:
    """The text with what the database cannot hold written out: it is looked for in vain, and is no error."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def inert(text: str) -> str:
    """The text as a spreadsheet shows it: what it would take for a formula has a mark in front."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text

"""Which keys lie next to one another on a German keyboard, in the form zxcvbn asks for."""

# Each key is written as plain and shifted character; every row lies half a key to the right of the one above.
_ROWS = (
    (0, '^° 1! 2" 3§ 4$ 5% 6& 7/ 8( 9) 0= ß? ´`'),
    (1, "qQ wW eE rR tT zZ uU iI oO pP üÜ +*"),
    (1, "aA sS dD fF gG hH jJ kK lL öÖ äÄ #'"),
    (0, "<> yY xX cC vV bB nN mM ,; .: -_"),
)
_KEYS = {
    (column, row): key
    for row, (first_column, keys) in enumerate(_ROWS)
    for column, key in enumerate(keys.split(), first_column)
}
# zxcvbn tells a straight line from a turn by the position in this list.
_DIRECTIONS = ((-1, 0), (0, -1), (1, -1), (1, 0), (0, 1), (-1, 1))

GERMAN_KEYBOARD: dict[str, list[str | None]] = {
    character: [_KEYS.get((column + right, row + down)) for right, down in _DIRECTIONS]
    for (column, row), key in _KEYS.items()
    for character in key
}

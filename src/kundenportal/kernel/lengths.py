"""How long that may be which is kept in several places."""

ADDRESS_MAX_LENGTH = 254  # RFC 5321, 4.5.3.1.3: a path of 256 octets with its two brackets
NAME_MAX_LENGTH = 150  # of a person or an office
DIGEST_LENGTH = 64  # SHA-256 in hexadecimal digits
NUMBER_MAX_LENGTH = 18  # digits of a bigint, whatever they are

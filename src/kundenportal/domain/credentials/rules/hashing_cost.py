"""What hashing a password costs: Argon2id as OWASP's Password Storage Cheat Sheet has it, with one lane."""

MEMORY = 19 * 1024  # KiB
PASSES = 2  # an operator may ask for more
MOST_PASSES = 50  # twenty-five times as long

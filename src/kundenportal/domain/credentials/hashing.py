from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """Argon2id at OWASP's cost (Password Storage Cheat Sheet: 19 MiB, two passes, one lane).

    Raised here, every stored hash is renewed at its owner's next sign-in.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

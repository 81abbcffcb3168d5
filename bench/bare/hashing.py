from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """At the same cost as the portal's."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

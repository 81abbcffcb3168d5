from django.utils.crypto import salted_hmac


def initial_password_key() -> bytes:
    """The key under which initial passwords are hashed; derived from SECRET_KEY, so it is in no database dump."""
    return salted_hmac("kundenportal.initial-password", b"key", algorithm="sha256").digest()

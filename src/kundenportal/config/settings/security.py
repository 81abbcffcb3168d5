"""What browsers are told, how passwords are hashed, and who may be let in."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from kundenportal.config.env import secret_key
from kundenportal.domain.credentials.rules.throttling import share_of_a_process

from .application import BASE_URL, ENVIRONMENT

_base = urlsplit(BASE_URL)
_https = _base.scheme == "https"

SECRET_KEY = secret_key(ENVIRONMENT)
# Links in mails are made from BASE_URL and never from the Host header, so a forged one gains nothing;
# being strict about it keeps caches and password managers honest all the same.
ALLOWED_HOSTS = [_base.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [BASE_URL]

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["kundenportal.web.entrance.backend.AccountBackend"]
PASSWORD_HASHERS = ["kundenportal.domain.credentials.hashing.Argon2id"]
HASHING_THREADS = ENVIRONMENT.hashing_threads
HASHING_PASSES = ENVIRONMENT.hashing_passes
LOGIN_URL = "home"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "kundenportal.web.entrance.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "address"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"

# What web.entrance.throttling grants to one network in each process.
ENTRY_ALLOWANCE = share_of_a_process(ENVIRONMENT.entries_per_minute, processes=ENVIRONMENT.web_processes)

# Whose X-Forwarded-For and X-Forwarded-Proto are believed; see web.shared.proxies.
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies
SECURE_SSL_REDIRECT = False  # the proxy's work; see docs/settings.md
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = False  # other services of the operator may live below the same name
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # HSTS for subdomains: see SECURE_HSTS_INCLUDE_SUBDOMAINS
    "security.W008",  # SSL redirect: see SECURE_SSL_REDIRECT
    "security.W021",  # HSTS preload: the operator's decision about its whole domain, not the portal's
]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
}

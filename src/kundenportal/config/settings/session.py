"""Sessions and cookies: none but the necessary ones, and locked to the site where there is TLS."""

from .application import BASE_URL, ENVIRONMENT

_https = BASE_URL.startswith("https:")
_prefix = "__Host-" if _https else ""

SESSION_ENGINE = "kundenportal.domain.accounts.sessions"
SESSION_COOKIE_AGE = ENVIRONMENT.session_minutes * 60  # without a sign of life, and in all (web.shared.sessions)
SESSION_ABSOLUTE_AGE = ENVIRONMENT.session_hours * 60 * 60
SESSION_COOKIE_NAME = f"{_prefix}session"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

CSRF_COOKIE_NAME = f"{_prefix}csrf"
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "kundenportal.web.shared.errors.csrf_failure"

LANGUAGE_COOKIE_NAME = f"{_prefix}language"
LANGUAGE_COOKIE_SECURE = _https
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
COLOUR_SCHEME_COOKIE_NAME = f"{_prefix}colour-scheme"
BROWSER_COOKIE_NAME = f"{_prefix}browser"
RESET_COOKIE_NAME = "__Secure-reset" if _https else "reset"  # for some pages only, which __Host- does not allow
INTAKE_COOKIE_NAME = "__Secure-intake" if _https else "intake"  # likewise

MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"

"""Languages, and the time zone in which the operator and its customers live."""

from .application import ENVIRONMENT, PACKAGE

LANGUAGE_CODE = ENVIRONMENT.language
LANGUAGES = [("de", "Deutsch"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = "kundenportal.config.formats"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Berlin"

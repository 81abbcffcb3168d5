"""What the portal is made of and how its pages are put together."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from kundenportal.config import object_storage
from kundenportal.config.env import read_environment

ENVIRONMENT = read_environment()
PACKAGE = Path(__file__).resolve().parents[2]

DEBUG = False
ROOT_URLCONF = "kundenportal.config.urls"
WSGI_APPLICATION = "kundenportal.config.wsgi.application"
DATA_DIR = ENVIRONMENT.data_dir
BASE_URL = ENVIRONMENT.base_url
DEMONSTRATION = ENVIRONMENT.demonstration
MAINTENANCE_BOARD = ENVIRONMENT.maintenance_board
PAIRS_OF_EYES = ENVIRONMENT.pairs_of_eyes
INTAKES_ARE_KEPT_FOR = timedelta(days=ENVIRONMENT.days_intakes_are_kept)
MAIL_LOG_IS_KEPT_FOR = timedelta(days=ENVIRONMENT.days_mail_log_is_kept)
IMPORTS_ARE_KEPT_FOR = timedelta(days=ENVIRONMENT.days_imports_are_kept)
TRAIL_IS_KEPT_FOR = timedelta(days=ENVIRONMENT.days_trail_is_kept)
OWN_PASSWORD_REQUIRED = ENVIRONMENT.own_password == "require"  # noqa: S105 - the name of a choice

INSTALLED_APPS = [
    "kundenportal.web.shared",
    "kundenportal.web.entrance",
    "kundenportal.web.customer",
    "kundenportal.web.desk",
    "kundenportal.web.demo",
    "kundenportal.domain.worklist",
    "kundenportal.domain.inbox",
    "kundenportal.domain.directory",
    "kundenportal.domain.imports",
    "kundenportal.domain.credentials",
    "kundenportal.domain.maintenance",
    "kundenportal.domain.accounts",
    "kundenportal.domain.organisations",
    "kundenportal.domain.support",
    "kundenportal.domain.site",
    "kundenportal.domain.faults",
    "kundenportal.domain.mail",
    "kundenportal.domain.audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "django_htmx",
    "wagtail.contrib.simple_translation",
    "kundenportal.web.content.profiles.EditorsProfilesConfig",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    # After Wagtail, whose permissions have to be there when ours are given.
    "kundenportal.web.content",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    # Before anything that may refuse a request, so that who watches is answered by whatever name they ask for.
    "kundenportal.web.watch.answers.WatchMiddleware",
    "kundenportal.web.watch.requests.RequestMiddleware",
    "kundenportal.web.shared.proxies.TrustedProxiesMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "kundenportal.web.shared.policy.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    # Before anything that reads a cookie, a body or the database; after what belongs on every answer.
    "kundenportal.web.entrance.throttling.EntryLimitMiddleware",
    "kundenportal.web.shared.static_files.StaticFilesMiddleware",
    # Style sheets and pictures are there during maintenance; everything that asks the database comes after.
    "kundenportal.web.shared.maintenance.MaintenanceMiddleware",
    "kundenportal.web.shared.sessions.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "kundenportal.web.shared.sessions.AuthenticationMiddleware",
    "kundenportal.web.shared.sessions.SessionLifetimeMiddleware",
    "kundenportal.web.shared.language.AccountLanguageMiddleware",
    "kundenportal.web.shared.access.SignInFirstMiddleware",
    "kundenportal.web.shared.access.OwnPasswordFirstMiddleware",
    "kundenportal.web.content.editing.EditingMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "kundenportal.web.shared.errors.MethodNotAllowedMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "kundenportal.web.shared.context.portal",
            ],
        },
    }
]

UPLOADS: dict[str, Any] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
if ENVIRONMENT.uploads is not None:
    UPLOADS = {
        "BACKEND": "kundenportal.web.content.uploads.BucketStorage",
        "OPTIONS": object_storage.options(ENVIRONMENT.uploads),
    }
STATIC_URL = "static/"
STATIC_ROOT = PACKAGE / "static-collected"
STORAGES = {
    "default": UPLOADS,
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

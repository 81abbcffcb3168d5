"""Wagtail, in which editors write the portal's pages: what of it is used, and where what they upload lies."""

from kundenportal.config.backups.places import UPLOADS

from .application import BASE_URL, ENVIRONMENT
from .language import LANGUAGES

MEDIA_ROOT = ENVIRONMENT.data_dir / UPLOADS
MEDIA_URL = "media/"
FILE_UPLOAD_PERMISSIONS = 0o600

WAGTAIL_SITE_NAME = "Kundenportal"
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAIL_I18N_ENABLED = True
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAILSIMPLETRANSLATION_SYNC_PAGE_TREE = False

# There is one door to the portal (web.entrance), and nobody's address goes to strangers.
WAGTAILADMIN_LOGIN_URL = "home"
WAGTAIL_FRONTEND_LOGIN_URL = "home"
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False

# Whoever may write may publish: no second pair of eyes to ask, and so no mails about it.
WAGTAIL_WORKFLOW_ENABLED = False
WAGTAILADMIN_COMMENTS_ENABLED = False
WAGTAIL_ALLOW_UNICODE_SLUGS = False

# Handed out by the portal itself, to whoever a page lets have them (web.content.views.files).
WAGTAILDOCS_SERVE_METHOD = "direct"
WAGTAILIMAGES_EXTENSIONS = ["gif", "jpg", "jpeg", "png", "webp"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 10 * 1024 * 1024

# Words are found in all their forms, which differ from language to language: each has an index of its own.
WAGTAILSEARCH_BACKENDS = {
    "default": {"BACKEND": "kundenportal.web.content.searching", "LANGUAGE": "de", "SEARCH_CONFIG": "german"},
    "en": {"BACKEND": "kundenportal.web.content.searching", "LANGUAGE": "en", "SEARCH_CONFIG": "english"},
}

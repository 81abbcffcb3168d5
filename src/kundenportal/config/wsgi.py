import gc
import os
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from wsgiref.util import setup_testing_defaults

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kundenportal.config.settings")

portal = get_wsgi_application()

from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402
from django.template.loader import get_template  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import translation  # noqa: E402

from kundenportal.domain.credentials.rules import password_policy  # noqa: E402
from kundenportal.domain.site import queries as site  # noqa: E402
from kundenportal.domain.site.rules.holidays import State, holiday_names  # noqa: E402
from kundenportal.kernel import clock  # noqa: E402
from kundenportal.kernel.absent import load_without  # noqa: E402
from kundenportal.web.shared.connections import none_for_slow_browsers  # noqa: E402
from kundenportal.web.shared.encoding import always_utf8  # noqa: E402
from kundenportal.web.watch.requests import OF_NOBODY  # noqa: E402

# Wagtail's addresses bring a client for HTTP, colours for source code and YAML along, of which nothing is shown.
load_without("rest_framework.compat", "requests", "pygments", "yaml")
application = none_for_slow_browsers(always_utf8(portal))

# The dictionaries are loaded by the first password judged: here, before the web server forks, all processes share them.
password_policy.judge("loads the dictionaries", ())
# So is what the library knows of Germany, at the first holiday that is asked for.
holiday_names(State.NI, "de")(clock.now().date())
# And the addresses in each language, and the templates, at the first page that shows one.
for language, _ in settings.LANGUAGES:
    with translation.override(language):
        reverse("home")
for templates in Path(settings.PACKAGE, "web").glob("*/templates"):
    for template in templates.rglob("*.html"):
        get_template(str(template.relative_to(templates)))


def freeze() -> None:
    """What is loaded by now stays."""
    # The collector would look through all of it again and again, and by leaving its marks turn memory that the
    # processes share into copies of their own.
    gc.collect()
    gc.freeze()


def show_the_start_page(base_url: str) -> None:
    """The start page has been made, for nobody; no connection is left."""
    address = urlsplit(base_url)
    environ: dict[str, Any] = {"HTTP_HOST": address.netloc, "wsgi.url_scheme": address.scheme, OF_NOBODY: True}
    setup_testing_defaults(environ)
    try:
        # By a handler of its own: what that has seen of windows and settings must be no copy's, weeks later.
        with closing(WSGIHandler()(environ, lambda *_: lambda _: None)) as answer:
            b"".join(answer)
    finally:
        site.begin_anew()
        connections.close_all()


freeze()

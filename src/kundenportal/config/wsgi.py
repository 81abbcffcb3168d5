import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kundenportal.config.settings")

portal = get_wsgi_application()

from kundenportal.domain.credentials.rules import password_policy  # noqa: E402
from kundenportal.domain.site.rules.holidays import State, holiday_names  # noqa: E402
from kundenportal.kernel import clock  # noqa: E402
from kundenportal.web.shared.encoding import always_utf8  # noqa: E402

application = always_utf8(portal)

# The dictionaries are loaded by the first password judged: here, before the web server forks, all processes share them.
password_policy.judge("loads the dictionaries", ())
# So is what the library knows of Germany, at the first holiday that is asked for.
holiday_names(State.NI, "de")(clock.now().date())

# What is loaded by now stays: the collector would look through all of it again and again, and by leaving its marks turn
# memory that the processes share into copies of their own.
gc.collect()
gc.freeze()

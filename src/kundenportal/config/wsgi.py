import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kundenportal.config.settings")

application = get_wsgi_application()

# The dictionaries are loaded by the first password judged: here, before the web server forks, all processes share them.
from kundenportal.domain.credentials.rules import password_policy  # noqa: E402

password_policy.judge("loads the dictionaries", ())

# What is loaded by now stays: the collector would look through all of it again and again, and by leaving its marks turn
# memory that the processes share into copies of their own.
gc.collect()
gc.freeze()

"""Django's settings, a file per topic; what an operator may change comes from `config.env` alone."""
# ruff: noqa: F403 - Django reads one flat namespace

from .application import *
from .content import *
from .database import *
from .jobs import *
from .language import *
from .mail import *
from .security import *
from .session import *
from .watching import *

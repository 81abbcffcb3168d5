"""What is kept of an error page somebody was shown, and for how long."""

from datetime import timedelta

KEPT_FOR = timedelta(days=30)
NAME_MAX_LENGTH = 100

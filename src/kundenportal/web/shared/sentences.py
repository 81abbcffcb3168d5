"""Sentences that several forms say."""

from django.utils.translation import gettext_lazy

TOO_LONG = gettext_lazy("Please enter at most %(limit_value)d characters.")

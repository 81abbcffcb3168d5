"""Sentences that several forms say."""

from django.utils.translation import gettext_lazy

NOT_AN_ADDRESS = gettext_lazy("This is not an e-mail address. It looks like name@example.org.")
TOO_LONG = gettext_lazy("Please enter at most %(limit_value)d characters.")
ONE_IS_ENOUGH = gettext_lazy("This or the e-mail address: one of the two is enough.")

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "kundenportal.domain.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Takes the place of Django's own note of when somebody last signed in: the sign-in has noted it already."""
        user_logged_in.connect(_noted_already, dispatch_uid="update_last_login")


def _noted_already(**_: object) -> None:
    """With all else about the sign-in, in one transaction."""

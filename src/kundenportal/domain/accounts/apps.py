from django.apps import AppConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.auth.signals import user_logged_in


class AccountsConfig(AppConfig):
    name = "kundenportal.domain.accounts"
    label = "accounts"
    default = True


class DjangosAuthConfig(AuthConfig):
    """Django's, but when somebody last signed in is noted with all else about the sign-in, in one transaction."""

    default = False

    def ready(self) -> None:
        """Django's own note is left out."""
        super().ready()
        user_logged_in.disconnect(dispatch_uid="update_last_login")

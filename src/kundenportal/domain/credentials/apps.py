from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "kundenportal.domain.credentials"
    label = "credentials"

    def ready(self) -> None:
        from . import mails  # noqa: F401, PLC0415 - makes this domain's mails known to `mail.delivery`

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "kundenportal.domain.support"
    label = "support"

    def ready(self) -> None:
        from . import mails  # noqa: F401, PLC0415 - makes this domain's mails known to `mail.delivery`

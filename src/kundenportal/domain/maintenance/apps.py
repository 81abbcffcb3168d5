from django.apps import AppConfig


class MaintenanceConfig(AppConfig):
    name = "kundenportal.domain.maintenance"
    label = "maintenance"

    def ready(self) -> None:
        from . import mails  # noqa: F401, PLC0415 - makes this domain's mails known to `mail.delivery`

from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "kundenportal.domain.support"
    label = "support"

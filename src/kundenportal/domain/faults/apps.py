from django.apps import AppConfig


class FaultsConfig(AppConfig):
    name = "kundenportal.domain.faults"
    label = "faults"

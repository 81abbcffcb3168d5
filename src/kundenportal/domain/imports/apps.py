from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "kundenportal.domain.imports"
    label = "imports"

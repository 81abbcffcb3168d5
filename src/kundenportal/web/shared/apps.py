from django.apps import AppConfig


class SharedConfig(AppConfig):
    name = "kundenportal.web.shared"
    label = "shared"

from django.apps import AppConfig


class EntranceConfig(AppConfig):
    name = "kundenportal.web.entrance"
    label = "entrance"

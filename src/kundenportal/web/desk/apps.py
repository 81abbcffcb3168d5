from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "kundenportal.web.desk"
    label = "desk"

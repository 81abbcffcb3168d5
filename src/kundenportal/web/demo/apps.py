from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "kundenportal.web.demo"
    label = "demo"

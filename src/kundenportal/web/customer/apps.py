from django.apps import AppConfig


class CustomerConfig(AppConfig):
    name = "kundenportal.web.customer"
    label = "customer"

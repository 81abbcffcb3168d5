from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "kundenportal.domain.mail"
    label = "mail"

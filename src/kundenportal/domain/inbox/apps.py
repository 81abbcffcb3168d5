from django.apps import AppConfig


class InboxConfig(AppConfig):
    name = "kundenportal.domain.inbox"
    label = "inbox"

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "kundenportal.domain.audit"
    label = "audit"

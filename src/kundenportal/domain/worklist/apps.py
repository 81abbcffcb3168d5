from django.apps import AppConfig


class WorklistConfig(AppConfig):
    name = "kundenportal.domain.worklist"
    label = "worklist"

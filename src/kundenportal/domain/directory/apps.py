from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "kundenportal.domain.directory"
    label = "directory"

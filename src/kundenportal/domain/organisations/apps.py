from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "kundenportal.domain.organisations"
    label = "organisations"

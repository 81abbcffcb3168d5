from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kundenportal.domain.site"
    label = "site"

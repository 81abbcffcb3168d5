from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "kundenportal.domain.accounts"
    label = "accounts"

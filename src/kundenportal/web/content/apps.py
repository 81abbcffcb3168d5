from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ContentConfig(AppConfig):
    name = "kundenportal.web.content"
    label = "content"

    def ready(self) -> None:
        # With every `migrate`: what the roles may do is what the code says, whatever an older one said.
        from .permissions import give_editors_their_permissions  # noqa: PLC0415 - needs the models
        from .planting import plant  # noqa: PLC0415 - needs the models

        post_migrate.connect(give_editors_their_permissions, sender=self, dispatch_uid="content.permissions")
        post_migrate.connect(plant, sender=self, dispatch_uid="content.planting")

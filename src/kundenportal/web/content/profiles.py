from types import ModuleType

from django.apps import AppConfig


class EditorsProfilesConfig(AppConfig):
    """Wagtail's users: what its editor remembers of them is needed, its ways to make and change accounts are not."""

    name = "wagtail.users"
    label = "wagtailusers"
    default_auto_field = "django.db.models.AutoField"

    def ready(self) -> None:
        # Wagtail looks for hooks in the package of every app, and imports what it finds; here it finds nothing. These
        # would bring pages to the editor on which accounts get names, passwords and groups, past all our rules.
        self.module = ModuleType(self.name)

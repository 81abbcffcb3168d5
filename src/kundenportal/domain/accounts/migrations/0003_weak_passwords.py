from django.apps.registry import Apps as StateApps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def take_earlier_ones_for_weak(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """How strong they are is not known any more: it matters only once their owners become staff."""
    chosen = apps.get_model("accounts", "Account").objects.filter(own_password_chosen_at__isnull=False)
    chosen.filter(role="customer").update(own_password_is_weak=True)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_roles_and_sessions'),
    ]

    operations = [
        migrations.AddField(
            model_name='account',
            name='own_password_is_weak',
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(take_earlier_ones_for_weak, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='account',
            constraint=models.CheckConstraint(condition=models.Q(('own_password_is_weak', False), ('own_password_chosen_at__isnull', False), _connector='OR'), name='only_an_own_password_is_weak'),
        ),
    ]

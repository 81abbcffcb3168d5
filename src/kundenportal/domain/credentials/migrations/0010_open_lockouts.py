from django.db import migrations, models

from kundenportal.kernel.indexes import BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("credentials", "0009_accounts_to_be_deleted")]
    operations = [
        BuildIndexConcurrently(
            model_name="lockout",
            index=models.Index(
                condition=models.Q(account__isnull=False, lifted_at__isnull=True),
                fields=["begun_at", "id"],
                name="open_lockouts",
            ),
        ),
    ]

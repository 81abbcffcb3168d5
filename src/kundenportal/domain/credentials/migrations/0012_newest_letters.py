from django.db import migrations, models

from kundenportal.kernel.indexes import BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("credentials", "0011_routes_of_checks")]
    operations = [
        BuildIndexConcurrently(
            model_name="accessletter",
            index=models.Index(fields=["account", "-id"], name="newest_letters_of_accounts"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("credentials", "0007_countdowns_and_maintenance")]
    operations = [
        migrations.RemoveConstraint(model_name="accessletter", name="one_live_initial_password_per_account"),
        migrations.AddConstraint(
            model_name="accessletter",
            constraint=models.UniqueConstraint(
                fields=["account"],
                condition=~models.Q(keyed_hash=""),
                include=["expires_at"],
                name="one_live_initial_password_per_account",
            ),
        ),
    ]

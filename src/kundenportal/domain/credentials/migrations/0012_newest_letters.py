from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("credentials", "0011_routes_of_checks")]
    operations = [
        AddIndexConcurrently(
            model_name="accessletter",
            index=models.Index(fields=["account", "-id"], name="newest_letters_of_accounts"),
        ),
        # What older code sorts by time are the few letters of one account, which the new index finds as well.
        RemoveIndexConcurrently(model_name="accessletter", name="letters_of_an_account"),
    ]

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("credentials", "0012_newest_letters")]
    operations = [
        # What older code sorts by time are the few letters of one account, which newest_letters_of_accounts finds, too.
        RemoveIndexConcurrently(model_name="accessletter", name="letters_of_an_account"),
    ]

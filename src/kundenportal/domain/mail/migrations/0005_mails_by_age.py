from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mail", "0004_single_mails_first")]
    operations = [
        AddIndexConcurrently(
            model_name="outgoingmail", index=models.Index(fields=["queued_at"], name="mails_by_age")
        ),
    ]

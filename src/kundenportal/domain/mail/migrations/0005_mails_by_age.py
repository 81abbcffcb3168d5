from django.db import migrations, models

from kundenportal.kernel.indexes import BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mail", "0004_single_mails_first")]
    operations = [
        BuildIndexConcurrently(
            model_name="outgoingmail", index=models.Index(fields=["queued_at"], name="mails_by_age")
        ),
    ]

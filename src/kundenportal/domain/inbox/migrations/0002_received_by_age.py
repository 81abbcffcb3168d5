from django.db import migrations, models

from kundenportal.kernel.indexes import BuildIndexConcurrently


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("inbox", "0001_initial")]
    operations = [
        BuildIndexConcurrently(
            model_name="receivedmail",
            index=models.Index(
                condition=models.Q(("sender", ""), _negated=True), fields=["received_at"], name="senders_by_age"
            ),
        ),
        BuildIndexConcurrently(
            model_name="receivedmail",
            index=models.Index(
                condition=models.Q(("sender_name", ""), ("subject", ""), ("text", ""), _negated=True),
                fields=["received_at"],
                name="texts_by_age",
            ),
        ),
    ]

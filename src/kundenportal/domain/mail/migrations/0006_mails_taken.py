from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0005_mails_by_age")]
    operations = [
        migrations.AddField(model_name="outgoingmail", name="taken_at", field=models.DateTimeField(null=True)),
    ]

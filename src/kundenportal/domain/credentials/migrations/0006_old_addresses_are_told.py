import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('credentials', '0005_desk'),
        ('mail', '0004_single_mails_first'),
    ]

    operations = [
        migrations.AlterField(
            model_name='addresschange',
            name='told_after',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='mail.outgoingmail'),
        ),
    ]

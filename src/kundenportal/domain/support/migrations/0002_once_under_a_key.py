from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('support', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='intake',
            name='key',
            field=models.CharField(max_length=26, null=True, unique=True),
        ),
    ]

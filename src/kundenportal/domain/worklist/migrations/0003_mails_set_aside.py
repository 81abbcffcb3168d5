from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('worklist', '0002_intakes'),
    ]

    operations = [
        migrations.AlterField(
            model_name='inhand',
            name='kind',
            field=models.CharField(choices=[('check', 'CHECK'), ('letter', 'LETTER'), ('lockout', 'LOCKOUT'), ('expiring', 'EXPIRING'), ('intake', 'INTAKE'), ('set_aside', 'SET_ASIDE')], max_length=20),
        ),
    ]

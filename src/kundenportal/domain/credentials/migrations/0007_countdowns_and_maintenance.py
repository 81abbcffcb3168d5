from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('credentials', '0006_old_addresses_are_told'),
    ]

    operations = [
        migrations.AddField(
            model_name='accessletter',
            name='runs_out_at',
            field=models.DateTimeField(null=True),
        ),
        # Before there was maintenance every password ended when it ran out.
        migrations.RunSQL(
            "UPDATE credentials_accessletter SET runs_out_at = expires_at WHERE expires_at IS NOT NULL",
            migrations.RunSQL.noop,
        ),
        migrations.AddConstraint(
            model_name='accessletter',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__isnull', True), models.Q(('expires_at__gte', models.F('runs_out_at')), ('runs_out_at__isnull', False)), _connector='OR'), name='maintenance_shortens_no_countdown'),
        ),
    ]

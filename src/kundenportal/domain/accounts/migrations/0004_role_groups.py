import django.db.models.deletion
from django.db import migrations, models

# PostgreSQL changes no column a view reads: whoever alters the type of `role` drops the view first and makes it again.
CREATE = """
CREATE VIEW accounts_rolegroup AS
SELECT accounts_account.id AS account_id, auth_group.id AS group_id
FROM accounts_account
JOIN auth_group ON auth_group.name = accounts_account.role
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_weak_passwords"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunSQL(CREATE, "DROP VIEW accounts_rolegroup"),
        migrations.CreateModel(
            name="RoleGroup",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="accounts.account",
                    ),
                ),
            ],
            options={"managed": False},
        ),
        migrations.AddField(
            model_name="account",
            name="groups",
            field=models.ManyToManyField(
                related_name="+", related_query_name="user", through="accounts.RoleGroup", to="auth.group"
            ),
        ),
    ]

from django.db import migrations

FORBID = """
CREATE FUNCTION audit_entries_are_never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit entries are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entries_are_never_changed();
CREATE TRIGGER append_only_as_a_whole BEFORE TRUNCATE ON audit_entry
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_are_never_changed();
"""
ALLOW = """
DROP TRIGGER append_only ON audit_entry;
DROP TRIGGER append_only_as_a_whole ON audit_entry;
DROP FUNCTION audit_entries_are_never_changed();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]

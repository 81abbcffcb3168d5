from django.db import migrations

# Two narrow doors, each guarded here, and shut to whoever does not ask for them by name (kundenportal.trail_forgets): an
# entry is removed once it is old, and what says who somebody was is taken out of it once their account is gone. The network address is that of whoever acted; where nobody is named, it
# is that of the account the entry is about. 90 days: `rules.KEPT_AT_LEAST`.
NARROW_DOORS = """
CREATE FUNCTION audit_entry_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told_less audit_entry%ROWTYPE;
BEGIN
    IF coalesce(current_setting('kundenportal.trail_forgets', true), '') <> 'on' THEN
        NULL;
    ELSIF TG_OP = 'DELETE' AND OLD.happened_at < now() - interval '90 days' THEN
        RETURN OLD;
    ELSIF TG_OP = 'UPDATE' THEN
        told_less := OLD;
        IF coalesce(OLD.actor_id, OLD.subject_id) IS NOT NULL AND NOT EXISTS
                (SELECT FROM accounts_account WHERE id = coalesce(OLD.actor_id, OLD.subject_id)) THEN
            told_less.network_address := '';
        END IF;
        IF OLD.event = 'account.address_corrected' AND OLD.subject_id IS NOT NULL AND NOT EXISTS
                (SELECT FROM accounts_account WHERE id = OLD.subject_id) THEN
            told_less.details := OLD.details - 'before';
        END IF;
        IF NEW IS DISTINCT FROM OLD AND NEW IS NOT DISTINCT FROM told_less THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'audit entries are never changed or removed' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entry_is_kept();
"""
WALLED_UP = """
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_entry
    FOR EACH ROW EXECUTE FUNCTION audit_entries_are_never_changed();
DROP FUNCTION audit_entry_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_backups_are_found_quickly")]
    operations = [migrations.RunSQL(NARROW_DOORS, WALLED_UP)]

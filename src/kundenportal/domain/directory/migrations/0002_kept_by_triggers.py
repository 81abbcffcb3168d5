from django.db import migrations

# ä, ae and a are one, and so are ö and ü; ß is ss; accents and case do not matter. Folding twice changes nothing more.
# The words of organisations are marked, so that an index can tell them from an account's own. Each function is one
# expression: PostgreSQL puts such a one in place of its call, and folds a million accounts in half a minute.
FOLDING = r"""
CREATE FUNCTION directory_folded(entry text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(
        CASE WHEN octet_length(entry) = length(entry) THEN lower(entry)
        ELSE replace(replace(replace(replace(
            translate(
                regexp_replace(lower(normalize(entry, NFKD)), '[\u0300-\u036f]', '', 'g'),
                'øłđðı', 'olddi'
            ), 'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'a'), 'œ', 'o')
        END, '([aou])e+', '\1', 'g')
$$;
CREATE FUNCTION directory_words(entry text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_remove(string_to_array(regexp_replace(
        regexp_replace(directory_folded(entry), '([[:alpha:]]+|[[:digit:]]+)', ' \1', 'g'),
        '[^[:alpha:][:digit:]]+', ' ', 'g'), ' '), '')
$$;
CREATE FUNCTION directory_vector(name text, address text, organisations text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_to_tsvector(directory_words(name || ' ' || address) || array_remove(
        string_to_array('/' || array_to_string(directory_words(organisations), ' /'), ' '), '/'))
$$;
"""
UNFOLDING = """
DROP FUNCTION directory_vector(text, text, text);
DROP FUNCTION directory_words(text);
DROP FUNCTION directory_folded(text);
"""

# A word and what was typed instead of it become the same once the wrong letters are left out of both (SymSpell). Of
# long words only the first seven letters are looked at; of every beginning there is a key, because people stop early.
MISSPELLING = """
CREATE FUNCTION directory_shortened(word text, letters int) RETURNS SETOF text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT word
    UNION
    SELECT left(word, place - 1) || substr(word, place + 1) FROM generate_series(1, length(word)) AS place
    UNION
    SELECT left(word, one - 1) || substr(word, one + 1, other - one - 1) || substr(word, other + 1)
    FROM generate_series(1, length(word)) AS one, generate_series(one + 1, length(word)) AS other
    WHERE letters = 2
$$;
CREATE FUNCTION directory_keys(word text) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT array_agg(DISTINCT key)
    FROM generate_series(4, least(length(word), 7)) AS beginning,
        LATERAL directory_shortened(left(word, beginning), CASE beginning WHEN 7 THEN 2 ELSE 1 END) AS key
$$;
"""
NO_MISSPELLING = """
DROP FUNCTION directory_keys(text);
DROP FUNCTION directory_shortened(text, int);
"""

# The entries are held before what they say is read, so that of two who change the same account at once the later one
# sees what the other has written. Every look-up is by an index: in the middle of an import the statistics still say that
# there is next to nothing, and each account would have all organisations read.
REFRESHING = """
CREATE FUNCTION directory_standing(suspended_at timestamptz, first_signed_in_at timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN suspended_at IS NOT NULL THEN 'suspended'
        WHEN first_signed_in_at IS NOT NULL THEN 'active'
        ELSE 'issued'
    END
$$;
CREATE FUNCTION directory_refresh(ids bigint[]) RETURNS void
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    PERFORM FROM directory_entry WHERE account_id = ANY (ids) ORDER BY account_id FOR UPDATE;
    INSERT INTO directory_entry AS kept
        (account_id, standing, name, address, organisation, last_signed_in_at, words)
    SELECT account.id,
        directory_standing(account.suspended_at, account.first_signed_in_at),
        directory_folded(account.name),
        directory_folded(account.address),
        coalesce(acts_for.first, ''),
        coalesce(account.last_login, 'epoch'),
        directory_vector(account.name, account.address, coalesce(acts_for.names, ''))
    FROM accounts_account AS account
    LEFT JOIN LATERAL (
        SELECT string_agg(organisation.name, ' ') AS names, min(directory_folded(organisation.name) COLLATE "C") AS first
        FROM accounts_membership AS membership
        JOIN organisations_organisation AS organisation ON organisation.id = membership.organisation_id
        WHERE membership.account_id = account.id
    ) AS acts_for ON true
    WHERE account.id = ANY (ids)
    ORDER BY account.id
    ON CONFLICT (account_id) DO UPDATE SET
        standing = excluded.standing, name = excluded.name, address = excluded.address,
        organisation = excluded.organisation, last_signed_in_at = excluded.last_signed_in_at, words = excluded.words
    WHERE (kept.*) IS DISTINCT FROM (excluded.*);
    INSERT INTO directory_word (word, keys)
    SELECT word, directory_keys(word)
    FROM (
        SELECT DISTINCT ltrim(unnest(tsvector_to_array(words)), '/')
        FROM directory_entry WHERE account_id = ANY (ids)
    ) AS found (word)
    WHERE length(word) >= 4 AND word !~ '[0-9]'
        AND NOT EXISTS (SELECT FROM directory_word AS known WHERE known.word = found.word COLLATE "C");
END
$$;
"""
NO_REFRESHING = """
DROP FUNCTION directory_refresh(bigint[]);
DROP FUNCTION directory_standing(timestamptz, timestamptz);
"""

# An account comes with its membership, whose trigger writes the entry for both; the one without is caught at commit. A
# sign-in changes what an account has done and not what it is called: its words are left alone.
TRIGGERS = """
ALTER TABLE directory_entry ADD CONSTRAINT entry_goes_with_its_account
    FOREIGN KEY (account_id) REFERENCES accounts_account (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;

CREATE FUNCTION directory_account_opened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM directory_entry WHERE account_id = NEW.id) THEN
        PERFORM directory_refresh(ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER directory_account_opened AFTER INSERT ON accounts_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION directory_account_opened();

CREATE FUNCTION directory_accounts_changed() RETURNS trigger
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE called_otherwise bigint[];
BEGIN
    SELECT array_agg(after.id) INTO called_otherwise
    FROM changed_to AS after JOIN changed_from AS before USING (id)
    WHERE (after.name, after.address) IS DISTINCT FROM (before.name, before.address);
    IF called_otherwise IS NOT NULL THEN
        PERFORM directory_refresh(called_otherwise);
    END IF;
    PERFORM FROM changed_to JOIN directory_entry ON account_id = id ORDER BY account_id FOR UPDATE OF directory_entry;
    UPDATE directory_entry SET
        standing = directory_standing(after.suspended_at, after.first_signed_in_at),
        last_signed_in_at = coalesce(after.last_login, 'epoch')
    FROM changed_to AS after
    WHERE account_id = after.id
        AND (standing, last_signed_in_at) IS DISTINCT FROM
            (directory_standing(after.suspended_at, after.first_signed_in_at), coalesce(after.last_login, 'epoch'));
    RETURN NULL;
END
$$;
CREATE TRIGGER directory_accounts_changed AFTER UPDATE ON accounts_account
    REFERENCING OLD TABLE AS changed_from NEW TABLE AS changed_to
    FOR EACH STATEMENT EXECUTE FUNCTION directory_accounts_changed();

CREATE FUNCTION directory_members_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    IF TG_OP <> 'DELETE' THEN
        SELECT array_agg(DISTINCT account_id) INTO ids FROM changed_to;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        SELECT ids || array_agg(DISTINCT account_id) INTO ids FROM changed_from;
    END IF;
    IF ids IS NOT NULL THEN
        PERFORM directory_refresh(ids);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER directory_members_came AFTER INSERT ON accounts_membership REFERENCING NEW TABLE AS changed_to
    FOR EACH STATEMENT EXECUTE FUNCTION directory_members_changed();
CREATE TRIGGER directory_members_went AFTER DELETE ON accounts_membership REFERENCING OLD TABLE AS changed_from
    FOR EACH STATEMENT EXECUTE FUNCTION directory_members_changed();
CREATE TRIGGER directory_members_moved AFTER UPDATE ON accounts_membership
    REFERENCING OLD TABLE AS changed_from NEW TABLE AS changed_to
    FOR EACH STATEMENT EXECUTE FUNCTION directory_members_changed();

CREATE FUNCTION directory_organisations_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM directory_refresh(array_agg(DISTINCT membership.account_id))
    FROM changed_to JOIN accounts_membership AS membership ON membership.organisation_id = changed_to.id
    HAVING count(*) > 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER directory_organisations_renamed AFTER UPDATE ON organisations_organisation
    REFERENCING NEW TABLE AS changed_to
    FOR EACH STATEMENT EXECUTE FUNCTION directory_organisations_renamed();

SELECT directory_refresh(array_agg(id)) FROM accounts_account HAVING count(*) > 0;
"""
NO_TRIGGERS = """
DROP TRIGGER directory_organisations_renamed ON organisations_organisation;
DROP TRIGGER directory_members_moved ON accounts_membership;
DROP TRIGGER directory_members_went ON accounts_membership;
DROP TRIGGER directory_members_came ON accounts_membership;
DROP TRIGGER directory_accounts_changed ON accounts_account;
DROP TRIGGER directory_account_opened ON accounts_account;
DROP FUNCTION directory_organisations_renamed();
DROP FUNCTION directory_members_changed();
DROP FUNCTION directory_accounts_changed();
DROP FUNCTION directory_account_opened();
ALTER TABLE directory_entry DROP CONSTRAINT entry_goes_with_its_account;
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0001_initial")]
    operations = [
        migrations.RunSQL(FOLDING, UNFOLDING),
        migrations.RunSQL(MISSPELLING, NO_MISSPELLING),
        migrations.RunSQL(REFRESHING, NO_REFRESHING),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from kundenportal.domain.accounts.models import Account

_KEYS = ("name", "address", "organisation", "last_signed_in_at")


class Entry(models.Model):
    """What the list of accounts is searched and sorted by: one row per account, written by the database alone.

    Triggers on accounts, memberships and organisations keep it (migrations/0002_kept_by_triggers.py), whoever changes
    those and however many at once. `standing` is as much of the account's state as no clock has a part in.
    """

    # The database itself removes an account's entry with the account.
    account = models.OneToOneField(Account, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False)
    standing = models.CharField(max_length=10, db_collation="C")
    # Folded, as in `words`; compared byte by byte, so that ä stands beside a whatever the server's language is.
    name = models.TextField(db_collation="C")
    address = models.TextField(db_collation="C")
    organisation = models.TextField(db_collation="C")  # the first of them; empty where there is none
    last_signed_in_at = models.DateTimeField()  # rules.NEVER where nobody has
    words = SearchVectorField()  # those of the organisations begin with a stroke

    class Meta:
        indexes = [
            models.Index(fields=["standing", "account"], name="entries_newest"),
            *(models.Index(fields=["standing", key, "account"], name=f"entries_by_{key}"[:30]) for key in _KEYS),
            GinIndex(fields=["words"], name="entries_by_word"),
        ]

    def __str__(self) -> str:
        return f"entry of account {self.account_id}"


class Word(models.Model):
    """A word some entry has, or had until lately, under every key somebody who mistypes it may come by.

    Two transactions that bring the same word both write it: so neither waits for the other, and seeing it twice does
    no harm. `operations.forget_words` tidies up.
    """

    word = models.TextField(db_collation="C")
    keys = ArrayField(models.TextField(db_collation="C"))

    class Meta:
        indexes = [
            models.Index(fields=["word"], name="words_in_order"),
            GinIndex(fields=["keys"], name="words_by_key"),
        ]

    def __str__(self) -> str:
        return self.word

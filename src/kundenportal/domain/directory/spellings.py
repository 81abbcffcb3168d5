"""How words are sought: as they are typed, and as they may have been meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BooleanField, F, Func, TextField, Value

from kundenportal.kernel.text import storable

from . import rules
from .models import Entry, Word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Spellings = Mapping[str, Sequence[str]]
    Query = Callable[[Spellings], str]


def forgiven(words: Sequence[str]) -> Spellings:
    """The ways in which words may be meant that are written nowhere: the unknown ones are forgiven, then all."""
    as_typed: Spellings = {word: (word,) for word in words}
    if not words or _is_written(as_typed):
        return {}
    unknown = [word for word in words if not _is_written({word: (word,)})]
    for forgiven in (unknown, words):
        spellings = {**as_typed, **{word: (word, *_alike(word)) for word in forgiven}}
        if _is_written(spellings):
            return spellings
    return {}


def _is_written(spellings: Spellings) -> bool:
    return Entry.objects.filter(matching(anywhere(spellings))).exists()


def words_in(text: str) -> list[str]:
    """The words in what was typed, as they are looked up."""
    # The function by which the entries are written, so that both fold alike.
    with connection.cursor() as cursor:
        cursor.execute("SELECT directory_words(%s)", [" ".join(storable(text).split()[: rules.WORDS_SOUGHT])])
        (words,) = cursor.fetchone()
    return list(words[: rules.WORDS_SOUGHT])


def _alike(word: str) -> list[str]:
    edits = rules.edits_forgiven(word)
    if not edits:
        return []
    keys = Func(
        Value(word[: rules.LETTERS_LOOKED_AT]),
        Value(edits),
        template="ARRAY(SELECT directory_shortened(%(expressions)s))",
        output_field=ArrayField(TextField()),
    )
    return rules.alike(word, set(Word.objects.filter(keys__overlap=keys).values_list("word", flat=True)))


def in_name_and_address(spellings: Spellings) -> str:
    """For each word, the account's own ones hold one that begins with one of its spellings."""
    terms = ("|".join(f"'{spelling}':*" for spelling in each) for each in spellings.values())
    return "&".join(f"({term})" for term in terms)


def anywhere(spellings: Spellings) -> str:
    """The same, but a word of an organisation will do."""
    return in_name_and_address(
        {word: [mark + spelling for spelling in each for mark in ("", "/")] for word, each in spellings.items()}
    )


def elsewhere(spellings: Spellings) -> str:
    """Some word is an organisation's only."""
    return f"({anywhere(spellings)})&!({in_name_and_address(spellings)})"


# How it is learnt whether an entry's words match: by their index, or from the entry itself, where others have found it.
LOOKED_UP, READ = "(%(expressions)s::tsquery)", "((%(expressions)s::tsquery) IS TRUE)"


def matching(query: str, *, how: str = LOOKED_UP) -> Func:
    """Whether an entry's words are what the query asks for."""
    return Func(F("words"), Value(query), template=how, arg_joiner=" @@ ", output_field=BooleanField())

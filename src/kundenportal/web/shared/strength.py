"""The password policy's verdicts in words; the one place where they are worded."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from kundenportal.domain.credentials.rules.password_policy import LONGEST, SHORTEST
from kundenportal.domain.credentials.rules.verdict import Reason, Strength, Verdict

WORDS = {
    Strength.REFUSED: _("Not possible"),
    Strength.WEAK: _("Weak"),
    Strength.STRONG: _("Strong"),
}
SENTENCES = {
    None: _("Hard to guess."),
    Reason.NOT_TEXT: _("The password contains characters that cannot be stored. Please leave them out."),
    Reason.TOO_SHORT: _("The password needs at least %(shortest)d characters."),
    Reason.TOO_LONG: _("The password may have at most %(longest)d characters."),
    Reason.COMMON: _("This is one of the passwords tried first. Please choose another one."),
    Reason.OWN_WORDS: _(
        "The password is made of your name, your address, your organisation or the portal’s name. "
        "Please choose another one."
    ),
    Reason.SIMILAR_TO_COMMON: _("It resembles a very common password. Add words that have nothing to do with it."),
    Reason.DICTIONARY: _("Mostly one word from the dictionary. Several unrelated words are better."),
    Reason.NAME: _("Mostly a name or a very common word. Several unrelated words are better."),
    Reason.OWN_WORD_INSIDE: _("It contains your name, your address or your organisation. Others know these, too."),
    Reason.SEQUENCE: _("A sequence such as abc or 1234 is guessed quickly."),
    Reason.REPEAT: _("Repetitions such as aaa or abcabc add little."),
    Reason.KEYBOARD: _("Neighbouring keys are guessed quickly."),
    Reason.DATE: _("Dates and years are guessed quickly."),
    Reason.SHORT: _("A few more characters make it strong."),
}


def word_for(verdict: Verdict) -> str:
    """The verdict in a word."""
    return str(WORDS[verdict.strength])


def reason_for(verdict: Verdict) -> str:
    """The verdict's reason, in a sentence that says what to do."""
    return str(SENTENCES[verdict.reason]) % {"shortest": SHORTEST, "longest": LONGEST}

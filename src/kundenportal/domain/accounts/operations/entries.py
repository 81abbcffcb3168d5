"""What may be entered of an account, and what is refused."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from kundenportal.domain.accounts import rules
from kundenportal.domain.accounts.models import Account
from kundenportal.kernel.lengths import ADDRESS_MAX_LENGTH, NAME_MAX_LENGTH
from kundenportal.kernel.refusal import Refusal
from kundenportal.kernel.telephones import is_telephone
from kundenportal.kernel.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterator


class AddressMalformed(Refusal):
    """That is no e-mail address."""


class AddressTaken(Refusal):
    """An account signs in with this address already, perhaps spelled in another case."""


class NameMissing(Refusal):
    """An account needs a name to be greeted by."""


class NameTooLong(Refusal):
    """A name has at most NAME_MAX_LENGTH characters."""


class TelephoneMalformed(Refusal):
    """That is no number anybody could be called at."""


def valid_address(entry: str) -> str:
    """The address as it is kept; raises AddressMalformed if it is none."""
    address = rules.normalised_address(entry)
    try:
        validate_email(address)
    except ValidationError as malformed:
        raise AddressMalformed from malformed
    if len(address) > ADDRESS_MAX_LENGTH:
        raise AddressMalformed
    return address


def valid_name(entry: str) -> str:
    """The name as it is kept; raises NameMissing or NameTooLong."""
    name = on_one_line(entry)
    if not name:
        raise NameMissing
    if len(name) > NAME_MAX_LENGTH:
        raise NameTooLong
    return name


def valid_telephone(entry: str) -> str:
    """The number as it is kept, or nothing; raises TelephoneMalformed."""
    number = on_one_line(entry)
    if number and (len(number) > rules.TELEPHONE_MAX_LENGTH or not is_telephone(number)):
        raise TelephoneMalformed
    return number


@contextmanager
def address_must_be_free(address: str) -> Iterator[None]:
    """Whatever is saved within raises AddressTaken where another account has it already."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        if not Account.objects.filter(address=address).exists():
            raise
        raise AddressTaken from clash

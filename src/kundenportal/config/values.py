"""The settings as they are written in the environment, and the sentences by which a wrong one is refused."""

from __future__ import annotations

import difflib
from importlib.metadata import PackageNotFoundError, distribution
from typing import TYPE_CHECKING, TypeVar

from kundenportal.config.addresses import NotAnAddress
from kundenportal.config.variables import PREFIX, SHORTEST_SECRET_KEY, VARIABLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Read = TypeVar("Read")


class WrongSetting(ValueError):  # noqa: N818 - reads as the refusal it is
    """A setting that stops the start, told in one sentence."""


class Values(dict[str, str]):
    """What is set, by names without their prefix."""

    @classmethod
    def among(cls, environ: Mapping[str, str]) -> Values:
        """Those of the environment's variables that are meant for the portal. Raises WrongSetting."""
        known = [variable.name for variable in VARIABLES]
        values = cls()
        for name in sorted(name for name in environ if name.startswith(PREFIX)):
            if name not in known:
                raise WrongSetting(f"{name} is no setting of the portal; {_hint(name, known)}")
            value = environ[name]
            if not value:
                raise WrongSetting(f"{name} is empty; leave it out to use the default.")
            if value != value.strip() or not value.isprintable():
                raise WrongSetting(
                    f"{name} has blanks around it or unprintable characters in it; write it without them."
                )
            values[name.removeprefix(PREFIX)] = value
        return values

    def key(self, name: str) -> str | None:
        """Something long that nobody guesses, if it is set."""
        key = self.get(name)
        if key is not None and len(key) < SHORTEST_SECRET_KEY:
            raise WrongSetting(
                f"{PREFIX}{name} is shorter than {SHORTEST_SECRET_KEY} characters; "
                "a right value is made by: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'."
            )
        return key

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        """One of the choices, the first unless another is set."""
        value = self.get(name, choices[0])
        if value not in choices:
            raise WrongSetting(f"{PREFIX}{name} is “{value}”; a right value is {' or '.join(choices)}.")
        return value

    def number(self, name: str, default: int, most: int, *, least: int = 1) -> int:
        """A number within these bounds."""
        if name not in self:
            return default
        value = self[name]
        if not (value.isascii() and value.isdigit()) or not least <= int(value) <= most:
            raise WrongSetting(f"{PREFIX}{name} is “{value}”; a right value is a number from {least} to {most}.")
        return int(value)

    def read(self, name: str, reader: Callable[[str], Read], default: str, *, example: str) -> Read:
        """Whatever the reader makes of it, or of the default."""
        try:
            return reader(self.get(name, default))
        except NotAnAddress as fault:
            raise WrongSetting(f"{PREFIX}{name} {fault}; a right value looks like {example}.") from None

    def read_if_set(
        self, name: str, reader: Callable[[str], Read], *, example: str, needs: Sequence[str] = ()
    ) -> Read | None:
        """Likewise; None if it is not set. It may need packages that not everybody installs."""
        if name not in self:
            return None
        found = self.read(name, reader, self[name], example=example)
        _need(name, *needs)
        return found


def _hint(name: str, known: list[str]) -> str:
    # Without the prefix, which all have in common: or else every name would be close to every other.
    meant = difflib.get_close_matches(name.removeprefix(PREFIX), [each.removeprefix(PREFIX) for each in known], n=1)
    return f"did you mean {PREFIX}{meant[0]}?" if meant else "docs/settings.md lists them all."


def _need(name: str, *packages: str) -> None:
    """Those are there that an operator adds for a setting of which most have no need."""
    try:
        for package in packages:
            distribution(package)
    except PackageNotFoundError:
        raise WrongSetting(
            f"{PREFIX}{name} needs the Python packages {' and '.join(packages)}; install requirements-extras.txt."
        ) from None

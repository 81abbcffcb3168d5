class Refusal(Exception):  # noqa: N818 - refusals read as sentences: AddressTaken, not AddressTakenError
    """A domain says no for a reason its caller can word; nothing was changed."""


class TooBusy(Refusal):
    """Too much is going on at this moment; asked again a little later, the same would be taken."""

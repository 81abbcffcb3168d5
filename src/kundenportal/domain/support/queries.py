from .rules import COMRAMO, ServiceContact


def service_contact() -> ServiceContact:
    """The contact shown on every page and in every mail."""
    return COMRAMO

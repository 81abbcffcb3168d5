from dataclasses import dataclass


@dataclass(frozen=True)
class ServiceContact:
    """How customers reach the service desk; printed as it stands."""

    portal_name: str
    operator_name: str
    email: str
    telephone: str
    telephone_uri: str
    weekday_from: str
    weekday_until: str


# The shipped example: the first operator's facts, from its help page.
COMRAMO = ServiceContact(
    portal_name="Kundenportal COMRAMO",
    operator_name="COMRAMO",
    email="hr@comramo.de",
    telephone="+49 511 12401-769",
    telephone_uri="tel:+4951112401769",
    weekday_from="7:00",
    weekday_until="17:00",
)

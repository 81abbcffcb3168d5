"""The addresses that stand in mails: made from the portal's own, never from what a request says of itself."""

from django.conf import settings
from django.urls import reverse


def link_to(page: str, *arguments: str) -> str:
    """The full address of the page of that name."""
    return f"{settings.BASE_URL}{reverse(page, args=arguments)}"

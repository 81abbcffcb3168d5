"""What the conftests of domain, jobs and kill share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import django
import pytest

from .mail_server import MailServer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Tests may import models, and those that commit may empty the database behind them."""
    django.setup()
    from .emptying import let_tests_empty_the_database

    let_tests_empty_the_database()


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """A real mail server, which the portal hands its mail to."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "kundenportal.domain.mail.smtp.PipeliningBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_TIMEOUT = 10
        yield server

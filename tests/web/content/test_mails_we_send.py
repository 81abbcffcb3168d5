"""The page that lists the mails can leave none out."""

from __future__ import annotations

import pytest
from django.test import Client

from kundenportal.domain.mail.kinds import kind_names
from kundenportal.web.content.mails import MAILS_WE_SEND
from web.pages import Page

pytestmark = pytest.mark.django_db


def test_every_kind_of_mail_is_listed_and_no_other() -> None:
    assert set(MAILS_WE_SEND) == set(kind_names())


def test_everybody_can_read_it() -> None:
    page = Page(Client().get("/legal/e-mails/"))
    assert len(page.main.all("section")) == len(MAILS_WE_SEND)
    assert "http://" in page.main.text

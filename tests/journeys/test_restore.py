"""A portal is lost and comes back on another machine, from one file and a passphrase."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from .browsing import expect_home, expect_start_page, follow, sign_in
from .people import enter_with_initial_password, newcomer, nobody_yet, settle, with_letter
from .serving import free_port, new_portal, ready_portal
from .words import GERMAN

if TYPE_CHECKING:
    from .browsing import Browsing
    from .letters import Mailbox

pytestmark = pytest.mark.journey

LOGO = b"<svg xmlns='http://www.w3.org/2000/svg'/>"


def test_a_portal_comes_back_on_another_machine(mailbox: Mailbox, browsing: Browsing, tmp_path: Path) -> None:
    secret = {"BACKUP_PASSPHRASE": "a passphrase on a slip of paper"}
    with ready_portal(**secret, SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}") as lost:
        with lost.running("serve"):
            clerk = newcomer(lost, mailbox, GERMAN, role="desk")
            person = settle(browsing.open(lost, GERMAN), newcomer(lost, mailbox, GERMAN))
            holder = newcomer(lost, mailbox, GERMAN)
        waiting = nobody_yet(GERMAN)
        with lost.with_settings(SMTP_URL=f"smtp://127.0.0.1:{free_port()}").running("serve"):
            lost.issue_access(waiting.address, name=waiting.name, organisation=waiting.organisation)
            uploads = Path(lost.settings["DATA_DIR"], "uploads")
            uploads.mkdir()
            (uploads / "logo.svg").write_bytes(LOGO)
            page = browsing.open(lost, GERMAN)
            sign_in(page, GERMAN, person.address, person.password)
            cookies = page.context.cookies()
            lost.command("backup", str(tmp_path / "portal.backup"))

    with new_portal(**secret, SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}") as portal:
        said = portal.command("restore", str(tmp_path / "portal.backup"))
        assert "may have been sent since: 1." in said
        with portal.running("serve"):
            assert Path(portal.settings["DATA_DIR"], "uploads/logo.svg").read_bytes() == LOGO
            page = browsing.open(portal, GERMAN)
            page.context.add_cookies(
                [{"name": each["name"], "value": each["value"], "url": portal.url} for each in cookies]
            )
            page.goto("/")
            expect_start_page(page, GERMAN)
            sign_in(page, GERMAN, person.address, person.password)
            expect_home(page, GERMAN, person.name)

            # A letter from before the loss opens the door still: the keys came along.
            enter_with_initial_password(browsing.open(portal, GERMAN), holder)

            # What waited then goes out if somebody wants it to.
            page = browsing.open(portal, GERMAN)
            enter_with_initial_password(page, clerk)
            follow(page, GERMAN.desk)
            row = page.get_by_role("row").filter(has_text=waiting.address)
            expect(row).to_contain_text("auf einen früheren Stand gebracht")
            assert not mailbox.letters_to(waiting.address)
            row.get_by_role("link", name="Erneut senden").click()
            page.get_by_role("button", name="Erneut senden").first.click()
            enter_with_initial_password(browsing.open(portal, GERMAN), with_letter(waiting, mailbox))

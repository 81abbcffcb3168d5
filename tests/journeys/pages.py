"""Every page there is, and the way to it: a list for whoever wants to look at all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from . import desk_ways, ways
from .demonstration import (
    AWAITED,
    BEING_CHECKED,
    CUSTOMER,
    DECLINED,
    EXPIRED,
    NEWCOMER,
    NOBODY,
    SEVERAL,
    STAFF,
    SUSPENDED,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from playwright.sync_api import Page

    from .browsing import Browsing
    from .demonstration import Demonstration
    from .words import Words


@dataclass(frozen=True)
class Place:
    """A page: who sees it, and the way to it."""

    who: str
    way: Callable[[Page, Words, Demonstration], None]

    def open(self, demonstration: Demonstration, browsing: Browsing, words: Words, **options: Any) -> Page:
        """A window that shows the page."""
        page = demonstration.window(browsing, words, self.who, **options)
        self.way(page, words, demonstration)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        return page


PAGES = {
    "start": Place(NOBODY, ways.at("/")),
    "start-wrong-entry": Place(NOBODY, ways.wrong_entry),
    "start-empty-entry": Place(NOBODY, ways.empty_entry),
    "locked": Place(NOBODY, ways.locked),
    "lockout": Place(NOBODY, ways.lockout),
    "lockout-unknown": Place(NOBODY, ways.at("/sign-in/lockout/none/")),
    "password-forgotten": Place(NOBODY, ways.at("/password/forgotten/")),
    "password-forgotten-refused": Place(NOBODY, ways.link_refused),
    "reset-asked": Place(NOBODY, ways.link_asked_for),
    "reset-choose": Place(NOBODY, ways.link_opened),
    "reset-choose-weak": Place(NOBODY, ways.link_opened_weak_password),
    "reset-done": Place(NOBODY, ways.password_reset),
    "reset-link-used": Place(NOBODY, ways.link_used),
    "reset-link-incomplete": Place(NOBODY, ways.at("/password/choose/none/")),
    "reset-link-missing": Place(NOBODY, ways.at("/password/choose/")),
    "maintenance": Place(NOBODY, ways.at("/maintenance/")),
    "maintenance-signed-in": Place(CUSTOMER, ways.at("/maintenance/")),
    "during-maintenance": Place(NOBODY, ways.during_maintenance("/", "under_maintenance")),
    "during-maintenance-signed-in": Place(CUSTOMER, ways.during_maintenance("/profile/", "under_maintenance")),
    "during-maintenance-sign-in": Place(NOBODY, ways.during_maintenance("/sign-in/", "welcome_to_the_portal")),
    "during-maintenance-staff": Place(STAFF, ways.during_maintenance("/profile/", "profile")),
    "sign-in-help": Place(NOBODY, ways.at("/sign-in/help/")),
    "expired": Place(NOBODY, ways.expired(EXPIRED)),
    "expired-being-checked": Place(NOBODY, ways.expired(BEING_CHECKED)),
    "expired-declined": Place(NOBODY, ways.expired(DECLINED)),
    "expired-page-too-old": Place(NOBODY, ways.at("/sign-in/expired/none/")),
    "access-requested": Place(NOBODY, ways.access_requested),
    "suspended": Place(NOBODY, ways.suspended),
    "help-of-everybody": Place(NOBODY, ways.at("/help/")),
    "help-registration": Place(NOBODY, ways.at("/help/registration/")),
    "help-remark-refused": Place(NOBODY, ways.remark_refused),
    "help-helped": Place(NOBODY, ways.has_helped),
    "imprint": Place(NOBODY, ways.at("/legal/imprint/")),
    "privacy": Place(NOBODY, ways.at("/legal/privacy/")),
    "accessibility": Place(NOBODY, ways.at("/legal/accessibility/")),
    "mails-we-send": Place(NOBODY, ways.at("/legal/e-mails/")),
    "search-nothing-found": Place(NOBODY, ways.at("/search/?q=Regenbogenforelle")),
    "form-too-old": Place(NOBODY, ways.form_too_old),
    "not-found": Place(NOBODY, ways.at("/nothing/here/")),
    "bad-request": Place(NOBODY, ways.when_it_matters("errors.bad_request(request)")),
    "too-much": Place(NOBODY, ways.when_it_matters("errors.bad_request(request, RequestDataTooBig())")),
    "too-many-entries": Place(NOBODY, ways.when_it_matters("errors.too_many_entries(timedelta(seconds=1))")),
    "too-busy": Place(NOBODY, ways.when_it_matters("errors.too_busy()")),
    "fault": Place(NOBODY, ways.when_it_matters("fault(RuntimeError())")),
    "database-away": Place(NOBODY, ways.when_it_matters("fault(OperationalError())")),
    "portal-away": Place(
        NOBODY, ways.when_it_matters("errors.HttpResponse(noticeboard.page(queries.board(), now=clock.now()))")
    ),
    "contact": Place(NOBODY, ways.at("/contact/")),
    "contact-refused": Place(NOBODY, ways.contact_refused),
    "contact-taken": Place(NOBODY, ways.contact_taken),
    "mails": Place(NOBODY, ways.at("/demo/mail/")),
    "mail": Place(NOBODY, ways.mail),
    "first-sign-in": Place(NEWCOMER, ways.at("/sign-in/first/")),
    "first-sign-in-refused": Place(NEWCOMER, ways.first_sign_in_refused),
    "home-with-notice": Place(NEWCOMER, ways.at("/")),
    "home": Place(CUSTOMER, ways.at("/")),
    "home-of-several": Place(SEVERAL, ways.at("/")),
    "home-of-one-of-several": Place(SEVERAL, ways.home_of_one),
    "news": Place(CUSTOMER, ways.at("/news/")),
    "news-of-several": Place(SEVERAL, ways.at("/news/")),
    "article": Place(CUSTOMER, ways.at("/news/annahmeschluss-im-dezember/")),
    "help": Place(CUSTOMER, ways.at("/help/")),
    "downloads": Place(CUSTOMER, ways.at("/downloads/")),
    "search": Place(CUSTOMER, ways.at("/search/?q=Checkliste")),
    "search-before": Place(CUSTOMER, ways.at("/search/")),
    "profile": Place(CUSTOMER, ways.at("/profile/")),
    "profile-new-password": Place(CUSTOMER, ways.create_password),
    "profile-weak-password": Place(CUSTOMER, ways.weak_password),
    "profile-refused": Place(CUSTOMER, ways.profile_refused),
    "profile-updated": Place(CUSTOMER, ways.profile_updated),
    "sent-again": Place(CUSTOMER, ways.sent_again),
    "session-ends": Place(CUSTOMER, ways.waiting("session_ends", until_seconds_before_the_end=50)),
    "session-over": Place(CUSTOMER, ways.waiting("session_over", until_seconds_before_the_end=-10)),
    "forbidden": Place(CUSTOMER, ways.at("/desk/accounts/")),
    "not-found-signed-in": Place(CUSTOMER, ways.at("/nothing/here/")),
    "caller-code": Place(CUSTOMER, ways.at("/profile/caller-code/")),
    "own-data": Place(CUSTOMER, ways.at("/profile/my-data/")),
    "caller-code-shown": Place(CUSTOMER, ways.caller_code),
    "home-of-staff": Place(STAFF, ways.at("/")),
    "news-of-an-editor": Place(STAFF, ways.at("/news/")),
    "imprint-of-an-editor": Place(STAFF, ways.at("/legal/imprint/")),
    "help-remarks": Place(STAFF, ways.at("/help/remarks/")),
    "today": Place(STAFF, ways.at("/desk/")),
    "account": Place(STAFF, desk_ways.file(CUSTOMER)),
    "account-not-signed-in": Place(STAFF, desk_ways.file(NEWCOMER)),
    "account-suspended": Place(STAFF, desk_ways.file(SUSPENDED)),
    "account-own": Place(STAFF, desk_ways.file(STAFF)),
    "step-issue-again": Place(STAFF, desk_ways.file(AWAITED, "issue-again")),
    "step-correct-address": Place(STAFF, desk_ways.file(NEWCOMER, "correct-address")),
    "step-change-details": Place(STAFF, desk_ways.file(SEVERAL, "change-details")),
    "step-refused": Place(STAFF, desk_ways.step_refused),
    "step-suspend": Place(STAFF, desk_ways.file(CUSTOMER, "suspend")),
    "step-delete": Place(STAFF, desk_ways.file(CUSTOMER, "delete")),
    "step-own-data": Place(STAFF, desk_ways.file(CUSTOMER, "own-data")),
    "role": Place(STAFF, desk_ways.file(CUSTOMER, "role")),
    "check": Place(STAFF, desk_ways.check),
    "check-refused": Place(STAFF, desk_ways.check_refused),
    "desk-keys": Place(STAFF, ways.at("/desk/keys/")),
    "desk-keys-shown": Place(STAFF, desk_ways.keys_shown),
    "trail": Place(STAFF, ways.at("/desk/trail/")),
    "trail-refused": Place(STAFF, ways.at("/desk/trail/?account=nobody@example.org")),
    "accounts": Place(STAFF, ways.at("/desk/accounts/")),
    "accounts-none-found": Place(STAFF, ways.at("/desk/accounts/?q=nobody")),
    "accounts-alike": Place(STAFF, ways.at("/desk/accounts/?q=mustrland&sort=-name")),
    "issue-access": Place(STAFF, ways.at("/desk/accounts/issue/")),
    "issue-access-refused": Place(STAFF, desk_ways.issue_refused),
    "desk-mails": Place(STAFF, ways.at("/desk/mails/")),
    "desk-mails-came-back": Place(STAFF, desk_ways.mail_that_came_back),
    "desk-mails-none-found": Place(STAFF, ways.at("/desk/mails/?q=nobody")),
    "desk-inbox": Place(STAFF, ways.at("/desk/inbox/")),
    "desk-received-mail": Place(STAFF, desk_ways.received_mail),
    "desk-received-mail-set-aside": Place(STAFF, desk_ways.received_mail_set_aside),
    "desk-intakes": Place(STAFF, ways.at("/desk/intakes/")),
    "desk-intakes-done": Place(STAFF, ways.at("/desk/intakes/?state=done")),
    "desk-intake": Place(STAFF, desk_ways.intake),
    "desk-take-down": Place(STAFF, ways.at("/desk/intakes/new/")),
    "desk-take-down-refused": Place(STAFF, desk_ways.take_down_refused),
    "desk-maintenance": Place(STAFF, ways.at("/desk/maintenance/")),
    "desk-maintenance-over": Place(STAFF, ways.at("/desk/maintenance/?state=over")),
    "desk-maintenance-plan": Place(STAFF, ways.at("/desk/maintenance/plan/")),
    "desk-maintenance-previewed": Place(STAFF, desk_ways.maintenance_previewed),
    "desk-maintenance-refused": Place(STAFF, desk_ways.maintenance_refused),
    "desk-maintenance-window": Place(STAFF, desk_ways.first_in("/desk/maintenance/")),
    "faults": Place(STAFF, desk_ways.faults),
    "faults-none-found": Place(STAFF, ways.at("/desk/errors/?reference=AB-CDEF")),
    "settings": Place(STAFF, ways.at("/desk/settings/")),
    "settings-refused": Place(STAFF, desk_ways.settings_refused),
    "settings-preview": Place(STAFF, desk_ways.settings_preview),
    "imports": Place(STAFF, desk_ways.imports),
    "import-upload": Place(STAFF, ways.at("/desk/imports/new/")),
    "import-upload-refused": Place(STAFF, desk_ways.upload_refused),
    "import-columns": Place(STAFF, desk_ways.import_up_to("uploaded")),
    "import-columns-refused": Place(STAFF, desk_ways.columns_refused),
    "import-running": Place(STAFF, desk_ways.import_up_to("running")),
    "import-checked": Place(STAFF, desk_ways.import_up_to("checked")),
    "import-start-refused": Place(STAFF, desk_ways.start_refused),
    "import-finished": Place(STAFF, desk_ways.import_up_to("finished")),
}

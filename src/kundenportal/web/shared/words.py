"""What the portal calls what the domains know, for staff and for whom it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from kundenportal.domain.accounts.rules import ColourScheme, Kind, Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.rules.entitlement import CheckState

if TYPE_CHECKING:
    from datetime import timedelta

ROLES = {
    Role.CUSTOMER: gettext_lazy("Customer"),
    Role.INTAKE: gettext_lazy("Intake – takes requests down"),
    Role.DESK: gettext_lazy("Service desk"),
    Role.DESK_LEAD: gettext_lazy("Head of the service desk"),
    Role.EDITOR: gettext_lazy("Editor"),
    Role.ADMIN: gettext_lazy("Administration"),
}
COLOUR_SCHEMES = {
    ColourScheme.DEVICE: gettext_lazy("As the device"),
    ColourScheme.LIGHT: gettext_lazy("Light"),
    ColourScheme.DARK: gettext_lazy("Dark"),
    ColourScheme.HIGH_CONTRAST: gettext_lazy("High contrast"),
    ColourScheme.LEINE: gettext_lazy("Leine"),
    ColourScheme.HEIDE: gettext_lazy("Heide"),
    ColourScheme.NORDSEE: gettext_lazy("Nordsee"),
    ColourScheme.BERNSTEIN: gettext_lazy("Bernstein"),
}
KINDS = {Kind.PERSONAL: gettext_lazy("personal"), Kind.INSTITUTIONAL: gettext_lazy("institutional")}
CHECKS = {
    CheckState.OPEN: pgettext_lazy("entitlement check", "open"),
    CheckState.APPROVED: pgettext_lazy("entitlement check", "approved"),
    CheckState.DECLINED: pgettext_lazy("entitlement check", "declined"),
    CheckState.WITHDRAWN: pgettext_lazy("entitlement check", "withdrawn"),
}
EVENTS = {
    Event.ACCOUNT_OPENED: gettext_lazy("Account opened"),
    Event.ACCOUNT_CHANGED: gettext_lazy("Account changed by an import"),
    Event.IMPORT_UPLOADED: gettext_lazy("Table uploaded"),
    Event.IMPORT_STARTED: gettext_lazy("Import started"),
    Event.IMPORT_FINISHED: gettext_lazy("Import finished"),
    Event.IMPORT_CANCELLED: gettext_lazy("Import cancelled"),
    Event.SITE_SETTING_CHANGED: gettext_lazy("Portal settings changed"),
    Event.ACCOUNT_SUSPENDED: gettext_lazy("Account suspended"),
    Event.ACCOUNT_RESTORED: gettext_lazy("Account restored"),
    Event.ACCOUNT_TO_BE_DELETED: gettext_lazy("Account to be deleted"),
    Event.ACCOUNT_KEPT: gettext_lazy("Deletion taken back"),
    Event.ACCOUNT_DELETED: gettext_lazy("Account deleted for good"),
    Event.OWN_DATA_HANDED_OUT: gettext_lazy("Own data handed out"),
    Event.ACCOUNTS_EXPORTED: gettext_lazy("Accounts saved as a file"),
    Event.TRAIL_EXPORTED: gettext_lazy("Audit trail saved as a file"),
    Event.DETAILS_CHANGED: gettext_lazy("Details changed"),
    Event.ADDRESS_CORRECTED: gettext_lazy("E-mail address changed"),
    Event.ROLE_CHANGED: gettext_lazy("Role changed"),
    Event.SESSIONS_ENDED: gettext_lazy("Signed out everywhere"),
    Event.ACCESS_ISSUED: gettext_lazy("Access issued"),
    Event.ACCESS_LETTER_HANDED_OVER: gettext_lazy("Access letter handed over to the mail server"),
    Event.ACCESS_LETTER_FAILED: gettext_lazy("Access letter not delivered"),
    Event.ACCESS_LETTER_BOUNCED: gettext_lazy("Access letter came back"),
    Event.MAIL_DEFERRED: gettext_lazy("E-mail put off: it is tried again"),
    Event.MAIL_FAILED: gettext_lazy("E-mail not delivered"),
    Event.MAIL_BOUNCED: gettext_lazy("E-mail came back"),
    Event.MAIL_SENT_AGAIN: gettext_lazy("E-mail sent again"),
    Event.INTAKE_TAKEN_DOWN: gettext_lazy("Request taken down"),
    Event.INTAKE_SETTLED: gettext_lazy("Request settled"),
    Event.INTAKE_REOPENED: gettext_lazy("Request reopened"),
    Event.RECEIVED_MAIL_SEEN_TO: gettext_lazy("Received e-mail seen to"),
    Event.MAINTENANCE_PLANNED: gettext_lazy("Maintenance planned"),
    Event.MAINTENANCE_BEGUN: gettext_lazy("Maintenance begun at once"),
    Event.MAINTENANCE_MOVED: gettext_lazy("Maintenance moved"),
    Event.MAINTENANCE_ENDED: gettext_lazy("Maintenance ended"),
    Event.MAINTENANCE_CANCELLED: gettext_lazy("Maintenance cancelled"),
    Event.FIRST_SIGN_IN: gettext_lazy("Signed in for the first time"),
    Event.SIGNED_IN: gettext_lazy("Signed in"),
    Event.SIGN_IN_REFUSED: gettext_lazy("Sign-in refused"),
    Event.SIGNED_OUT: gettext_lazy("Signed out"),
    Event.LOCKOUT_BEGUN: gettext_lazy("Locked after five wrong entries"),
    Event.LOCKOUT_LIFTED: gettext_lazy("Lockout lifted"),
    Event.LOCKOUT_DISOWNED: gettext_lazy("The owner says: that was not me"),
    Event.BROWSER_KNOWN: gettext_lazy("A new browser is known"),
    Event.BROWSER_FORGOTTEN: gettext_lazy("Known browsers forgotten"),
    Event.PASSWORD_CHANGED: gettext_lazy("Own password chosen"),
    Event.PASSWORD_RESET: gettext_lazy("Password reset"),
    Event.CALLER_CODE_MADE: gettext_lazy("Code for the telephone shown in the portal"),
    Event.CALLER_CODE_ASKED_FOR: gettext_lazy("Code for the telephone sent by e-mail"),
    Event.CALLER_CODE_HANDED_OVER: gettext_lazy("Code for the telephone handed over to the mail server"),
    Event.CALLER_CODE_WRONG: gettext_lazy("Wrong code read out on the telephone"),
    Event.RESET_ASKED_FOR: gettext_lazy("Link for a forgotten password asked for"),
    Event.RESET_LINK_HANDED_OVER: gettext_lazy("Link for a forgotten password handed over to the mail server"),
    Event.ENTITLEMENT_CHECK_REQUESTED: gettext_lazy("New access requested"),
    Event.ENTITLEMENT_CHECK_QUESTION_ASKED: gettext_lazy("Asked back about the request"),
    Event.ENTITLEMENT_CHECK_FIRST_APPROVAL: gettext_lazy("Request approved by the first of two"),
    Event.ENTITLEMENT_CHECK_APPROVED: gettext_lazy("Request approved"),
    Event.ENTITLEMENT_CHECK_DECLINED: gettext_lazy("Request declined"),
    Event.ENTITLEMENT_CHECK_WITHDRAWN: gettext_lazy("Request withdrawn"),
    Event.REMINDER_HANDED_OVER: gettext_lazy("Reminder handed over to the mail server"),
    Event.PROFILE_UPDATED: gettext_lazy("Profile updated"),
    Event.BACKUP_MADE: gettext_lazy("Backup made"),
    Event.BACKUP_FAILED: gettext_lazy("Backup failed"),
    Event.BACKUP_RESTORED: gettext_lazy("Portal brought back to an earlier moment"),
}
DAYS_OF_A_YEAR = 365


def span_in_words(span: timedelta) -> str:
    """For how long something is kept: in years where it is whole ones, else in days."""
    years, days = divmod(span.days, DAYS_OF_A_YEAR)
    if years and not days:
        return ngettext("one year", "%(number)d years", years) % {"number": years}
    return ngettext("one day", "%(number)d days", span.days) % {"number": span.days}

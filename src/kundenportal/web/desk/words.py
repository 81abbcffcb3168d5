"""What the desk calls what the domains know."""

from __future__ import annotations

from django.utils.translation import gettext_lazy, pgettext_lazy

from kundenportal.domain.accounts.rules import Kind, Role
from kundenportal.domain.audit.events import Event
from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.entitlement import CheckState, Route
from kundenportal.domain.credentials.rules.identity import Means
from kundenportal.domain.credentials.rules.steps import Step
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.worklist.rules import Kind as Waiting

ROLES = {
    Role.CUSTOMER: gettext_lazy("Customer"),
    Role.INTAKE: gettext_lazy("Intake – takes requests down"),
    Role.DESK: gettext_lazy("Service desk"),
    Role.DESK_LEAD: gettext_lazy("Head of the service desk"),
    Role.EDITOR: gettext_lazy("Editor"),
    Role.ADMIN: gettext_lazy("Administration"),
}
KINDS = {Kind.PERSONAL: gettext_lazy("personal"), Kind.INSTITUTIONAL: gettext_lazy("institutional")}
STATES = {
    AccountState.ISSUED: gettext_lazy("issued"),
    AccountState.EXPIRED: gettext_lazy("expired"),
    AccountState.ACTIVE: gettext_lazy("active"),
    AccountState.SUSPENDED: gettext_lazy("suspended"),
}
LETTERS = {
    MailState.WAITING: gettext_lazy("waiting for the mail server"),
    MailState.SENDING: gettext_lazy("being sent"),
    MailState.HANDED_OVER: gettext_lazy("handed over"),
    MailState.BOUNCED: gettext_lazy("came back"),
    MailState.FAILED: gettext_lazy("not delivered"),
    MailState.NOT_NEEDED: gettext_lazy("not needed any more"),
}
MEANS = {
    Means.CALLER_CODE: gettext_lazy("The caller has read out the code"),
    Means.CALL_BACK: gettext_lazy("Called back on the number we know"),
    Means.IN_PERSON: gettext_lazy("Known to me in person"),
    Means.DOCUMENT: gettext_lazy("A document was shown"),
    Means.INITIAL_PASSWORD: gettext_lazy("Has entered the password we sent"),
}
ROUTES = {
    Route.PAGE: gettext_lazy("on the page for expired access"),
    Route.MAIL: gettext_lazy("by e-mail"),
    Route.TELEPHONE: gettext_lazy("by telephone"),
}
CHECKS = {
    CheckState.OPEN: pgettext_lazy("entitlement check", "open"),
    CheckState.APPROVED: pgettext_lazy("entitlement check", "approved"),
    CheckState.DECLINED: pgettext_lazy("entitlement check", "declined"),
    CheckState.WITHDRAWN: pgettext_lazy("entitlement check", "withdrawn"),
}
WAITING = {
    Waiting.CHECK: gettext_lazy("Requests for new access"),
    Waiting.LETTER: gettext_lazy("Letters not delivered"),
    Waiting.LOCKOUT: gettext_lazy("Locked accounts"),
    Waiting.EXPIRING: gettext_lazy("Ending this week"),
    Waiting.INTAKE: gettext_lazy("Intakes"),
}
WAITING_ONE = {
    Waiting.CHECK: gettext_lazy("Request for new access"),
    Waiting.LETTER: gettext_lazy("Letter not delivered"),
    Waiting.LOCKOUT: gettext_lazy("Account locked"),
    Waiting.EXPIRING: gettext_lazy("Initial password ends"),
    Waiting.INTAKE: gettext_lazy("Intake"),
}
STEPS = {
    Step.DECIDE: gettext_lazy("Decide the request"),
    Step.TAKE_DOWN_REQUEST: gettext_lazy("Note a request by telephone"),
    Step.CORRECT_ADDRESS: gettext_lazy("Correct the address"),
    Step.SEND_AGAIN: gettext_lazy("Send again"),
    Step.UNLOCK: gettext_lazy("Lift the lockout"),
    Step.ISSUE_AGAIN: gettext_lazy("Issue access again"),
    Step.RESTORE: gettext_lazy("Restore the account"),
    Step.END_SESSIONS: gettext_lazy("Sign out everywhere"),
    Step.SUSPEND: gettext_lazy("Suspend the account"),
}
EVENTS = {
    Event.ACCOUNT_OPENED: gettext_lazy("Account opened"),
    Event.ACCOUNT_CHANGED: gettext_lazy("Account changed by an import"),
    Event.IMPORT_UPLOADED: gettext_lazy("Table uploaded"),
    Event.IMPORT_STARTED: gettext_lazy("Import started"),
    Event.IMPORT_FINISHED: gettext_lazy("Import finished"),
    Event.IMPORT_CANCELLED: gettext_lazy("Import cancelled"),
    Event.ACCOUNT_SUSPENDED: gettext_lazy("Account suspended"),
    Event.ACCOUNT_RESTORED: gettext_lazy("Account restored"),
    Event.ADDRESS_CORRECTED: gettext_lazy("E-mail address changed"),
    Event.ROLE_CHANGED: gettext_lazy("Role changed"),
    Event.SESSIONS_ENDED: gettext_lazy("Signed out everywhere"),
    Event.ACCESS_ISSUED: gettext_lazy("Access issued"),
    Event.ACCESS_LETTER_HANDED_OVER: gettext_lazy("Access letter handed over to the mail server"),
    Event.ACCESS_LETTER_FAILED: gettext_lazy("Access letter not delivered"),
    Event.ACCESS_LETTER_BOUNCED: gettext_lazy("Access letter came back"),
    Event.MAIL_SENT_AGAIN: gettext_lazy("E-mail sent again"),
    Event.INTAKE_TAKEN_DOWN: gettext_lazy("Request taken down"),
    Event.INTAKE_SETTLED: gettext_lazy("Request settled"),
    Event.INTAKE_REOPENED: gettext_lazy("Request reopened"),
    Event.RECEIVED_MAIL_SEEN_TO: gettext_lazy("Received e-mail seen to"),
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
    Event.BACKUP_RESTORED: gettext_lazy("Portal restored from a backup"),
}

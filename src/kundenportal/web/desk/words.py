"""What the desk calls what the domains know."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from kundenportal.domain.credentials.rules.account_states import AccountState
from kundenportal.domain.credentials.rules.entitlement import Route
from kundenportal.domain.credentials.rules.identity import Means
from kundenportal.domain.credentials.rules.steps import Step
from kundenportal.domain.directory.rules import Condition
from kundenportal.domain.mail.rules import State as MailState
from kundenportal.domain.site.rules.holidays import State as GermanState
from kundenportal.domain.support.rules import Route as IntakeRoute
from kundenportal.domain.worklist.rules import Kind as Waiting

BEYOND_ROLE = gettext_lazy("This account is beyond what your role may change.")
# Of whoever has no account: the command line has none, and those who left have none any more.
NOBODY_KNOWN = gettext_lazy("command line, or an account since deleted")
CONDITIONS = {
    Condition.ISSUED: gettext_lazy("issued"),
    Condition.LETTER_ON_ITS_WAY: gettext_lazy("issued – letter on its way"),
    Condition.LETTER_LOST: gettext_lazy("issued – letter not delivered"),
    Condition.EXPIRED: gettext_lazy("expired"),
    Condition.ACTIVE: gettext_lazy("active"),
    Condition.LOCKED: gettext_lazy("locked"),
    Condition.SUSPENDED: gettext_lazy("suspended"),
}
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
    Means.MAILED_LINK: gettext_lazy("Has opened a link that we sent to the address on file"),
}
ROUTES = {
    Route.PAGE: gettext_lazy("on the page for expired access"),
    Route.LINK: gettext_lazy("by a link in a mail of ours"),
    Route.MAIL: gettext_lazy("by e-mail"),
    Route.TELEPHONE: gettext_lazy("by telephone"),
}
INTAKE_ROUTES = {
    IntakeRoute.MAIL: gettext_lazy("by e-mail"),
    IntakeRoute.PAGE: gettext_lazy("in the portal"),
    IntakeRoute.TELEPHONE: gettext_lazy("by telephone"),
}
WAITING = {
    Waiting.CHECK: gettext_lazy("Requests for new access"),
    Waiting.LETTER: gettext_lazy("Letters not delivered"),
    Waiting.LOCKOUT: gettext_lazy("Locked accounts"),
    Waiting.EXPIRING: gettext_lazy("Ending within 7 days"),
    Waiting.INTAKE: gettext_lazy("Intakes"),
    Waiting.SET_ASIDE: gettext_lazy("E-mails set aside"),
}
WAITING_ONE = {
    Waiting.CHECK: gettext_lazy("Request for new access"),
    Waiting.LETTER: gettext_lazy("Letter not delivered"),
    Waiting.LOCKOUT: gettext_lazy("Account locked"),
    Waiting.EXPIRING: gettext_lazy("Initial password ends"),
    Waiting.INTAKE: gettext_lazy("Intake"),
    Waiting.SET_ASIDE: gettext_lazy("E-mail set aside"),
}
STEPS = {
    Step.DECIDE: gettext_lazy("Decide the request"),
    Step.TAKE_DOWN_REQUEST: gettext_lazy("Note a request by telephone"),
    Step.CORRECT_ADDRESS: gettext_lazy("Correct the address"),
    Step.CHANGE_DETAILS: gettext_lazy("Change the details"),
    Step.SEND_LETTER: gettext_lazy("Send the letter"),
    Step.SEND_AGAIN: gettext_lazy("Send again"),
    Step.UNLOCK: gettext_lazy("Lift the lockout"),
    Step.ISSUE_AGAIN: gettext_lazy("Send new access data"),
    Step.RESTORE: gettext_lazy("Restore the account"),
    Step.END_SESSIONS: gettext_lazy("Sign out everywhere"),
    Step.SUSPEND: gettext_lazy("Suspend the account"),
    Step.DELETE: gettext_lazy("Delete the account"),
}
DETAILS = {
    "name": gettext_lazy("Name"),
    "kind": gettext_lazy("Kind of address"),
    "telephone": gettext_lazy("Telephone number"),
}
REASONS = {
    "initial-password-expired": gettext_lazy("the initial password had expired"),
    "account-suspended": gettext_lazy("the account was suspended"),
}
SETTINGS = {
    "portal_name": gettext_lazy("Name of the portal"),
    "operator_name": gettext_lazy("Operator"),
    "email": gettext_lazy("E-mail address of the service desk"),
    "telephone": gettext_lazy("Telephone number of the service desk"),
    "charges_de": gettext_lazy("Note on call charges, in German"),
    "charges_en": gettext_lazy("Note on call charges, in English"),
    "week": gettext_lazy("Service hours"),
    "state": gettext_lazy("Federal state"),
    "special_days": gettext_lazy("Days that differ"),
    "colour_light": gettext_lazy("Colour on light pages"),
    "colour_dark": gettext_lazy("Colour on dark pages"),
    "logo": gettext_lazy("Logo"),
}
STATES_OF_GERMANY = {
    GermanState.BW: gettext_lazy("Baden-Württemberg"),
    GermanState.BY: gettext_lazy("Bavaria"),
    GermanState.BE: gettext_lazy("Berlin"),
    GermanState.BB: gettext_lazy("Brandenburg"),
    GermanState.HB: gettext_lazy("Bremen"),
    GermanState.HH: gettext_lazy("Hamburg"),
    GermanState.HE: gettext_lazy("Hesse"),
    GermanState.MV: gettext_lazy("Mecklenburg-Western Pomerania"),
    GermanState.NI: gettext_lazy("Lower Saxony"),
    GermanState.NW: gettext_lazy("North Rhine-Westphalia"),
    GermanState.RP: gettext_lazy("Rhineland-Palatinate"),
    GermanState.SL: gettext_lazy("Saarland"),
    GermanState.SN: gettext_lazy("Saxony"),
    GermanState.ST: gettext_lazy("Saxony-Anhalt"),
    GermanState.SH: gettext_lazy("Schleswig-Holstein"),
    GermanState.TH: gettext_lazy("Thuringia"),
}

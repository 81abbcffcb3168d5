"""What stands on the screen, word for word."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The portal's words in one language."""

    language: str
    locale: str

    home_link: str
    address: str
    password: str
    sign_in: str
    forgotten: str
    sign_out: str
    signed_out: str
    entry_wrong: str
    address_malformed: str

    welcome: str
    welcome_to_the_portal: str
    good_day: str
    later: str
    save_password: str
    still_initial: str

    profile: str
    colour_scheme: str
    schemes: tuple[str, str, str, str, str, str, str, str]
    name: str
    create_password: str
    new_password: str
    current_password: str
    another_suggestion: str
    confirm_weak: str
    update_profile: str
    profile_updated: str
    password_updated: str
    strength: str
    strong: str
    weak: str
    impossible: str

    desk: str
    accounts: str
    issue_access: str
    organisation: str
    access_issued: str
    take_down: str
    emails: str
    address_taken: str
    imports: str
    upload_a_file: str
    upload: str
    check_file: str
    letters_on_a_date: str
    start_import: str

    letter_subject: str
    password_changed_subject: str
    expired: str
    request_new_access: str
    access_requested: str
    being_checked: str
    requested_subject: str
    confirmed_subject: str
    suspended: str

    send_link: str
    asked: str
    reset_subject: str
    locked: str
    locked_subject: str
    lockout: str
    not_me: str
    told_us: str
    choose_password: str
    reset_done: str
    link_used: str
    send_new_link: str

    skip: str
    send: str
    save: str
    look_first: str

    under_maintenance: str
    sign_in_for_staff: str
    try_again: str
    show_preview: str

    session_ends: str
    session_ends_for_good: str
    session_over: str
    stay: str
    back_to_the_page: str
    sign_in_in_a_new_tab: str


GERMAN = Words(
    language="de",
    locale="de-DE",
    home_link="Kundenportal COMRAMO",
    address="E-Mail-Adresse",
    password="Passwort",
    sign_in="Anmelden",
    forgotten="Passwort vergessen?",
    sign_out="Abmelden",
    signed_out="Sie haben sich abgemeldet.",
    entry_wrong="E-Mail-Adresse und Passwort passen nicht zusammen.",
    address_malformed="Das ist keine E-Mail-Adresse.",
    welcome="Willkommen, {name}",
    welcome_to_the_portal="Willkommen im Kundenportal",
    good_day="Guten Tag, {name}",
    later="Später",
    save_password="Passwort speichern",
    still_initial="Sie melden sich noch mit dem Passwort an, das wir Ihnen zugesandt haben.",
    profile="Profil",
    colour_scheme="Farbschema",
    schemes=("Wie das Gerät", "Hell", "Dunkel", "Hoher Kontrast", "Leine", "Heide", "Nordsee", "Bernstein"),
    name="Name",
    create_password="Neues Passwort erstellen",
    new_password="Neues Passwort",
    current_password="Ihr bisheriges Passwort",
    another_suggestion="Anderer Vorschlag",
    confirm_weak="Schwaches Passwort bestätigen",
    update_profile="Profil aktualisieren",
    profile_updated="Ihr Profil ist aktualisiert.",
    password_updated="Ihr Profil ist aktualisiert. Ab jetzt melden Sie sich mit Ihrem neuen Passwort an.",
    strength="Stärke des Passworts",
    strong="Stark",
    weak="Schwach",
    impossible="Nicht möglich",
    desk="Servicebereich",
    accounts="Zugänge",
    issue_access="Zugang einrichten",
    organisation="Einrichtung",
    access_issued="Der Zugang ist eingerichtet. Die Zugangsdaten gehen an {address}.",
    take_down="Aufnehmen",
    emails="E-Mails",
    address_taken="Für diese Adresse gibt es bereits einen Zugang.",
    imports="Import",
    upload_a_file="Datei hochladen",
    upload="Hochladen",
    check_file="Datei prüfen",
    letters_on_a_date="an einem bestimmten Tag, ab 8 Uhr morgens",
    start_import="Import starten",
    letter_subject="Ihr Zugang zum Kundenportal COMRAMO",
    password_changed_subject="Kundenportal COMRAMO: Ihr Passwort wurde geändert",
    expired="Das zugesandte Passwort ist abgelaufen",
    request_new_access="Neue Zugangsdaten anfordern",
    access_requested="Ihre Anfrage ist bei uns",
    being_checked="Wir prüfen Ihre Anfrage bereits",
    requested_subject="Kundenportal COMRAMO: Ihre Anfrage ist eingegangen",
    confirmed_subject="Ihre neuen Zugangsdaten für das Kundenportal COMRAMO",
    suspended="Ihr Zugang ist ausgesetzt",
    send_link="Link zusenden",
    asked="Bitte sehen Sie in Ihrem Postfach nach",
    reset_subject="Kundenportal COMRAMO: Ihr neues Passwort",
    locked="Die Anmeldung ist gesperrt",
    locked_subject="Kundenportal COMRAMO: Ihre Anmeldung ist gesperrt",
    lockout="Falsche Eingaben mit Ihrer Adresse",
    not_me="Das war ich nicht",
    told_us="Danke für Ihren Hinweis",
    choose_password="Ein neues Passwort wählen",
    reset_done="Ihr neues Passwort ist aktiv",
    link_used="Dieser Link ist schon benutzt",
    send_new_link="Neuen Link zusenden",
    skip="Zum Inhalt springen",
    under_maintenance="Wir arbeiten gerade am Kundenportal",
    sign_in_for_staff="Anmeldung für Mitarbeitende",
    try_again="Noch einmal versuchen",
    show_preview="Anzeigen, was Kundinnen und Kunden lesen",
    send="Senden",
    save="Speichern",
    look_first="Erst ansehen",
    session_ends="Möchten Sie angemeldet bleiben?",
    session_ends_for_good="Sie werden gleich abgemeldet",
    session_over="Sie sind nicht mehr angemeldet",
    stay="Angemeldet bleiben",
    back_to_the_page="Zurück zur Seite",
    sign_in_in_a_new_tab="In neuem Tab anmelden",
)

ENGLISH = Words(
    language="en",
    locale="en-GB",
    home_link="Kundenportal COMRAMO",
    address="E-mail address",
    password="Password",
    sign_in="Sign in",
    forgotten="Forgot your password?",
    sign_out="Sign out",
    signed_out="You have signed out.",
    entry_wrong="E-mail address and password do not match.",
    address_malformed="This is not an e-mail address.",
    welcome="Welcome, {name}",
    welcome_to_the_portal="Welcome to the customer portal",
    good_day="Hello, {name}",
    later="Later",
    save_password="Save password",
    still_initial="You still sign in with the password we sent you.",
    profile="Profile",
    colour_scheme="Colour scheme",
    schemes=("As the device", "Light", "Dark", "High contrast", "Leine", "Heide", "Nordsee", "Bernstein"),
    name="Name",
    create_password="Create new password",
    new_password="New password",
    current_password="Your current password",
    another_suggestion="Another suggestion",
    confirm_weak="Confirm weak password",
    update_profile="Update profile",
    profile_updated="Your profile has been updated.",
    password_updated="Your profile has been updated. From now on you sign in with your new password.",
    strength="Strength of the password",
    strong="Strong",
    weak="Weak",
    impossible="Not possible",
    desk="Service desk",
    accounts="Accounts",
    issue_access="Issue access",
    organisation="Organisation",
    access_issued="Access is issued. The letter goes to {address}.",
    take_down="Take down",
    emails="E-mails",
    address_taken="This address already has access.",
    imports="Import",
    upload_a_file="Upload a file",
    upload="Upload",
    check_file="Check the file",
    letters_on_a_date="on a date, from 8 o’clock in the morning",
    start_import="Start import",
    letter_subject="Your access to Kundenportal COMRAMO",
    password_changed_subject="Kundenportal COMRAMO: your password was changed",
    expired="The password we sent you has expired",
    request_new_access="Request new access",
    access_requested="We have your request",
    being_checked="We are already checking your request",
    requested_subject="Kundenportal COMRAMO: your request has arrived",
    confirmed_subject="Your new access to Kundenportal COMRAMO",
    suspended="Your access is suspended",
    send_link="Send the link",
    asked="Please look into your inbox",
    reset_subject="Kundenportal COMRAMO: your new password",
    locked="Signing in is locked",
    locked_subject="Kundenportal COMRAMO: signing in is locked",
    lockout="Wrong entries with your address",
    not_me="That was not me",
    told_us="Thank you for telling us",
    choose_password="Choose a new password",
    reset_done="Your new password is active",
    link_used="This link has been used",
    send_new_link="Send a new link",
    skip="Skip to the content",
    under_maintenance="We are working on the customer portal",
    sign_in_for_staff="Sign-in for staff",
    try_again="Try again",
    show_preview="Show what customers will read",
    send="Send",
    save="Save",
    look_first="Look at it first",
    session_ends="Do you want to stay signed in?",
    session_ends_for_good="You will be signed out soon",
    session_over="You are no longer signed in",
    stay="Stay signed in",
    back_to_the_page="Back to the page",
    sign_in_in_a_new_tab="Sign in in a new tab",
)

LANGUAGES = (GERMAN, ENGLISH)
SCHEMES = ("device", "light", "dark", "high-contrast", "leine", "heide", "nordsee", "bernstein")

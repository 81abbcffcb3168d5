"""Imprint, privacy, accessibility: what is true of the portal itself, and gaps for what only its operator knows."""

from .parts import Words, gap, heading, operator, retention, text

IMPRINT_DE = Words(
    title="Impressum",
    blocks=[
        text("<p>Angaben nach § 5 Digitale-Dienste-Gesetz (DDG)</p>"),
        heading("Anbieter"),
        operator("name"),
        gap("Vollständiger Name mit Rechtsform und ladungsfähige Anschrift des Anbieters"),
        heading("Kontakt"),
        operator("email", "telephone"),
        heading("Vertretung und Register"),
        gap("Vertretungsberechtigte Personen"),
        gap("Registergericht und Registernummer"),
        gap("Umsatzsteuer-Identifikationsnummer nach § 27a UStG, falls vorhanden"),
    ],
)
IMPRINT_EN = Words(
    title="Imprint",
    blocks=[
        text("<p>Information according to section 5 of the German Digital Services Act (DDG)</p>"),
        heading("Provider"),
        operator("name"),
        gap("Full name with legal form, and postal address of the provider"),
        heading("Contact"),
        operator("email", "telephone"),
        heading("Representation and register"),
        gap("Who represents the provider"),
        gap("Register court and register number"),
        gap("VAT identification number according to section 27a UStG, if there is one"),
    ],
)

PRIVACY_DE = Words(
    title="Datenschutz",
    blocks=[
        text(
            "<p>Hier steht, welche Daten das Kundenportal verarbeitet, wozu, und welche Rechte Sie haben. Es lädt nichts von "
            "anderen Servern, zählt keine Besuche und verwendet nur notwendige Cookies.</p>"
        ),
        heading("Verantwortlich"),
        operator("name", "email"),
        gap("Name und Anschrift des Verantwortlichen, Kontakt der oder des Datenschutzbeauftragten"),
        heading("Ihr Zugang"),
        text(
            "<p>Zu Ihrem Zugang speichern wir E-Mail-Adresse (und ob sie Ihnen persönlich oder Ihrer Einrichtung gehört), Name, "
            "Telefonnummer, Einrichtung, Rolle im Portal, Sprache und Farbschema, und wann Sie sich zum ersten Mal angemeldet "
            "haben. Ihr Passwort speichern wir nur als Prüfwert, aus dem es sich nicht zurückrechnen lässt.</p>"
        ),
        heading("Anmeldungen und Protokoll"),
        text(
            "<p>Damit niemand unbemerkt an Ihren Zugang kommt, halten wir fest, wann und von welcher Netzwerkadresse aus "
            "sich jemand anmeldet, ein Passwort ändert oder eine falsche Eingabe macht. Auch was unser Service an einem Zugang "
            "tut, wird protokolliert.</p>"
        ),
        retention("trail", "mails"),
        text(
            "<p>Dazu speichern wir, was der Browser über sich selbst mitteilt: solange jemand angemeldet ist, bis zur Nacht "
            "danach; zu einem Browser, den wir an Ihrem Zugang wiedererkennen, bis 180 Tage nach der letzten Anmeldung darin; zu "
            "einer Sperre nach fünf falschen Eingaben so lange wie die Angaben zu E-Mails, gerechnet von ihrer Aufhebung an.</p>"
        ),
        gap("Auf welcher Rechtsgrundlage protokolliert wird"),
        heading("Was Sie lesen und uns schreiben"),
        text(
            "<p>Das Portal merkt sich, welche Neuigkeiten Sie geöffnet haben, um Ihnen neue zu zeigen. Was Sie unter einer "
            "Hilfeseite anmerken und was Sie uns per E-Mail, Telefon oder über das Kontaktformular mitteilen, lesen die Menschen, "
            "die es angeht.</p>"
        ),
        retention("intakes"),
        text(
            "<p>Zeigt das Portal eine Fehlerseite, merkt es sich 30 Tage lang deren Nummer, die Seite und Ihren Zugang, "
            "damit wir Ihnen helfen können.</p>"
        ),
        heading("Cookies"),
        text(
            "<ul><li>session: hält Sie angemeldet; endet eine halbe Stunde nach der letzten Aktion, spätestens nach zwölf "
            "Stunden.</li><li>csrf: schützt Formulare vor fremden Seiten; ein Jahr.</li><li>language und colour-scheme: "
            "merken sich Sprache und Farben; ein Jahr.</li><li>browser: erkennt, dass Sie sich in diesem Browser schon "
            "angemeldet haben, damit Fremde Sie nicht aussperren können; 180 Tage.</li><li>reset: gilt, solange Sie nach "
            "„Passwort vergessen?“ ein neues Passwort wählen, höchstens eine Stunde.</li><li>intake: die Nummer des Anliegens, das "
            "Sie uns geschickt haben; eine Viertelstunde.</li><li>messages: trägt eine Meldung auf die nächste Seite.</li></ul>"
            "<p>Alle sind technisch notwendig (§ 25 Abs. 2 Nr. 2 TDDDG); eine Einwilligung ist deshalb nicht nötig.</p>"
        ),
        heading("Ihre Rechte"),
        text(
            "<p>Sie haben das Recht auf Auskunft, Berichtigung, Löschung, Einschränkung der Verarbeitung, "
            "Datenübertragbarkeit und Widerspruch, und Sie können sich bei einer Aufsichtsbehörde beschweren.</p>"
        ),
        gap("Zuständige Aufsichtsbehörde; welches Recht gilt (DSGVO, DSG-EKD oder KDG)"),
    ],
)
PRIVACY_EN = Words(
    title="Privacy",
    blocks=[
        text(
            "<p>Here you read which data the customer portal processes, what for, and what your rights are. It loads nothing "
            "from other servers, counts no visits and uses only necessary cookies.</p>"
        ),
        heading("Responsible"),
        operator("name", "email"),
        gap("Name and address of the controller, and contact of the data protection officer"),
        heading("Your access"),
        text(
            "<p>For your access we keep e-mail address (and whether it belongs to you or to your organisation), name, telephone "
            "number, organisation, role in the portal, language and colour scheme, and when you signed in for the first time. "
            "Your password is kept only as a check value from which it cannot be calculated.</p>"
        ),
        heading("Sign-ins and audit trail"),
        text(
            "<p>So that nobody gets at your access unnoticed, we record when and from which network address somebody signs in, "
            "changes a password or enters a wrong one. What our service desk does to an access is recorded, too.</p>"
        ),
        retention("trail", "mails"),
        text(
            "<p>We also keep what the browser says of itself: while somebody is signed in, until the night after; of a browser "
            "that we know again for your access, until 180 days after the last sign-in with it; of a lock after five wrong "
            "entries, as long as what is kept about e-mails, counted from when it was lifted.</p>"
        ),
        gap("On which legal basis the audit trail is kept"),
        heading("What you read and what you write to us"),
        text(
            "<p>The portal notes which news you have opened, in order to show you what is new. What you remark below a help "
            "page, and what you tell us by e-mail, by telephone or with the contact form, is read by those whom it concerns.</p>"
        ),
        retention("intakes"),
        text(
            "<p>When the portal shows an error page, it remembers its number, the page and your access for 30 days, so that "
            "we can help you.</p>"
        ),
        heading("Cookies"),
        text(
            "<ul><li>session: keeps you signed in; ends half an hour after the last action, and after twelve hours at the "
            "latest.</li><li>csrf: protects forms from other sites; one year.</li><li>language and colour-scheme: remember "
            "language and colours; one year.</li><li>browser: tells that you have signed in with this browser before, so that "
            "strangers cannot lock you out; 180 days.</li><li>reset: lasts while you choose a new password after “Forgot your "
            "password?”, an hour at most.</li><li>intake: the number of the request you have sent us; a quarter of an "
            "hour.</li><li>messages: carries a message to the next page.</li></ul>"
            "<p>All of them are technically necessary (section 25 (2) no. 2 TDDDG); no consent is needed.</p>"
        ),
        heading("Your rights"),
        text(
            "<p>You have the right of access, rectification, erasure, restriction of processing, data portability and "
            "objection, and you may complain to a supervisory authority.</p>"
        ),
        gap("The supervisory authority in charge; which law applies (GDPR, DSG-EKD or KDG)"),
    ],
)

ACCESSIBILITY_DE = Words(
    title="Erklärung zur Barrierefreiheit",
    blocks=[
        text(
            "<p>Diese Erklärung nach § 12b Behindertengleichstellungsgesetz (BGG) gilt für das Kundenportal. Es soll für alle "
            "benutzbar sein; Maßstab sind die BITV 2.0 und die WCAG 2.2, Stufe AA.</p>"
        ),
        heading("Wie barrierefrei ist das Portal?"),
        text(
            "<p>Die Seiten für Kundinnen und Kunden lassen sich mit der Tastatur, ohne JavaScript, bei 400 % Vergrößerung und "
            "mit eigenen Farben bedienen. Jede Seite wird bei jeder Änderung in beiden Sprachen, die deutsche in allen "
            "Farbschemata, selbsttätig geprüft (axe); bekannte Fehler gibt es dort nicht. Eine selbsttätige Prüfung findet nicht alles: Eine "
            "Prüfung durch eine unabhängige Stelle hat es noch nicht gegeben.</p>"
        ),
        heading("Was noch nicht barrierefrei ist"),
        text(
            "<ul><li>Dokumente unter „Downloads“, besonders ältere PDF-Dateien, sind nicht alle für Vorleseprogramme "
            "aufbereitet. Fragen Sie uns: Wir schicken Ihnen den Inhalt in einer Form, die Sie lesen können.</li>"
            "<li>Inhalte in Leichter Sprache und in Deutscher Gebärdensprache gibt es nicht. Wir erklären Ihnen gern alles am "
            "Telefon.</li><li>Der Bereich, in dem die Redaktion Seiten schreibt, ist ein Programm eines anderen Herstellers "
            "und wurde von uns nicht geprüft.</li></ul>"
        ),
        heading("Eine Barriere melden"),
        text(
            "<p>Stoßen Sie auf etwas, das Sie nicht bedienen oder nicht lesen können? Schreiben Sie uns oder rufen Sie an, und "
            "sagen Sie uns, um welche Seite es geht und was nicht klappt. Wir antworten und suchen gemeinsam einen Weg.</p>"
        ),
        operator("email", "telephone", "hours"),
        heading("Wenn Ihnen unsere Antwort nicht genügt"),
        text(
            "<p>Die Schlichtungsstelle nach § 16 BGG vermittelt bei Streit mit öffentlichen Stellen des Bundes; das Verfahren "
            'kostet nichts: <a href="https://www.schlichtungsstelle-bgg.de/">www.schlichtungsstelle-bgg.de</a>.</p>'
        ),
        gap("Zuständige Durchsetzungs- oder Schlichtungsstelle, falls eine andere (Land, Kirche)"),
        gap("Datum dieser Erklärung und der letzten Überprüfung"),
    ],
)
ACCESSIBILITY_EN = Words(
    title="Accessibility statement",
    blocks=[
        text(
            "<p>This statement according to section 12b of the German Act on Equal Opportunities for Persons with Disabilities "
            "(BGG) is about the customer portal. It is meant to be usable by everybody, by the measure of BITV 2.0 and WCAG "
            "2.2, level AA.</p>"
        ),
        heading("How accessible is the portal?"),
        text(
            "<p>The customers’ pages can be used by keyboard, without JavaScript, at 400 % zoom and with colours of your own. "
            "With every change every page is checked automatically in both languages, in German in all colour schemes (axe), and has no "
            "known fault there. An automatic check does not find everything: there has been no check by an independent body "
            "yet.</p>"
        ),
        heading("What is not accessible yet"),
        text(
            "<ul><li>Documents under “Downloads”, older PDF files above all, are not all prepared for screen readers. Ask us: we "
            "send you the content in a form that you can read.</li><li>There is no content in easy language or German sign "
            "language. We are glad to explain everything on the telephone.</li><li>The place where editors write pages is a "
            "program made by others, which we have not checked.</li></ul>"
        ),
        heading("Reporting a barrier"),
        text(
            "<p>Have you come across something that you cannot use or read? Write to us or call us, and tell us which page "
            "it is and what does not work. We answer, and look for a way together.</p>"
        ),
        operator("email", "telephone", "hours"),
        heading("If our answer does not satisfy you"),
        text(
            "<p>The arbitration service according to section 16 BGG mediates in disputes with public bodies of the Federation, "
            'free of charge: <a href="https://www.schlichtungsstelle-bgg.de/">www.schlichtungsstelle-bgg.de</a>.</p>'
        ),
        gap("The enforcement or arbitration body in charge, if it is another one (state, church)"),
        gap("Date of this statement and of its last review"),
    ],
)

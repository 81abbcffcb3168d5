"""Wichtiges zur Registrierung und Anmeldung: what people ask before they are signed in."""

from .parts import Words, operator, question, screenshot, text

GERMAN = Words(
    title="Wichtiges zur Registrierung und Anmeldung",
    summary="Wie Sie Ihren Zugang bekommen, ein eigenes Passwort wählen und was hilft, wenn die Anmeldung nicht klappt.",
    blocks=[
        question(
            "registrieren",
            "Wie registriere ich mich im Kundenportal?",
            text(
                "<p>Gar nicht: Das übernehmen wir für Sie. Als unsere Kundin oder unser Kunde bekommen Sie von uns eine "
                "E-Mail mit Ihren Zugangsdaten.</p>"
                "<p>Ihre Kennung ist die E-Mail-Adresse, an die wir geschrieben haben. Das kann Ihre persönliche sein "
                "oder die Ihrer Einrichtung. Das Passwort dazu erzeugt das Portal zufällig; bei uns kennt es niemand.</p>"
            ),
            screenshot(
                "access-letter",
                "E-Mail mit den Zugangsdaten: Adresse des Portals, E-Mail-Adresse, Passwort und der Tag, bis zu dem es gilt.",
            ),
            text(
                "<p>Öffnen Sie das Portal und geben Sie beides ein. Bindestriche und Leerzeichen im zugesandten Passwort "
                "dürfen Sie mit eingeben oder weglassen.</p>"
            ),
            screenshot("start", "Startseite mit den Feldern E-Mail-Adresse und Passwort und dem Knopf Anmelden."),
        ),
        question(
            "vier-wochen",
            "Was mache ich, wenn ich vergessen habe, mich anzumelden?",
            text(
                "<p>Das zugesandte Passwort gilt vier Wochen. Haben Sie sich in dieser Zeit einmal angemeldet, bleibt Ihr "
                "Zugang bestehen. Damit Sie es nicht vergessen, erinnern wir Sie vorher per E-Mail.</p>"
                "<p>Sind die vier Wochen vorbei, geben Sie das Passwort trotzdem ein. Es erscheint eine Seite, auf der Sie "
                "mit einem Klick neue Zugangsdaten anfordern.</p>"
            ),
            screenshot(
                "expired",
                "Seite nach Ablauf der vier Wochen: Das Passwort ist abgelaufen, ein Knopf fordert neue Zugangsdaten an.",
            ),
            text(
                "<p>Haben Sie die E-Mail nicht mehr, schreiben Sie uns von Ihrer eigenen Adresse. In beiden Fällen prüfen "
                "wir Ihre Berechtigung und senden Ihnen dann eine Bestätigung mit Kennung und neuem Passwort. Auch dieses "
                "gilt vier Wochen bis zur ersten Anmeldung.</p>"
            ),
        ),
        question(
            "eigenes-passwort",
            "Wie kann ich mir ein eigenes Passwort geben?",
            text(
                "<p>Bei der ersten Anmeldung fragen wir Sie gleich danach. Sie können den Schritt auch verschieben.</p>"
            ),
            screenshot(
                "first-sign-in", "Erste Anmeldung: Das Feld für das neue Passwort enthält bereits einen Vorschlag."
            ),
            text(
                "<p>Später finden Sie das im Menü unter „Profil“. Oben suchen Sie sich ein Farbschema für Ihr Portal aus, "
                "weiter unten steht der Knopf „Neues Passwort erstellen“.</p>"
            ),
            screenshot("profile", "Profil: oben die Auswahl des Farbschemas, darunter Name und Sprache."),
            text(
                "<ol><li>Klicken Sie auf „Neues Passwort erstellen“. Das Feld enthält ein zufällig erzeugtes, starkes "
                "Passwort. Übernehmen Sie es, oder löschen Sie es und tippen Sie Ihr eigenes.</li>"
                "<li>Während Sie tippen, zeigt das Portal, wie stark das Passwort ist und warum.</li>"
                "<li>Bitte nehmen Sie ein starkes. Bleiben Sie bei einem schwachen, setzen Sie den Haken „Schwaches "
                "Passwort bestätigen“. Allzu leicht zu erratende Passwörter nimmt das Portal nicht an.</li>"
                "<li>Klicken Sie auf „Profil aktualisieren“. Das neue Passwort gilt sofort, und wir bestätigen es per "
                "E-Mail.</li></ol>"
            ),
            screenshot("new-password", "Profil mit geöffnetem Passwortfeld, in dem ein starker Vorschlag steht."),
            screenshot(
                "weak-password", "Hinweis auf ein schwaches Passwort und der Haken „Schwaches Passwort bestätigen“."
            ),
            text(
                "<p>Ein Klick auf den Namen des Portals oben links führt Sie danach zur Startseite Ihres Portals.</p>"
            ),
        ),
        question(
            "hilfe",
            "Wer hilft mir, wenn der Login nicht funktioniert?",
            text(
                "<ul><li>Prüfen Sie E-Mail-Adresse und Passwort auf Tippfehler. Haben Sie mehrere E-Mails mit Zugangsdaten "
                "bekommen, gilt die neueste.</li>"
                "<li>Nach fünf falschen Passwörtern ist die Anmeldung gesperrt, damit niemand Passwörter durchprobieren "
                "kann. Klicken Sie auf der Startseite auf „Passwort vergessen?“: Mit dem Link in unserer E-Mail wählen Sie "
                "ein neues Passwort, und die Sperre ist aufgehoben.</li></ul>"
            ),
            screenshot("locked", "Seite, die sagt, dass die Anmeldung gesperrt ist, und wie man wieder hineinkommt."),
            text(
                "<ul><li>Vielleicht arbeiten wir gerade am Portal. Dann steht das auf der Seite, mit dem Zeitpunkt, zu dem "
                "es voraussichtlich weitergeht.</li>"
                "<li>Klappt es weiterhin nicht, schreiben Sie uns oder rufen Sie an. Außerhalb der Servicezeiten nehmen wir Ihr "
                "Anliegen auf und melden uns bei Ihnen.</li></ul>"
            ),
            operator("email", "telephone", "hours"),
        ),
    ],
)

ENGLISH = Words(
    title="Registration and signing in: what you need to know",
    summary="How you get your access, choose a password of your own, and what helps when signing in does not work.",
    blocks=[
        question(
            "registrieren",
            "How do I register with the customer portal?",
            text(
                "<p>You need not: we do it for you. As our customer you receive an e-mail from us with your access data.</p>"
                "<p>Your sign-in name is the e-mail address we have written to. It may be your own or that of your "
                "organisation. The portal makes the password at random; nobody here knows it.</p>"
            ),
            screenshot(
                "access-letter",
                "E-mail with the access data: the portal’s address, e-mail address, password and the day until which it lasts.",
            ),
            text(
                "<p>Open the portal and enter both. Hyphens and spaces in the password we sent may be typed or left out.</p>"
            ),
            screenshot("start", "Start page with the fields for e-mail address and password, and the button Sign in."),
        ),
        question(
            "vier-wochen",
            "What do I do if I have forgotten to sign in?",
            text(
                "<p>The password we sent lasts four weeks. Sign in once within that time and your access stays. So that you "
                "do not forget, we will remind you by e-mail before it expires.</p>"
                "<p>Once the four weeks are over, enter the password all the same. A page appears where one click requests "
                "new access data.</p>"
            ),
            screenshot(
                "expired", "Page after the four weeks: the password has expired, a button requests new access data."
            ),
            text(
                "<p>If you no longer have the e-mail, write to us from your own address. In both cases we check your "
                "entitlement and then send you a confirmation with your sign-in name and a new password. It, too, lasts four "
                "weeks until the first sign-in.</p>"
            ),
        ),
        question(
            "eigenes-passwort",
            "How do I choose a password of my own?",
            text("<p>When you sign in for the first time we ask you at once. You may put it off.</p>"),
            screenshot("first-sign-in", "First sign-in: the field for the new password holds a suggestion already."),
            text(
                "<p>Later you find it in the menu under “Profile”. At the top you choose a colour scheme for your portal; "
                "further down is the button “Create new password”.</p>"
            ),
            screenshot("profile", "Profile: the choice of colour scheme on top, name and language below."),
            text(
                "<ol><li>Press “Create new password”. The field holds a strong password made at random. Keep it, or delete "
                "it and type your own.</li>"
                "<li>While you type, the portal shows how strong the password is, and why.</li>"
                "<li>Please take a strong one. If you stay with a weak one, tick “Confirm weak password”. Passwords that "
                "are guessed all too easily are not accepted.</li>"
                "<li>Press “Update profile”. The new password counts at once, and we confirm it by e-mail.</li></ol>"
            ),
            screenshot("new-password", "Profile with the password field open and a strong suggestion in it."),
            screenshot("weak-password", "Notice of a weak password, and the tick “Confirm weak password”."),
            text("<p>The portal’s name at the top left then leads you to the home of your portal.</p>"),
        ),
        question(
            "hilfe",
            "Who helps me when signing in does not work?",
            text(
                "<ul><li>Check the e-mail address and the password for typing mistakes. If you have received several e-mails "
                "with access data, the newest counts.</li>"
                "<li>After five wrong passwords signing in is locked, so that nobody can try out passwords. Press “Forgot "
                "your password?” on the start page: with the link in our e-mail you choose a new password, and the lock is "
                "lifted.</li></ul>"
            ),
            screenshot("locked", "Page that says that signing in is locked, and how to get back in."),
            text(
                "<ul><li>Perhaps we are working on the portal. Then the page says so, and when it is expected to be "
                "back.</li>"
                "<li>If it still does not work, write to us or call us. Outside the service hours we take a note of your request "
                "and get back to you.</li></ul>"
            ),
            operator("email", "telephone", "hours"),
        ),
    ],
)

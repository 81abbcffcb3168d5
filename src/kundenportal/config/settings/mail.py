"""Where mail goes, to the operator's mail server or a folder in the demonstration, and where it comes in."""

from kundenportal.domain.mail.rules import SMTP_TIMEOUT

from .application import ENVIRONMENT

_server = ENVIRONMENT.mail_server

EMAIL_BACKEND = (
    "kundenportal.domain.mail.capture.CaptureBackend"
    if ENVIRONMENT.demonstration
    else "kundenportal.domain.mail.smtp.PipeliningBackend"
)
CAPTURED_MAIL = ENVIRONMENT.captured_mail
MAIL_SERVER_IS_SET = ENVIRONMENT.mail_server_is_set
MAIL_FROM = ENVIRONMENT.mail_from
RETURN_ADDRESS = ENVIRONMENT.return_address
MAILBOX = ENVIRONMENT.mailbox
EMAIL_HOST = _server.host
EMAIL_PORT = _server.port
EMAIL_HOST_USER = _server.user
EMAIL_HOST_PASSWORD = _server.password
EMAIL_USE_TLS = _server.security == "starttls"
EMAIL_USE_SSL = _server.security == "tls"
EMAIL_TIMEOUT = SMTP_TIMEOUT.total_seconds()

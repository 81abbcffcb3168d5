from factories.fixtures import mail_server, pytest_configure

__all__ = ["mail_server", "pytest_configure"]

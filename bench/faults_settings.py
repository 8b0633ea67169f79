"""The product's settings for faults: tables without migrations, a server that does not answer is given up soon."""

from typing import Any

from tracker.settings import *  # noqa: F403


class _NoMigrations:
    """Every app's tables are made as its models are now."""

    def __contains__(self, app: str) -> bool:
        return True

    def __getitem__(self, app: str) -> None:
        return None


MIGRATION_MODULES: Any = _NoMigrations()
EMAIL_TIMEOUT = 3
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", 1
EMAIL_HOST_USER = EMAIL_HOST_PASSWORD = ""
EMAIL_USE_TLS = EMAIL_USE_SSL = False
EMAIL_SSL_CERTFILE = EMAIL_SSL_KEYFILE = None

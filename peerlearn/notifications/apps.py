from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    name = "peerlearn.notifications"

    def ready(self) -> None:
        from peerlearn import celery  # noqa: F401  (shared tasks bind to this app)
        from peerlearn.notifications import checks  # noqa: F401

        autodiscover_modules("effects", "mails")

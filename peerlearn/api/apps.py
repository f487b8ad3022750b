from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "peerlearn.api"

    def ready(self) -> None:
        # What ends with somebody's access, and which scopes there are.
        from peerlearn.api import leaving, people_scopes  # noqa: F401

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "peerlearn.organizations"

    def ready(self) -> None:
        from peerlearn.organizations import checks  # noqa: F401

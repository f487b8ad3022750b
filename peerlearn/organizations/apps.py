from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "peerlearn.organizations"

    def ready(self) -> None:
        from peerlearn.organizations import checks  # noqa: F401
        from peerlearn.organizations.importing import people  # noqa: F401  (what can be imported)

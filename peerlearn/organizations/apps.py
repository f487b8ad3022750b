from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "peerlearn.organizations"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from peerlearn.organizations import checks, sign_ins  # noqa: F401
        from peerlearn.organizations.importing import people  # noqa: F401  (what can be imported)

        user_logged_in.connect(sign_ins.begin)

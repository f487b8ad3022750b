from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Labelled `learning_sessions` for ever: `sessions` is Django's own."""

    name = "sessions"
    label = "learning_sessions"

    def ready(self) -> None:
        from sessions import merging  # noqa: F401  (declares what moves with a merge)

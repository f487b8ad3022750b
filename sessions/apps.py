from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Labelled `learning_sessions` for ever: `sessions` is Django's own."""

    name = "sessions"
    label = "learning_sessions"

    def ready(self) -> None:
        # They declare what ends with somebody's access, what moves with a merge, and what tokens
        # may be for.
        from sessions import api_scopes, calendar_choices, leaving, merging  # noqa: F401

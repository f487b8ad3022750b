from django.apps import AppConfig


class SessionsConfig(AppConfig):
    """Labelled `learning_sessions` for ever: `sessions` is Django's own."""

    name = "sessions"
    label = "learning_sessions"

    def ready(self) -> None:
        # They declare what ends with somebody's access, what moves with a merge, what tokens may be
        # for, and more mails.
        from sessions import (  # noqa: F401
            api_scopes,
            calendar_choices,
            leaving,
            mails_handing,
            merging,
        )

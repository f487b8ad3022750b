from typing import Any

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "peerlearn.web"

    def __init__(self, *args: Any) -> None:
        from peerlearn.web.wording import speak_plainly

        super().__init__(*args)
        speak_plainly()  # apps are made before any of their modules is read

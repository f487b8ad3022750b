"""How people prove who they are: allauth, fitted to organizations."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from peerlearn.organizations.addresses import public_path


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up alone: one begins an organization or is added to one."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return public_path("organizations")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return public_path("organizations")

    def get_reset_password_from_key_url(self, key: str) -> str:
        return public_path("account_reset_password")

    def populate_username(self, request: HttpRequest, user: Any) -> None:
        """Users have an e-mail and no other name."""

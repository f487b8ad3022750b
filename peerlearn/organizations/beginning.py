"""Beginning an organization: it waits in the session until its founder has shown who they are."""

from __future__ import annotations

import hashlib
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest

from peerlearn.clock import now
from peerlearn.organizations import founding
from peerlearn.organizations.models import Organization, User

_WAITING = "beginning"  # in the session
_ONCE_FOR = 3600  # seconds


def remember(
    request: HttpRequest, *, email: str, organization: str, name: str, time_zone: str, once: str
) -> None:
    """Keep the organization to be founded until its founder has shown that the e-mail is theirs.

    `once` is random: however often the code is posted, one organization comes of it.
    """
    request.session[_WAITING] = {
        "email": email,
        "organization": organization,
        "name": name,
        "time_zone": time_zone,
        "once": once,
    }


def finish(request: HttpRequest, user: User) -> Organization | None:
    """Found the organization that waits for this user, if one does.

    When that fails it goes on waiting, and its mark is not used up.
    """
    waiting = request.session.get(_WAITING)
    if not waiting:
        return None
    organization = None
    if waiting["email"] == user.email:
        once = hashlib.sha256(waiting["once"].encode()).hexdigest()
        with transaction.atomic():
            if cache.add(f"beginning:{once}", True, _ONCE_FOR):
                organization = _found(waiting, user)
    del request.session[_WAITING]
    return organization


def _found(waiting: dict[str, Any], user: User) -> Organization:
    organization, _founder = founding.found(
        name=waiting["organization"],
        time_zone=waiting["time_zone"],
        founder_name=waiting["name"],
        founder_email=user.email,
        at=now(),
    )
    return organization


def send_code(request: HttpRequest, email: str) -> None:
    """The same mail to an e-mail that is known and one that is not."""
    user = User.objects.filter(email=email).first()
    if user is None:
        FounderCode.begin(request, email)
    else:
        LoginCodeVerificationProcess.initiate(
            request=request, user=user if user.is_active else None, email=email
        )


class FounderCode(LoginCodeVerificationProcess):
    """Shows that an e-mail is theirs who has no user yet. allauth would send no code."""

    @classmethod
    def begin(cls, request: HttpRequest, email: str) -> None:
        login = Login(email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=None, email=email), initiated_by_user=True)
        process = cls(stage)
        process.send()
        process.persist()

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        context = {"request": self.request, "code": self.generate_code()}
        get_adapter().send_mail("account/email/login_code", email, context)
        self.add_sent_message({"email": email, "recipient": email})


def prove(process: LoginCodeVerificationProcess) -> None:
    """The code was right: whoever had no user has one from now on."""
    if process.user is None:
        process._user = User.objects.for_email(process.state["email"])

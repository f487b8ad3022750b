"""Who acts, and whether they may: the employee's role and the token's scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission

if TYPE_CHECKING:
    from peerlearn.api.models import ApiToken
    from peerlearn.organizations.models import Employee


class Nobody(BasePermission):
    """The default: a view says for itself who may call it."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Token(BaseAuthentication):
    """The middleware has opened the scope by it; sessions count for nothing."""

    def authenticate(self, request: Any) -> tuple[Employee, ApiToken]:
        return request._request.employee, request._request.api_token


class MayCall(BasePermission):
    """The employee's role and the token's scope: both, never one for the other."""

    def has_permission(self, request: Any, view: Any) -> bool:
        if not any(request.user.has_role(role) for role in view.roles):
            raise PermissionDenied(_("The person whose token this is may not do that."))
        needed = view.needs.get("GET" if request.method == "HEAD" else request.method)
        if needed is not None and needed.name not in request.auth.scopes:
            words = _("This token lacks the scope %(scope)s.") % {"scope": needed.name}
            raise PermissionDenied(words)
        return True

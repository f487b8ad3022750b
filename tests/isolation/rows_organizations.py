"""Rows of the isolation matrix for peerlearn.organizations, allauth's routes included."""

from tests.isolation.matrix import Row

INSIDE: dict[str, Row] = {}

_LIBRARY = {"GET": {200, 302, 404, 429}, "POST": {200, 302, 403, 404, 405, 422, 429}}
_ANY = {method: {200, 302, 403, 404, 405, 422, 429} for method in ("PUT", "PATCH", "DELETE")}

PUBLIC: dict[str, Row] = {
    name: Row(_LIBRARY | _ANY)
    for name in (
        "account_login",
        "account_logout",
        "account_inactive",
        "account_signup",
        "account_reauthenticate",
        "account_email",
        "account_email_verification_sent",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_confirm_login_code",
        "account_request_login_code",
        "account_confirm_password_reset_code",
        "account_complete_password_reset",
        "account_password_reset_completed",
    )
}

"""Addresses of signing in and of beginning an organization."""

from django.urls import path

from peerlearn.organizations import views_factors, views_passkeys, views_proving
from peerlearn.organizations import views_identity as views

urlpatterns = [
    path("", views.front, name="front"),
    path("organizations/", views.organizations, name="organizations"),
    path("begin/", views.begin, name="begin"),
    path("language/", views.set_language, name="set_language"),
    path("demo/sign-in/", views.demo_sign_in, name="demo_sign_in"),
    # allauth asks for these names.
    path("account/login/", views.sign_in, name="account_login"),
    path("account/logout/", views.sign_out, name="account_logout"),
    path("account/signup/", views.sign_up, name="account_signup"),
    path("account/inactive/", views.inactive, name="account_inactive"),
    path("account/code/", views.request_code, name="account_request_login_code"),
    path("account/code/confirm/", views.confirm_code, name="account_confirm_login_code"),
    path("account/password/reset/", views.reset_password, name="account_reset_password"),
    path(
        "account/password/reset/confirm/",
        views.confirm_reset,
        name="account_confirm_password_reset_code",
    ),
    path(
        "account/password/reset/complete/",
        views.complete_reset,
        name="account_complete_password_reset",
    ),
    path("account/password/reset/done/", views.reset_done, name="account_password_reset_completed"),
    path("account/password/change/", views.change_password, name="account_change_password"),
    path("account/password/set/", views.set_password, name="account_set_password"),
    path("account/second/", views_proving.second_step, name="mfa_authenticate"),
    path("account/security/", views_factors.security, name="security"),
    path("account/security/sign-ins/end/", views_factors.sign_in_end, name="sign_in_end"),
    path("account/security/again/", views_proving.prove_again, name="prove_again"),
    path("account/security/app/", views_factors.app_add, name="app_add"),
    path("account/security/app/remove/", views_factors.app_remove, name="app_remove"),
    path("account/passkey/", views_passkeys.passkey_sign_in, name="passkey_sign_in"),
    path("account/passkey/ask/", views_passkeys.passkey_ask, name="passkey_ask"),
    path("account/security/passkeys/add/", views_passkeys.passkey_add, name="passkey_add"),
    path(
        "account/security/passkeys/<str:public_id>/",
        views_passkeys.passkey_edit,
        name="passkey_edit",
    ),
    path(
        "account/security/passkeys/<str:public_id>/remove/",
        views_passkeys.passkey_remove,
        name="passkey_remove",
    ),
    path("account/security/codes/", views_factors.recovery_codes, name="recovery_codes"),
]

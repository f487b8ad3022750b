"""Settings, all from the environment. docs/operations.md lists every variable.

Three ways to run: production (the default), `DEMO=1` (`manage.py demo`) and `TESTING=1`
(`manage.py test`). Production refuses to start half configured.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import drf_spectacular_sidecar
import environ
from django.core.exceptions import ImproperlyConfigured

from peerlearn.logs import logging_settings

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

DEMO: bool = env.bool("DEMO", default=False)
TESTING: bool = env.bool("TESTING", default=False)
PRODUCTION: bool = not (DEMO or TESTING)
DEBUG: bool = env.bool("DEBUG", default=False)
HOME: Path = Path(env.str("PEERLEARN_HOME", default=str(BASE_DIR / ".peerlearn"))).resolve()


def _wrong_hosts(hosts: list[str], public_address: str) -> list[str]:
    """Those that let in more than one's own: a leading dot lets in every name below it."""
    mine = "." + (urlsplit(public_address).hostname or "")
    parent = mine[mine.find(".", 1) :] if mine.count(".") > 2 else mine
    return [
        host
        for host in hosts
        if not re.fullmatch(r"\.?[\w-]+(\.[\w-]+)*|\[[0-9A-Fa-f:]+\]", host)
        or (host.startswith(".") and host not in (mine, parent))
    ]


# A mail carries codes to sign in. Without TLS anybody between here and the server reads them.
EMAIL: dict[str, Any] = env.email_url("EMAIL_URL", default="smtp+tls://localhost:587")
_EMAIL_IN_CLEAR = EMAIL["EMAIL_BACKEND"].endswith("smtp.EmailBackend") and not (
    EMAIL.get("EMAIL_USE_TLS") or EMAIL.get("EMAIL_USE_SSL")
)

if PRODUCTION:
    SECRET_KEY: str = env.str("SECRET_KEY", default="")
    PUBLIC_ADDRESS: str = env.str("PUBLIC_ADDRESS", default="").rstrip("/")
    ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
    _refusals = [
        (len(SECRET_KEY) < 50, "SECRET_KEY must be set, with at least 50 random characters"),
        (DEBUG, "DEBUG must not be set in production"),
        (
            not ALLOWED_HOSTS or bool(_wrong_hosts(ALLOWED_HOSTS, PUBLIC_ADDRESS)),
            "ALLOWED_HOSTS must name your hosts: not *, no scheme or port, a leading dot only "
            "before the host of PUBLIC_ADDRESS or the domain right above it",
        ),
        (
            not PUBLIC_ADDRESS.startswith("https://"),
            "PUBLIC_ADDRESS must be the https:// address that links in mails lead to",
        ),
        (not env.str("DATABASE_URL", default=""), "DATABASE_URL must name the serving role"),
        (not env.str("REDIS_URL", default=""), "REDIS_URL must be set"),
        (
            env.bool("BEHIND_PROXY", default=False)
            and not env.int("TRUSTED_PROXY_COUNT", default=0),
            "BEHIND_PROXY needs TRUSTED_PROXY_COUNT: all visitors would count as one network",
        ),
        (
            _EMAIL_IN_CLEAR and not env.bool("EMAIL_WITHOUT_TLS", default=False),
            "EMAIL_URL must be smtp+tls:// or smtp+ssl://, since mails carry codes to sign in; "
            "EMAIL_WITHOUT_TLS=1 lets a mail server on this machine do without",
        ),
    ]
    if _wrong := [text for refused, text in _refusals if refused]:
        raise ImproperlyConfigured(
            "peerlearn does not start: " + "; ".join(_wrong) + ". "
            "For a trial on this computer run: python3 manage.py demo"
        )
else:
    SECRET_KEY = env.str("SECRET_KEY", default="only-for-the-demo-and-for-tests-" + "0" * 32)
    PUBLIC_ADDRESS = env.str(
        "PUBLIC_ADDRESS", default=f"http://localhost:{env.int('PORT', default=8000)}"
    ).rstrip("/")
    ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
    # Everybody signs in as anybody here, with a secret that stands in the code: whoever can reach
    # it must sit at this computer. Servers of the database and the queue may be elsewhere.
    _public = [
        host
        for host in [urlsplit(PUBLIC_ADDRESS).hostname or "", *ALLOWED_HOSTS]
        if not re.fullmatch(r"localhost|127(\.\d{1,3}){3}|\[?::1\]?", host)
    ]
    if _public:
        raise ImproperlyConfigured(
            "peerlearn does not start: DEMO and TESTING switch off what protects an organization's "
            "data, so PUBLIC_ADDRESS and ALLOWED_HOSTS may name this computer alone (localhost, "
            f"127.0.0.1, [::1]), not {', '.join(_public)}. To serve others unset DEMO and TESTING."
        )
    if TESTING:
        ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]


# --- Databases -------------------------------------------------------------------------------
# DATABASE_URL is the role that serves: it owns nothing and cannot bypass row security.
# DATABASE_OWNER_URL is for migrations alone (AS_OWNER=1).
def _database(url: str, *, statement_timeout_ms: int) -> dict[str, Any]:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": f"-c statement_timeout={statement_timeout_ms} -c lock_timeout=2000 "
            # Compiling a plan costs seconds where running it takes milliseconds.
            "-c jit=off -c idle_in_transaction_session_timeout=10000",
        },
    }


_NOWHERE = "postgres://nobody@127.0.0.1:1/peerlearn"
AS_OWNER: bool = env.bool("AS_OWNER", default=False)
DATABASE_SERVING = _database(
    env.str("DATABASE_URL", default=_NOWHERE),
    statement_timeout_ms=env.int("STATEMENT_TIMEOUT_MS", default=5_000),
)
DATABASE_OWNER = _database(env.str("DATABASE_OWNER_URL", default=_NOWHERE), statement_timeout_ms=0)
SERVING_ROLE: str = DATABASE_SERVING["USER"]
DATABASES = {"default": DATABASE_OWNER if AS_OWNER else DATABASE_SERVING}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Marks that hold once live in Postgres, so that people can sign in while Redis is away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "peerlearn_cache",
        # Django keeps 300 entries and then drops a third, other people's throttles among them.
        "OPTIONS": {"MAX_ENTRIES": 200_000},
    }
}
REDIS_URL: str = env.str("REDIS_URL", default="redis://127.0.0.1:1/0")

# --- Applications ----------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "peerlearn.organizations",
    "peerlearn.api",
    "peerlearn.notifications",
    "peerlearn.web",
    "skills",
    "sessions.apps.SessionsConfig",
    "analytics",
]
if DEMO or TESTING:
    INSTALLED_APPS += ["demo"]

MIDDLEWARE = [
    "peerlearn.logs.RequestLogMiddleware",
    "peerlearn.web.headers.SecurityHeadersMiddleware",
    "peerlearn.web.input.PlainTextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "peerlearn.web.bodies.BodyMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "peerlearn.web.pages.HtmxRedirectMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "peerlearn.organizations.middleware.OrganizationMiddleware",
    "peerlearn.web.errors.ErrorPageMiddleware",
]
ROOT_URLCONF = "peerlearn.urls_public"
ORGANIZATION_URLCONF = "peerlearn.urls_organization"
WSGI_APPLICATION = "peerlearn.wsgi.application"
CSRF_FAILURE_VIEW = "peerlearn.web.errors.csrf_failure"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "peerlearn.web.theme.theme",
                "peerlearn.web.navigation.navigation",
                "peerlearn.notifications.context.unread",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "template_partials.templatetags.partials",
            ],
        },
    }
]

# --- Identity --------------------------------------------------------------------------------
AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "peerlearn.organizations.identity.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
# HR, not the user, gives the e-mail; a password is only chosen after a code that was sent there.
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
# What is tried in vain, and mails with codes, are counted in organizations/throttles.py, by one
# count for all ways in.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "login_failed": None,
    "request_login_code": None,
    "reset_password": None,
}
ACCOUNT_FORMS = {
    name: f"peerlearn.organizations.forms_identity.{form}"
    for name, form in {
        "login": "LoginForm",
        "request_login_code": "RequestLoginCodeForm",
        "confirm_login_code": "ConfirmLoginCodeForm",
        "reset_password": "ResetPasswordForm",
        "confirm_password_reset_code": "ConfirmPasswordResetCodeForm",
        "reset_password_from_key": "ResetPasswordKeyForm",
        "change_password": "ChangePasswordForm",
        "set_password": "SetPasswordForm",
    }.items()
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False

SESSION_ENGINE = "peerlearn.organizations.sign_ins"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser" if PRODUCTION else "known-browser"
KNOWN_BROWSER_COOKIE_AGE = 365 * 24 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    if env.bool("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- Headers ---------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

# --- Language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "en"
# Each in its own words. A language here has a catalogue in locale/.
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [
    BASE_DIR / "static",
    # The page that shows the API. Of the package only this part is served.
    (
        "swagger-ui",
        Path(drf_spectacular_sidecar.__file__).parent
        / "static/drf_spectacular_sidecar/swagger-ui-dist",
    ),
]
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(HOME / "media")))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = TESTING  # looks when asked; else every test's client looks at every file
# Of a whole request, unless its view says @takes_files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = ["peerlearn.web.bodies.NoFiles"]

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["peerlearn.api.permissions.Nobody"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "peerlearn.api.refusals.answer",
    "UNAUTHENTICATED_USER": None,
    "UNAUTHENTICATED_TOKEN": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "peerlearn",
    "VERSION": "1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "BookingState": "sessions.api_answers.STATES",
        "DayState": "sessions.choices.BlockState.choices",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "peerlearn.api.schema.with_what_always_holds",
    ],
}

# --- Mail ------------------------------------------------------------------------------------
MAILBOX = HOME / "mailbox"
if PRODUCTION or env.str("EMAIL_URL", default=""):
    vars().update(EMAIL)
elif TESTING:
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
else:
    EMAIL_BACKEND = "peerlearn.notifications.mailbox.MaildirBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="peerlearn <no-reply@peerlearn.example>")
# What one organization may send in a day to people who were never in; one of its people sends half.
INVITATIONS_A_DAY: int = env.int("INVITATIONS_A_DAY", default=1000)
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# --- Operations ------------------------------------------------------------------------------
LOGGING = logging_settings(as_json=PRODUCTION, level=env.str("LOG_LEVEL", default="INFO"))
METRICS_TOKEN: str = env.str("METRICS_TOKEN", default="")

TEST_RUNNER = "django.test.runner.DiscoverRunner"

"""The same database, driver and web server as the product; no apps, no middleware."""

from peerlearn.settings import *  # noqa: F403

INSTALLED_APPS: list[str] = []
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.bare"
WSGI_APPLICATION = "benchmarks.bare.application"

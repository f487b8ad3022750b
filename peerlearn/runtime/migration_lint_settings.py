"""The settings with django-migration-linter, which serves `manage.py lint` alone.

First migrations make tables that nobody uses yet; other people's migrations are not ours to change.
"""

from peerlearn import settings

globals().update({name: value for name, value in vars(settings).items() if name.isupper()})

INSTALLED_APPS = [*settings.INSTALLED_APPS, "django_migration_linter"]
MIGRATION_LINTER_OPTIONS = {
    "ignore_initial_migrations": True,
    "exclude_apps": [
        name.rpartition(".")[2]
        for name in settings.INSTALLED_APPS
        if name.startswith(("django", "allauth"))
    ],
}

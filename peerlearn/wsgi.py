"""The web process's entry: refuses to serve where organizations would not be kept apart."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peerlearn.settings")

from django.core.wsgi import get_wsgi_application

_django = get_wsgi_application()

from peerlearn.organizations.audit import refuse_unsafe_role  # noqa: E402
from peerlearn.organizations.public_holidays import countries  # noqa: E402
from peerlearn.web.input import without_charset  # noqa: E402

application = without_charset(_django)
refuse_unsafe_role()
countries()  # takes the library in here, so that no visitor waits for it

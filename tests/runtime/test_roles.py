"""The three roles on the real server of this run."""

import pytest
from django.db import connection

from peerlearn.runtime.roles import from_environment


@pytest.mark.django_db
def test_tests_run_as_the_serving_role():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (from_environment("DATABASE_URL").user,)

"""The test database itself."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection


@pytest.mark.django_db
@pytest.mark.parametrize("round_", range(4))
def test_rows_of_one_test_are_gone_in_the_next(round_):
    assert not ContentType.objects.filter(app_label="nobody").exists()
    ContentType.objects.create(app_label="nobody", model="nothing")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round_", range(2))
def test_transactional_tests_empty_the_tables_as_the_serving_role(round_):
    assert not ContentType.objects.filter(app_label="nobody").exists()
    ContentType.objects.create(app_label="nobody", model="nothing")
    assert connection.get_autocommit()

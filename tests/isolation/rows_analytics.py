"""Rows of the isolation matrix for analytics."""

from tests.isolation.matrix import Row

INSIDE: dict[str, Row] = {}
PUBLIC: dict[str, Row] = {}

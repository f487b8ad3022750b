"""Rows of the isolation matrix for skills."""

from tests.isolation.matrix import Row

INSIDE: dict[str, Row] = {}
PUBLIC: dict[str, Row] = {}

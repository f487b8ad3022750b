"""The faults of `make sabotage` can still be put in: each names code and a test that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.sabotage.faults import FAULTS, Fault

ROOT = Path(__file__).parents[2]


def test_there_are_enough_of_them() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_it_names_what_is_there(fault: Fault) -> None:
    text = (ROOT / fault.file).read_text()
    assert text.count(fault.old) == 1, f"{fault.file} does not hold this once: {fault.old}"
    assert fault.old != fault.new
    if fault.file.endswith(".py"):
        ast.parse(text.replace(fault.old, fault.new))
    file, _, name = fault.test.partition("::")
    functions = {
        node.name
        for node in ast.walk(ast.parse((ROOT / file).read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    assert name.partition("[")[0] in functions, f"{file} has no {name}"

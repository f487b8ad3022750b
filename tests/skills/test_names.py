"""Names are compared without case, marks and what people leave out."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.names import KEY_LENGTH, search_key, split_list


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Kubernetés  (K8S)", "kubernetes k8s"),
        ("C++", "c++"),
        ("C#", "c#"),
        (".NET", ".net"),
        ("=1+1", "=1+1"),
        ("Straße", "strasse"),
        ("Øving på Łódź", "oving pa lodz"),
        ("CI/CD", "ci cd"),
        ("()", "()"),
        ("🦾 Robot arm", "🦾 robot arm"),
        ("データ分析", "データ分析"),
        ("प्रोग्रामिंग", "प्रोग्रामिंग"),
        ("\u0000", ""),
        (" \t\n", ""),
    ],
)
def test_examples(name: str, key: str) -> None:
    assert search_key(name) == key


@given(st.text())
def test_a_key_is_its_own_key(name: str) -> None:
    key = search_key(name)
    assert search_key(key) == key
    assert len(key) <= KEY_LENGTH
    assert key == key.strip()
    assert "\x00" not in key


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_case_and_spaces_do_not_matter(name: str) -> None:
    assert search_key(name) == search_key(name.upper()) == search_key(f"  {name} ")


@given(st.text())
def test_composed_and_decomposed_are_the_same(name: str) -> None:
    composed, apart = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert search_key(composed) == search_key(apart)


@given(st.lists(st.text()))
def test_a_list_holds_each_name_once(names: list[str]) -> None:
    found = split_list("\n".join(names))
    keys = [search_key(name) for name in found]
    assert len(keys) == len(set(keys))
    assert all(keys)

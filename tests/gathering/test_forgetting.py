"""Where somebody stands in the gathering, who asked to be forgotten."""

from __future__ import annotations

import pytest

from ptgbot.gathering import FEATURE
from ptgbot.gathering.document import from_document
from ptgbot.testing import person
from tests.gathering.sample import document

TREE = from_document(document(subscriptions={"foo{1}": "nova", "mira": "nova"})).tree


@pytest.mark.parametrize("account", [None, "Mira-Account"])
def test_a_person_stands_in_four_places(account: str | None) -> None:
    found = FEATURE.forget(TREE, {}, person("Mira", account))
    moderators = [("ptgbot", "moderators", "mira-account")] if account else []
    assert list(found.places) == [
        ("last_check_in", "mira"),
        ("subscriptions", "mira"),
        ("ptgbot", "told_pattern", "mira"),
        *moderators,
    ]
    assert list(found.chronicle) == []


def test_another_spelling_of_a_name_is_found() -> None:
    found = FEATURE.forget(TREE, {}, person("Foo[1]"))
    assert sorted(found.places) == [
        ("last_check_in", "foo[1]"),
        ("ptgbot", "told_pattern", "foo[1]"),
        ("ptgbot", "told_pattern", "foo{1}"),
        ("subscriptions", "foo[1]"),
        ("subscriptions", "foo{1}"),
    ]

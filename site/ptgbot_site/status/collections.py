"""The collections of pages: a page for each month of each record, and one for each person."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from ptgbot_site.build.registry import Collection
from ptgbot_site.build.state import State
from ptgbot_site.status.look import month_name
from ptgbot_site.status.names import FOLDERS, PERSON, months, person_slugs


def _months(record: str, state: State) -> Mapping[str, str]:
    return {month: month_name(month) for month in months(state, record)}


def _month(record: str, slug: str) -> str:
    return f".. ptg:entries:: {record} {slug}\n   :title:\n"


def _people(state: State) -> Mapping[str, str]:
    known = set(state.keys(PERSON))
    return {slug: name for name, slug in person_slugs(state).items() if f"{PERSON}:{name}" in known}


def _person(slug: str) -> str:
    return f".. ptg:person:: {slug}\n"


def _of(record: str) -> Collection:
    return Collection(FOLDERS[record], partial(_months, record), partial(_month, record))


COLLECTIONS = (*map(_of, FOLDERS), Collection("people-thanked", _people, _person))

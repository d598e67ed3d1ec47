"""What the site shows of a gathering, for tests that begin with its state or its document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ptgbot.feature import load_features
from ptgbot.gathering.document import from_document
from ptgbot.gathering.settings import GatheringSettings
from ptgbot.gathering.shape import decode
from ptgbot.projection import COMMANDS, PLACES, SITE, Projection, Shown, command_slice
from ptgbot.router import Router
from ptgbot.site_facts import site_extensions
from ptgbot.store.edits import Json, Tree

EXTENSIONS = site_extensions(load_features())
"""The Sphinx extensions of the features that are switched on."""


def projected(tree: Tree, at: datetime, derived: Tree | None = None, **settings: float | str) -> Shown:
    """Return what the site shows of the gathering's part of the state; ``settings`` are those of the gathering."""
    chosen = {"gathering": GatheringSettings(**settings)}  # type: ignore[arg-type]
    features = load_features()
    facts: Mapping[str, Json] = {
        PLACES: [],
        SITE: {"url": "", "title": "", "logo": None, "menu": []},
        COMMANDS: command_slice(Router(features, chosen).commands),
    }
    state: Tree = {**{feature.name: feature.empty() for feature in features}, "gathering": tree}
    return Projection(features, chosen, facts).update(state, derived or {}, at)


def slices_of(raw: bytes, at: datetime) -> dict[str, Json]:
    """Return the slices of a ``ptg.json`` document without any history."""
    return dict(projected(from_document(decode(raw)).tree, at).slices)


def short(shown: Mapping[str, Json]) -> dict[str, Json]:
    """Return the gathering's slices by their names in it."""
    return {name.removeprefix("gathering."): value for name, value in shown.items()}


def full(slices: Mapping[str, Json]) -> dict[str, Json]:
    """Return slices by their full names; a name without a feature is one of the gathering's."""
    return {name if "." in name else f"gathering.{name}": value for name, value in slices.items()}


def showing(slices: Mapping[str, Json], files: Mapping[str, bytes], at: datetime) -> Shown:
    """Return what the site shows, made of slices by hand."""
    named = full(slices)
    event = named.get("gathering.event")
    zone = str(event["timezone"]) if isinstance(event, dict) else "UTC"
    return Shown(at, zone, named, dict.fromkeys(named, "2026-11-23T07:00:00+00:00"), files)

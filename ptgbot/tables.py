"""Turns tables of TOML into frozen objects. Every error names the file, the line and the key."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import attrs
import cattrs
from attrs import frozen
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError
from cattrs.gen import make_dict_structure_fn, override

from ptgbot.chat.limits import OutOfLimits

T = TypeVar("T")


class ConfigError(Exception):
    """The configuration cannot be used. The message names the key, its line, and what to write instead."""


@frozen
class Reader:
    """Turns tables into objects. It knows the lines of keys in the file."""

    base: Path
    name: str
    text: str

    def read(self, cls: type[T], table: object, where: str) -> T:
        """Return a table as an object of an attrs class, with absolute paths.

        Raises:
            ConfigError: a key is unknown or has an invalid value.
        """
        if not isinstance(table, Mapping):
            raise ConfigError(f"{self.name}: {where} must be a table.")
        try:
            return self._absolute(self._converter().structure(table, cls))
        except (ClassValidationError, IterableValidationError) as error:
            raise next(self._problems(error, cls, where)) from None

    def _absolute(self, made: T) -> T:
        """Make default paths relative to the configuration, too."""
        found: Any = made
        paths = {
            a.alias: self.base / value
            for a in attrs.fields(type(found))
            if a.init and isinstance(value := getattr(found, a.name), Path)
        }
        changed: T = attrs.evolve(found, **paths)
        return changed

    def _path(self, written: str) -> Path:
        """Return the absolute path of a file that is named in a table.

        A bare name means systemd's credential of this name, if the process has one (``LoadCredential=``, described in
        systemd.exec(5)); else it is relative to the folder of the configuration.
        """
        credentials = os.environ.get("CREDENTIALS_DIRECTORY")
        if credentials and "/" not in written and (secret := Path(credentials, written)).is_file():
            return secret
        return self.base / Path(written).expanduser()

    def unknown(self, key: str, where: str, known: Sequence[str]) -> ConfigError:
        """Return the error about an unknown key, with the most similar known key."""
        near = difflib.get_close_matches(key, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else f" There are {', '.join(sorted(set(known)))}."
        return ConfigError(f"{self._place(key, where)}: unknown key {where + '.' if where else ''}{key}.{hint}")

    def no_room(self, room: str, known: Sequence[str], where: str) -> ConfigError:
        """Return the error about an unknown room in the list ``rooms`` of a table."""
        near = difflib.get_close_matches(room, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        return self.error("rooms", where, f"no network has {room}.{hint}")

    def no_network(self, network: str, known: Sequence[str], where: str) -> ConfigError:
        """Return the error about an unknown network, before a room in the list ``rooms`` of a table."""
        near = difflib.get_close_matches(network, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else f" There are {', '.join(known) or 'none'}."
        return self.error("rooms", where, f"there is no network {network}.{hint}")

    def no_feature(self, feature: str, key: str, where: str, known: Sequence[str]) -> ConfigError:
        """Return the error about the name of a feature that is not enabled, with the most similar enabled one."""
        near = difflib.get_close_matches(feature, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else f" There are {', '.join(sorted(known)) or 'none'}."
        return self.error(key, where, f"there is no feature {feature}.{hint}")

    def error(self, key: str, where: str, sentence: str) -> ConfigError:
        """Return the error that says a sentence about a key of a table."""
        return ConfigError(f"{self._place(key, where)}: {where}.{key}: {sentence}")

    def _place(self, key: str, where: str) -> str:
        """Return the file's name, with the line of a key if it can be found in the text."""
        lines = self.text.splitlines()
        header = self._start(lines, f"{where}.{key}") if where else None
        if header is not None:
            return f"{self.name}, line {header + 1}"
        start = self._start(lines, where)
        if start is None and "." in where:
            table, _, inner = where.rpartition(".")
            return self._place(inner, table)
        wanted = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=\].]")
        first = start or 0
        found = next((n for n, line in enumerate(lines[first:], first + 1) if wanted.match(line)), None)
        return f"{self.name}, line {found}" if found else self.name

    def _start(self, lines: Sequence[str], where: str) -> int | None:
        """Return the index of the line with the header of a table, None if it has none."""
        if not where:
            return None
        names = r"\s*\.\s*".join(rf"[\"']?{re.escape(name)}[\"']?" for name in where.split(".", 1))
        header = re.compile(rf"\s*\[+\s*{names}\s*(\.[^\]]*)?\]+")
        return next((n for n, line in enumerate(lines) if header.match(line)), None)

    def _problems(self, error: BaseException, cls: Any, where: str) -> Iterator[ConfigError]:
        if isinstance(error, ForbiddenExtraKeysError):
            known = [key_of(a) for a in attrs.fields(error.cl)]
            for key in sorted(error.extra_fields):
                yield self.unknown(key, where, known)
        elif isinstance(error, ClassValidationError | IterableValidationError):
            for inner in error.exceptions:
                key = next(
                    (str(getattr(n, "name", "")) for n in getattr(inner, "__notes__", ()) if hasattr(n, "name")),
                    "",
                )
                sentence = _sentence(inner)
                if isinstance(inner, OutOfLimits):
                    key, sentence = inner.key, f"it {inner.sentence}"
                nested = isinstance(inner, ClassValidationError | IterableValidationError)
                if nested or isinstance(inner, ForbiddenExtraKeysError):
                    yield from self._problems(inner, cls, f"{where}.{key}" if key else where)
                else:
                    yield ConfigError(f"{self._place(key, where)}: {where}{'.' + key if key else ''}: {sentence}.")
        else:
            yield ConfigError(f"{self.name}: {where}: {_sentence(error)}.")

    def _converter(self) -> cattrs.Converter:
        converter = cattrs.Converter(forbid_extra_keys=True)
        for kind in (str, int, float, bool):
            converter.register_structure_hook(kind, _strict(kind))
        converter.register_structure_hook(Path, lambda value, _: self._path(_strict(str)(value, str)))
        converter.register_structure_hook_factory(_is_tuple, lambda cls: _listed(converter, cls))
        converter.register_structure_hook_factory(_has_other_keys, lambda cls: _renamed(converter, cls))
        converter.register_structure_hook_func(_is_literal, _choice)
        converter.register_structure_hook_func(_is_union, lambda value, cls: _union(converter, value, cls))
        return converter


def key_of(attribute: attrs.Attribute[Any]) -> str:
    """Return the key of an attribute in a table.

    An attribute whose name would be a word of Python ends in an underscore (PEP 8), which the key does not have.
    """
    return (attribute.alias or attribute.name).rstrip("_")


def _has_other_keys(cls: Any) -> bool:
    return attrs.has(cls) and any(one.name.endswith("_") for one in attrs.fields(cls))


def _renamed(converter: cattrs.Converter, cls: Any) -> Any:
    names: Any = {one.name: override(rename=key_of(one)) for one in attrs.fields(cls) if one.name.endswith("_")}
    return make_dict_structure_fn(cls, converter, _cattrs_forbid_extra_keys=True, **names)


_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}


def _strict(kind: type[Any]) -> Any:
    def structure(value: Any, _: object) -> Any:
        fits = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if not fits:
            raise ValueError(f"expected {_NAMES[kind]}, found {value!r}")
        return value

    return structure


def _is_union(cls: object) -> bool:
    return get_origin(cls) in (Union, UnionType)


def _is_literal(cls: object) -> bool:
    return get_origin(cls) is Literal


def _choice(value: Any, cls: Any) -> Any:
    """Accept only the values of a Literal; the error names them and the most similar one."""
    choices = [repr(choice) for choice in get_args(cls)]
    if repr(value) in choices:
        return value
    near = difflib.get_close_matches(repr(value), choices, 1, 0.5)
    hint = f"; the nearest is {near[0]}" if near else ""
    raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}, found {value!r}{hint}")


def _is_tuple(cls: object) -> bool:
    return get_origin(cls) is tuple


def _listed(converter: cattrs.Converter, cls: Any) -> Any:
    """Accept only a list, because a text would count as a list of letters."""
    member = get_args(cls)[0]

    def structure(value: Any, _: object) -> Any:
        if not isinstance(value, list):
            raise ValueError(f"expected a list, found {value!r}")
        return tuple(converter.structure(one, member) for one in value)

    return structure


def _union(converter: cattrs.Converter, value: Any, cls: Any) -> Any:
    """Choose the class for a table, a plain type for any other value."""
    members = [member for member in get_args(cls) if member is not type(None)]
    if value is None:
        return None
    tables = [member for member in members if attrs.has(member)]
    plain = [member for member in members if not attrs.has(member)]
    chosen = tables if isinstance(value, Mapping) and tables else plain or tables
    return converter.structure(value, chosen[0])


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyError):
        return f"{error.args[0]} is missing"
    text = str(error).rstrip(".")
    if isinstance(error, TypeError) and "missing" in text:
        return f"a key is missing: {text.split(':')[-1].strip()}"
    return text

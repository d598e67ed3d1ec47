"""One validated configuration: TOML in, frozen objects out, every error with its key and line."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin
from urllib.parse import urlsplit

import attrs
import cattrs
from attrs import field, frozen
from cattrs.errors import ClassValidationError, ForbiddenExtraKeysError, IterableValidationError

from ptgbot.chat.adapter import AdapterKind
from ptgbot.chat.limits import OutOfLimits, above
from ptgbot.feature import Missing, known_features, load_features

T = TypeVar("T")

_MENU = re.compile(r"[a-z][a-z-]*(/index)?|[^<>]+ <https?://[^\s<>]+>")
"""An entry of the menu: a page, or a title with an address."""


class ConfigError(Exception):
    """The configuration can't be used; the message names the key, its line, and what to write instead."""


def _http(_instance: object, _attribute: object, value: str) -> None:
    if value and urlsplit(value).scheme not in ("http", "https"):
        raise ValueError("it must begin with https:// or http://")


_PICTURES = (".svg", ".png", ".webp")
_LARGEST_PICTURE = 100_000


def _picture(_instance: object, _attribute: object, value: Path | None) -> None:
    # Its size is looked at when it is read: here paths are not yet relative to the file.
    if value and value.suffix.lower() not in _PICTURES:
        raise ValueError(f"it must be one of {', '.join(_PICTURES)}")
    if value and value.is_absolute() and (not value.is_file() or value.stat().st_size > _LARGEST_PICTURE):
        raise ValueError(f"{value.name} is not there, or has more than {_LARGEST_PICTURE:_} bytes")


def _folder(_instance: object, _attribute: object, value: Path | None) -> None:
    if value and value.is_absolute() and not value.is_dir():
        raise ValueError(f"{value.name} is no folder")


def _menu(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    for entry in value:
        if not _MENU.fullmatch(entry):
            raise ValueError(f"{entry!r} is neither a page nor a link such as “Plan <https://example.org/plan>”")


def _listen(_instance: object, _attribute: object, value: str) -> None:
    host, _, port = value.rpartition(":")
    if value and not (host and port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError("it must be an address and a port, such as 127.0.0.1:8000")


@frozen
class StateConfig:
    """The ``[state]`` table."""

    path: Path = field(
        default=Path("ptg.json"),
        metadata={"help": "The exported state; journal and lock lie beside it, named after it."},
    )
    rotate_bytes: int = field(
        default=4_000_000,
        validator=above(0),
        metadata={"help": "Bytes of journal from which on a new one is begun; the old one stays for log and undo."},
    )


@frozen
class SiteConfig:
    """The ``[site]`` table."""

    output: Path = field(
        default=Path("html"),
        metadata={
            "help": "Folder of the finished site. It is a link into ``html.d`` beside it and must be absent or ours."
        },
    )
    listen: str = field(
        default="",
        validator=_listen,
        metadata={"help": "Address and port of the built-in web server; without it the files are only written."},
    )
    url: str = field(
        default="",
        validator=_http,
        metadata={"help": "Public address of the site: for links in answers and feeds, and the code on screens."},
    )
    title: str = field(default="", metadata={"help": "What stands above every page; else the name that the state has."})
    logo: Path | None = field(
        default=None,
        validator=_picture,
        metadata={"help": "A picture (SVG, PNG, WebP, at most 100 kB) that stands beside the title."},
    )
    menu: tuple[str, ...] = field(
        default=(),
        validator=_menu,
        metadata={
            "help": "What stands in the menu, in this order: names of pages, such as ``schedule``, and links of your "
            "own, such as ``Floor plan <https://example.org/plan>``. Every page when left out."
        },
    )
    templates: Path | None = field(
        default=None,
        validator=_folder,
        metadata={"help": "A folder of Jinja2 templates that win over ours, such as ``layout.html``."},
    )
    after_build: str = field(
        default="",
        metadata={
            "help": "A command that is run after each switch, in the folder above ``output``, one at a time; changes "
            "that come meanwhile are folded into one more run. No shell: write ``sh -c '…'`` for one."
        },
    )
    after_build_timeout: float = field(
        default=300.0,
        validator=above(0),
        metadata={"help": "Seconds after which that command is ended."},
    )
    build_timeout: float = field(
        default=60.0,
        validator=above(0),
        metadata={
            "help": "Seconds after which a build that gives no answer is ended and begun anew; the first build of a "
            "large gathering is given more."
        },
    )


@frozen
class FetchConfig:
    """The ``[fetch]`` table: what ``~fetchdb`` may load."""

    allow: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Hosts that are trusted although their address is loopback, private or link-local."},
    )
    public: bool = field(default=True, metadata={"help": "Whether any public address may be loaded from."})
    max_bytes: int = field(default=5_000_000, validator=above(0), metadata={"help": "Bytes of a document at most."})
    timeout: float = field(
        default=20.0,
        validator=above(0),
        metadata={"help": "Seconds for the whole fetch, redirects included."},
    )
    max_redirects: int = field(default=3, metadata={"help": "Redirects that are followed at most."})


@frozen
class OperatorsConfig:
    """The ``[operators]`` table: who looks after the bot."""

    rooms: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Rooms in which the bot says what somebody has to look after: a part that is red in ``/healthz``, "
            "and when it works again; a ``ptg.json`` that was edited while the bot runs; a channel that does not let "
            "it in. Names as in the tables of the networks; give such a room ``features = []``."
        },
    )


@frozen
class FeaturesConfig:
    """The ``[features]`` table: what the bot is there for."""

    off: tuple[str, ...] = field(
        default=(), metadata={"help": "Names of installed features that are switched off: no commands, no pages."}
    )


@frozen
class Config:
    """Everything an operator chose. ``adapters`` holds each table with its kind and whether it is the first of it."""

    state: StateConfig = StateConfig()
    site: SiteConfig | None = None
    fetch: FetchConfig = FetchConfig()
    operators: OperatorsConfig = OperatorsConfig()
    features: Mapping[str, Any] = field(factory=dict)
    """The configuration of each feature that is switched on, by its name."""
    off: tuple[str, ...] = ()
    """Names of features that are switched off."""
    adapters: Sequence[tuple[AdapterKind, Any, bool]] = ()

    @property
    def site_url(self) -> str:
        """Public address of the site, ending in a slash; empty without one."""
        return self.site.url.rstrip("/") + "/" if self.site and self.site.url else ""


TABLES: Mapping[str, type[Any]] = {
    "state": StateConfig,
    "site": SiteConfig,
    "fetch": FetchConfig,
    "operators": OperatorsConfig,
    "features": FeaturesConfig,
}


def load(path: Path) -> Config:
    """Read a TOML file. Raises ConfigError."""
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}.") from error
    return from_tables(raw, path.resolve().parent, f"{path}", text)


def from_tables(raw: Mapping[str, Any], base: Path, name: str = "configuration", text: str = "") -> Config:
    """Return the configuration that parsed TOML tells of; relative paths are relative to ``base``."""
    reader = _Reader(base, name, text)
    switches = reader.read(FeaturesConfig, raw.get("features", {}), "features")
    for name_of_feature in switches.off:
        if name_of_feature not in known_features():
            raise reader.no_feature(name_of_feature, "off", "features", list(known_features()))
    try:
        features = {feature.name: feature.settings for feature in load_features(raw, switches.off)}
    except Missing as error:
        raise ConfigError(f"{name}: {error}") from error
    kinds = _kinds_used(raw)
    known = [*TABLES, *known_features(), *kinds]
    for key in raw:
        if key not in known:
            raise reader.unknown(key, "", [*known, *(e.name for e in entry_points(group="ptgbot.adapters"))])
    adapters = tuple(_adapters(reader, raw, kinds))
    for kind, config, _ in adapters:
        for named in kind.features(config):
            if named not in features:
                raise reader.no_feature(named, "features", kind_of(kinds, kind), list(features))
    operators = reader.read(OperatorsConfig, raw.get("operators", {}), "operators")
    rooms = [room for kind, config, _ in adapters for room in kind.rooms(config)]
    for wanted in operators.rooms:
        if wanted.lower() not in map(str.lower, rooms):
            raise reader.no_room(wanted, rooms)
    return Config(
        state=reader.read(StateConfig, raw.get("state", {}), "state"),
        site=reader.read(SiteConfig, raw["site"], "site") if "site" in raw else None,
        fetch=reader.read(FetchConfig, raw.get("fetch", {}), "fetch"),
        operators=operators,
        features={n: reader.read(cls, raw.get(n, {}), n) for n, cls in features.items()},
        off=switches.off,
        adapters=adapters,
    )


def _kinds_used(raw: Mapping[str, Any]) -> dict[str, AdapterKind]:
    """Load only the adapters that a table names: another's library may be missing or broken."""
    return {e.name: e.load() for e in entry_points(group="ptgbot.adapters") if e.name in raw}


def kind_of(kinds: Mapping[str, AdapterKind], wanted: AdapterKind) -> str:
    """Return the name of the table that a kind of adapter has."""
    return next(name for name, kind in kinds.items() if kind is wanted)


def _adapters(
    reader: _Reader, raw: Mapping[str, Any], kinds: Mapping[str, AdapterKind]
) -> Iterator[tuple[AdapterKind, Any, bool]]:
    names: set[str] = set()
    for kind_name, kind in kinds.items():
        tables = raw[kind_name]
        if not isinstance(tables, list):
            raise ConfigError(f"{reader.name}: write [[{kind_name}]], with two brackets: there may be several.")
        for index, table in enumerate(tables):
            config = reader.read(kind.config, table, kind_name)
            problems = list(kind.check(config))
            if config.name in names:
                problems.append(f"there are two adapters named {config.name}; give one another `name`")
            if problems:
                raise ConfigError(f"{reader.name}: [[{kind_name}]]: {'; '.join(problems)}")
            names.add(config.name)
            yield kind, config, index == 0


@frozen
class _Reader:
    """Turns tables into objects; knows where in the file a key stands."""

    base: Path
    name: str
    text: str

    def read(self, cls: type[T], table: object, where: str) -> T:
        if not isinstance(table, Mapping):
            raise ConfigError(f"{self.name}: {where} must be a table.")
        try:
            return self._absolute(self._converter().structure(table, cls))
        except (ClassValidationError, IterableValidationError) as error:
            raise next(self._problems(error, cls, where)) from None

    def _absolute(self, made: T) -> T:
        """Make default paths relative to the configuration as well."""
        found: Any = made
        paths = {
            a.alias: self.base / value
            for a in attrs.fields(type(found))
            if a.init and isinstance(value := getattr(found, a.name), Path)
        }
        changed: T = attrs.evolve(found, **paths)
        return changed

    def unknown(self, key: str, where: str, known: Sequence[str]) -> ConfigError:
        near = difflib.get_close_matches(key, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else f" There are {', '.join(sorted(set(known)))}."
        return ConfigError(f"{self._place(key, where)}: unknown key {where + '.' if where else ''}{key}.{hint}")

    def no_room(self, room: str, known: Sequence[str]) -> ConfigError:
        near = difflib.get_close_matches(room, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else ""
        return ConfigError(f"{self._place('rooms', 'operators')}: operators.rooms: no network has {room}.{hint}")

    def no_feature(self, feature: str, key: str, where: str, known: Sequence[str]) -> ConfigError:
        near = difflib.get_close_matches(feature, known, 1, 0.5)
        hint = f" Did you mean {near[0]}?" if near else f" There are {', '.join(sorted(known)) or 'none'}."
        return ConfigError(f"{self._place(key, where)}: {where}.{key}: there is no feature {feature}.{hint}")

    def _place(self, key: str, where: str) -> str:
        """Return the file's name with the line where a key stands, as far as that can be told from the text."""
        lines = self.text.splitlines()
        header = re.compile(rf"\s*\[+\s*{re.escape(where)}(\.[^\]]*)?\s*\]+")
        start = next((n for n, line in enumerate(lines) if header.match(line)), 0) if where else 0
        wanted = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=\].]")
        found = next((n for n, line in enumerate(lines[start:], start + 1) if wanted.match(line)), None)
        return f"{self.name}, line {found}" if found else self.name

    def _problems(self, error: BaseException, cls: Any, where: str) -> Iterator[ConfigError]:
        if isinstance(error, ForbiddenExtraKeysError):
            known = [a.alias for a in attrs.fields(error.cl)]
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
        converter.register_structure_hook(
            Path, lambda value, _: self.base / Path(_strict(str)(value, str)).expanduser()
        )
        converter.register_structure_hook_factory(_is_tuple, lambda cls: _listed(converter, cls))
        converter.register_structure_hook_func(_is_literal, _choice)
        converter.register_structure_hook_func(_is_union, lambda value, cls: _union(converter, value, cls))
        return converter


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
    """Take one of the values of a Literal; else name them, the nearest as well."""
    choices = [repr(choice) for choice in get_args(cls)]
    if repr(value) in choices:
        return value
    near = difflib.get_close_matches(repr(value), choices, 1, 0.5)
    hint = f"; the nearest is {near[0]}" if near else ""
    raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}, found {value!r}{hint}")


def _is_tuple(cls: object) -> bool:
    return get_origin(cls) is tuple


def _listed(converter: cattrs.Converter, cls: Any) -> Any:
    """Take a list only: a text would pass for a list of letters."""
    member = get_args(cls)[0]

    def structure(value: Any, _: object) -> Any:
        if not isinstance(value, list):
            raise ValueError(f"expected a list, found {value!r}")
        return tuple(converter.structure(one, member) for one in value)

    return structure


def _union(converter: cattrs.Converter, value: Any, cls: Any) -> Any:
    """Choose the class for a table, a plain type for anything else."""
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

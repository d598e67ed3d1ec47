"""The validated configuration: TOML in, frozen objects out, every error with its key and line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import field, frozen

from ptgbot.chat.adapter import AdapterKind
from ptgbot.chat.groups import ALL, Group, Groups
from ptgbot.chat.limits import OutOfLimits, above, one_of
from ptgbot.feature import AnyFeature, Missing, known_features, load_features
from ptgbot.groups import GroupConfig, every_room, read_groups
from ptgbot.serving import MOST_FROM_ONE, MOST_STREAMS, is_address, is_proxy
from ptgbot.tables import ConfigError, Reader

_MENU = re.compile(r"[a-z][a-z-]*(/index)?|[^<>]+ <https?://[^\s<>]+>")
"""An entry of the menu: a page, or a title with an address."""


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
    if value and not is_address(value):
        raise ValueError("it must be an address and a port, such as 127.0.0.1:8000, or unix:/run/ptgbot/web.sock")


def _proxies(_instance: object, _attribute: object, value: tuple[str, ...]) -> None:
    for entry in value:
        if not is_proxy(entry):
            raise ValueError(f"{entry!r} is neither an address nor a network nor “unix”")


_SHORTEST_TOKEN = 16


def _token_problem(file: Path) -> str:
    """Return what is wrong with the file that holds the token of the operators; empty if nothing is."""
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return f"it names {file.name}, which can't be read."
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        return f"it names {file.name}, which must hold at least {_SHORTEST_TOKEN} ASCII characters without a space."
    return ""


def languages() -> list[str]:
    """Return the possible languages of the site: English, and those with a catalogue."""
    spec = find_spec("ptgbot_site")
    assert spec is not None
    assert spec.origin is not None
    catalogues = Path(spec.origin).parent.glob("locale/*/LC_MESSAGES/ptgbot_site.mo")
    return sorted({"en", *(path.parts[-3] for path in catalogues)})


def _language(_instance: object, attribute: attrs.Attribute[str], value: str) -> None:
    *known, last = languages()
    if value not in (*known, last):
        raise OutOfLimits(attribute.name, f"must be {', '.join(known)} or {last}, not {value!r}")


@frozen
class StateConfig:
    """The ``[state]`` table."""

    path: Path = field(
        default=Path("ptg.json"),
        metadata={
            "help": "The exported state. Journal, documents and lock are beside it, with names made from its name."
        },
    )
    rotate_bytes: int = field(
        default=4_000_000,
        validator=above(0),
        metadata={"help": "Size in bytes from which a new journal is begun; the old one stays for log and undo."},
    )


@frozen
class SiteConfig:
    """The ``[site]`` table."""

    output: Path = field(
        default=Path("html"),
        metadata={
            "help": "Path of the finished site: a link, with a folder ``….d`` beside it. Both must be absent or ours."
        },
    )
    listen: str = field(
        default="",
        validator=_listen,
        metadata={
            "help": "Address and port of the built-in web server, or ``unix:`` and the path of a Unix socket. Without "
            "it the site is only written."
        },
    )
    processes: int = field(
        default=1,
        validator=above(0),
        metadata={
            "help": "Number of processes that answer readers. They run beside the bot, so that no crowd of readers "
            "slows the chat; one is enough for thousands of open pages."
        },
    )
    streams: int = field(
        default=MOST_STREAMS,
        validator=above(0),
        metadata={"help": "Most open pages that each process tells of changes at once. Pages beyond that poll."},
    )
    streams_per_address: int = field(
        default=MOST_FROM_ONE,
        validator=above(0),
        metadata={
            "help": "Most of these for one address (IPv6: for one network of 64 bits). Connections from this machine "
            "are not counted, because there a proxy speaks for everybody; see ``proxies``."
        },
    )
    proxies: tuple[str, ...] = field(
        default=(),
        validator=_proxies,
        metadata={
            "help": "Addresses or networks of proxies whose ``X-Forwarded-For`` is believed; ``unix`` for those that "
            "come through the Unix socket."
        },
    )
    url: str = field(
        default="",
        validator=_http,
        metadata={"help": "Public address of the site, for links in answers and feeds, and for the code on screens."},
    )
    title: str = field(default="", metadata={"help": "Title above every page; the title in the state if left out."})
    language: str = field(
        default="en",
        validator=_language,
        metadata={
            "help": "Language of the pages: ``en``, or another one that has a catalogue, such as ``de``. Help texts "
            "of commands, and all that people type, stay as they are."
        },
    )
    logo: Path | None = field(
        default=None,
        validator=_picture,
        metadata={"help": "A picture (SVG, PNG, WebP, at most 100 kB) beside the title."},
    )
    menu: tuple[str, ...] = field(
        default=(),
        validator=_menu,
        metadata={
            "help": "Entries of the menu, in order: names of pages, such as ``schedule``, and links of your own, such "
            "as ``Floor plan <https://example.org/plan>``. Every page if left out."
        },
    )
    templates: Path | None = field(
        default=None,
        validator=_folder,
        metadata={"help": "A folder of Jinja2 templates that replace ours, such as ``layout.html``."},
    )
    after_build: str = field(
        default="",
        metadata={
            "help": "A command that runs after each switch, in the folder above ``output``, one at a time; switches "
            "during a run lead to one more run. It runs without a shell; write ``sh -c '…'`` for one."
        },
    )
    after_build_timeout: float = field(
        default=300.0,
        validator=above(0),
        metadata={"help": "Time-out of ``after_build`` in seconds; then it is killed."},
    )
    build_timeout: float = field(
        default=60.0,
        validator=above(0),
        metadata={
            "help": "Time-out of a build in seconds; then the builder is killed and restarted. The first build of a "
            "large gathering gets more time."
        },
    )


@frozen
class FetchConfig:
    """The ``[fetch]`` table: what ``~fetchdb`` may load."""

    allow: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Hosts that are allowed although their address is loopback, private or link-local."},
    )
    public: bool = field(default=True, metadata={"help": "Whether documents at any public address are allowed."})
    max_bytes: int = field(
        default=5_000_000, validator=above(0), metadata={"help": "Largest size of a document in bytes."}
    )
    timeout: float = field(
        default=20.0,
        validator=above(0),
        metadata={"help": "Time-out in seconds for the whole fetch, redirects included."},
    )
    max_redirects: int = field(default=3, metadata={"help": "Most redirects that are followed."})


@frozen
class OperatorsConfig:
    """The ``[operators]`` table: how operators are told of trouble, and where they can look."""

    rooms: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Rooms in which the bot reports trouble: a part that is red in ``/healthz``, and when it works "
            "again; a ``ptg.json`` that was edited while the bot runs; a channel that does not let it in. Use the "
            "names in the tables of the networks, and give such a room ``features = []``."
        },
    )
    contact: str = field(
        default="",
        metadata={"help": "How people reach who runs the bot, such as a mail address. WHOIS shows it on IRC."},
    )
    listen: str = field(
        default="",
        validator=_listen,
        metadata={
            "help": "A second address of the built-in web server, in the same form as ``[site] listen``. There "
            "``/healthz`` tells every detail; let nobody else reach it."
        },
    )
    token_file: Path | None = field(
        default=None,
        metadata={
            "help": "A file with a secret of at least 16 characters. A request for ``/healthz`` with the header "
            "``Authorization: Bearer SECRET`` gets every detail at the public address, too."
        },
    )

    control: Path | None = field(
        default=None,
        metadata={
            "help": "The socket at which ``ptgbot status``, ``reload``, ``backup`` and ``stop`` reach the running bot. "
            "Left out, it is beside the state, as ``ptg.control``. Whoever may write to it may stop the bot: it "
            "belongs to the bot's user and group, and to nobody else."
        },
    )
    alone_after: float = field(
        default=120.0,
        validator=above(0),
        metadata={
            "help": "Seconds for which the bot may sit in none of the rooms of a network, such as after a kick, until "
            "that network is red. The rooms of the operators do not count."
        },
    )
    away_after: float = field(
        default=20.0,
        validator=above(0),
        metadata={"help": "Seconds without a connection to a network until that network is red."},
    )
    shadow: bool = field(
        default=False,
        metadata={
            "help": "Whether the bot only listens and builds the site, and says nothing: no answer, no announcement, "
            "no topic, no delivery of a feature. So it can run beside the bot that it will take over from."
        },
    )

    @property
    def token(self) -> str:
        """The secret of the operators, empty if there is none.

        Raises:
            OSError: the file cannot be read.
        """
        return self.token_file.read_text("utf-8").strip() if self.token_file else ""


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
"""How much the log tells, the most first."""


@frozen
class LogConfig:
    """The ``[log]`` table: how much the log tells, and in which form."""

    level: str = field(
        default="INFO",
        validator=one_of(*LEVELS),
        metadata={
            "help": "The least important events that are logged: ``DEBUG``, ``INFO``, ``WARNING`` or ``ERROR``. "
            "``DEBUG`` has every line that the bot reads as a command."
        },
    )
    format: str = field(
        default="auto",
        validator=one_of("auto", "json", "text"),
        metadata={"help": "``json``, ``text``, or ``auto``: text on a terminal, JSON elsewhere."},
    )

    @property
    def as_json(self) -> bool | None:
        """Whether records are JSON; None lets the terminal decide."""
        return None if self.format == "auto" else self.format == "json"


@frozen
class FeaturesConfig:
    """The ``[features]`` table: which features are off."""

    off: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Names of installed features that are switched off; they have no commands and no pages then."
        },
    )


@frozen
class Config:
    """The whole configuration. ``adapters`` holds each table with its kind and whether it is the first of its kind."""

    state: StateConfig = StateConfig()
    site: SiteConfig | None = None
    fetch: FetchConfig = FetchConfig()
    operators: OperatorsConfig = OperatorsConfig()
    log: LogConfig = LogConfig()
    features: Mapping[str, Any] = field(factory=dict)
    """The configuration of each feature that is switched on, by its name."""
    off: tuple[str, ...] = ()
    """Names of features that are switched off."""
    adapters: Sequence[tuple[AdapterKind, Any, bool]] = ()
    works_alone: bool = False
    """Whether a feature has work that needs no network."""
    named_groups: tuple[Group, ...] = ()
    """The groups of rooms that have a table."""
    source: Path | None = field(default=None, eq=False)
    """The absolute path of the file of which it was read, None if it was not read from a file."""

    @property
    def groups(self) -> Groups:
        """All groups of rooms, including the group of all rooms."""
        return Groups((Group(ALL, every_room(self.adapters), public=True), *self.named_groups))

    @property
    def control(self) -> Path:
        """The control socket."""
        path = self.state.path
        return self.operators.control or path.with_name(f"{path.stem}.control")

    @property
    def site_url(self) -> str:
        """Public address of the site with a slash at its end, empty if there is none."""
        return self.site.url.rstrip("/") + "/" if self.site and self.site.url else ""


__all__ = [
    "TABLES",
    "Config",
    "ConfigError",
    "FeaturesConfig",
    "FetchConfig",
    "GroupConfig",
    "LogConfig",
    "OperatorsConfig",
    "SiteConfig",
    "StateConfig",
    "from_tables",
    "kind_of",
    "load",
]

TABLES: Mapping[str, type[Any]] = {
    "state": StateConfig,
    "site": SiteConfig,
    "fetch": FetchConfig,
    "operators": OperatorsConfig,
    "log": LogConfig,
    "features": FeaturesConfig,
    "groups": GroupConfig,
}
"""The classes of the tables that belong to no feature and no adapter; of ``groups`` that of each group."""


def load(path: Path, *, secrets: bool = True) -> Config:
    """Read a TOML file.

    Args:
        path: the file.
        secrets: whether passwords and keys must be readable. Tools that log in nowhere do without them: under systemd
            the bot gets copies of files that only root can read.

    Raises:
        ConfigError: the file cannot be read, or a key or value is wrong.
    """
    raw, text = _parsed(path)
    config = from_tables(raw, path.resolve().parent, f"{path}", text, secrets=secrets)
    return attrs.evolve(config, source=path.resolve())


def control_of(path: Path) -> Path:
    """Return the control socket of the bot that runs with a configuration, whatever else is wrong with the file now.

    Raises:
        ConfigError: the file cannot be read, or the table ``[state]`` is wrong.
    """
    raw, text = _parsed(path)
    reader = Reader(path.resolve().parent, f"{path}", text)
    state = reader.read(StateConfig, raw.get("state", {}), "state")
    operators = raw.get("operators")
    control = operators.get("control") if isinstance(operators, dict) else None
    chosen = OperatorsConfig(control=reader.base / control) if isinstance(control, str) else OperatorsConfig()
    return Config(state=state, operators=chosen).control


def _parsed(path: Path) -> tuple[dict[str, Any], str]:
    """Return the tables and the text of a TOML file.

    Raises:
        ConfigError: the file cannot be read.
    """
    try:
        text = path.read_text("utf-8")
        return tomllib.loads(text), text
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}.") from error


def from_tables(
    raw: Mapping[str, Any], base: Path, name: str = "configuration", text: str = "", *, secrets: bool = True
) -> Config:
    """Return the configuration in parsed TOML. Relative paths are relative to ``base``.

    Raises:
        ConfigError: a key or value is wrong.
    """
    reader = Reader(base, name, text)
    off = _switched_off(reader, raw)
    try:
        loaded = load_features(raw, off)
    except Missing as error:
        raise ConfigError(f"{name}: {error}") from error
    features = {feature.name: feature.settings for feature in loaded}
    kinds = _kinds_used(raw)
    _check_tables(reader, raw, kinds)
    adapters = tuple(_adapters(reader, raw, kinds, secrets=secrets))
    for kind, config, _ in adapters:
        for named in kind.features(config):
            if named not in features:
                raise reader.no_feature(named, "features", kind_of(kinds, kind), list(features))
    operators = reader.read(OperatorsConfig, raw.get("operators", {}), "operators")
    every = every_room(adapters)
    settings = {n: reader.read(cls, raw.get(n, {}), n) for n, cls in features.items()}
    works_alone = _works_alone(loaded, settings)
    if works_alone and not kinds:
        # Nobody can type a command, so features that live by commands have nothing to show.
        off = (*off, *(one for one in features if one not in raw))
        settings = {n: one for n, one in settings.items() if n in raw}
    is_shown = "site" in raw or (works_alone and not kinds)
    site = reader.read(SiteConfig, raw.get("site", {}), "site") if is_shown else None
    if secrets and operators.token_file and (problem := _token_problem(operators.token_file)):
        raise reader.error("token_file", "operators", problem)
    _check_operators(reader, operators, [target.room for target in every], site)
    return Config(
        state=reader.read(StateConfig, raw.get("state", {}), "state"),
        site=site,
        fetch=reader.read(FetchConfig, raw.get("fetch", {}), "fetch"),
        operators=operators,
        log=reader.read(LogConfig, raw.get("log", {}), "log"),
        features=settings,
        off=off,
        adapters=adapters,
        works_alone=works_alone,
        named_groups=tuple(read_groups(reader, raw.get("groups", {}), every)),
    )


def _switched_off(reader: Reader, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the features that are switched off.

    Raises:
        ConfigError: there is no feature of such a name.
    """
    switches = reader.read(FeaturesConfig, raw.get("features", {}), "features")
    for one in switches.off:
        if one not in known_features():
            raise reader.no_feature(one, "off", "features", list(known_features()))
    return switches.off


def _check_tables(reader: Reader, raw: Mapping[str, Any], kinds: Iterable[str]) -> None:
    """Check that each table belongs to the program, a feature or an adapter.

    Raises:
        ConfigError: a table belongs to none.
    """
    known = [*TABLES, *known_features(), *kinds]
    for key in raw:
        if key not in known:
            raise reader.unknown(key, "", [*known, *(e.name for e in entry_points(group="ptgbot.adapters"))])


def _works_alone(features: Sequence[AnyFeature], settings: Mapping[str, Any]) -> bool:
    """Say whether a source is switched on that makes the bot useful without a network."""
    return any(
        source.works_alone and source.wanted(settings[feature.name])
        for feature in features
        for source in feature.sources
    )


def _check_operators(reader: Reader, operators: OperatorsConfig, rooms: Sequence[str], site: SiteConfig | None) -> None:
    """Check what operators need of the rest of the configuration.

    Raises:
        ConfigError: it names a room that no network has, or needs a web server that is not there.
    """
    for wanted in operators.rooms:
        if wanted.lower() not in map(str.lower, rooms):
            raise reader.no_room(wanted, rooms, "operators")
    for key, given in (("listen", operators.listen), ("token_file", operators.token_file)):
        if given and not (site and site.listen):
            raise reader.error(key, "operators", "there is no web server, because [site] has no listen.")


def _kinds_used(raw: Mapping[str, Any]) -> dict[str, AdapterKind]:
    """Load only the adapters that a table names: the library of another one may be missing or broken."""
    return {e.name: e.load() for e in entry_points(group="ptgbot.adapters") if e.name in raw}


def kind_of(kinds: Mapping[str, AdapterKind], wanted: AdapterKind) -> str:
    """Return the name of the tables of a kind of adapter."""
    return next(name for name, kind in kinds.items() if kind is wanted)


def _adapters(
    reader: Reader, raw: Mapping[str, Any], kinds: Mapping[str, AdapterKind], *, secrets: bool
) -> Iterator[tuple[AdapterKind, Any, bool]]:
    names: set[str] = set()
    for kind_name, kind in kinds.items():
        tables = raw[kind_name]
        if not isinstance(tables, list):
            raise ConfigError(f"{reader.name}: write [[{kind_name}]], with two brackets: there may be several.")
        for index, table in enumerate(tables):
            config = reader.read(kind.config, table, kind_name)
            problems = [*kind.check(config), *(kind.secrets(config) if secrets else ())]
            if config.name in names:
                problems.append(f"there are two adapters named {config.name}; give one another `name`")
            if problems:
                raise ConfigError(f"{reader.name}: [[{kind_name}]]: {'; '.join(problems)}")
            names.add(config.name)
            yield kind, config, index == 0

"""The metrics of a running bot: one table of all of them, what is counted, and their text for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field, frozen
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

_QUICK: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_SLOW: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)


@frozen
class Described:
    """A metric in the table."""

    name: str
    """Its name; that of a counter ends in ``_total``."""
    kind: str
    """``counter``, ``gauge`` or ``histogram``."""
    help: str
    labels: tuple[str, ...] = ()


def _of(kind: str, name: str, text: str, *labels: str) -> Described:
    return Described(f"ptgbot_{name}", kind, text, labels)


METRICS: Final[Sequence[Described]] = (
    _of("gauge", "info", "Always 1; the label is the version of the program.", "version"),
    _of("gauge", "healthy", "1 if no part is red, as /healthz says."),
    _of("gauge", "ready", "1 if the bot is connected to every network and the site is built, as /readyz says."),
    _of("gauge", "start_time_seconds", "When the bot started, in seconds since 1970."),
    _of("gauge", "part_state", "State of a part: 0 green, 1 yellow, 2 red.", "part"),
    _of("counter", "part_events_total", "What a part counted since the start, as /healthz has it.", "part", "event"),
    _of("counter", "commands_total", "Commands by kind (user, track, admin, said) and result.", "kind", "result"),
    _of("histogram", "command_seconds", "Seconds from the arrival of a command to the release of its answers."),
    _of("gauge", "inbox_items", "Lines and events that wait to be decided on."),
    _of("counter", "inbox_dropped_total", "Lines dropped because people typed faster than the bot reads."),
    _of("counter", "failed_commands_total", "Commands that failed inside the bot."),
    _of("counter", "unaddressed_total", "Messages to people whose network is not configured any more."),
    _of("gauge", "outbox_items", "Answers that wait to be sent.", "network"),
    _of("gauge", "connected", "1 while the bot is logged in on a network.", "network"),
    _of("counter", "connections_total", "Logins that succeeded; each after the first is a reconnect.", "network"),
    _of("gauge", "rooms_configured", "Rooms in the configuration.", "network"),
    _of("gauge", "rooms_joined", "Configured rooms that the bot is in.", "network"),
    _of("histogram", "journal_seconds", "Seconds for one batch to be on the disk."),
    _of("gauge", "journal_bytes", "Size of the journal."),
    _of("gauge", "journal_batches", "Number of the newest batch in the journal."),
    _of("gauge", "saved", "1 while changes can be written, 0 from a failed write to the next that works."),
    _of("histogram", "build_seconds", "Seconds from the start of a build to the switch."),
    _of("gauge", "build_number", "Number of the build that readers see."),
    _of("gauge", "build_failing", "1 while builds fail."),
    _of("gauge", "page_behind_seconds", "Seconds for which the oldest change that no page shows has been waiting."),
    _of("gauge", "streams", "Open pages that are told of changes at once."),
    _of("gauge", "effects_pending", "Deliveries that are not settled."),
    _of("counter", "effects_total", "Deliveries by result: delivered or failed.", "result"),
    _of("gauge", "sources", "Sources and jobs of features by state: green, yellow or red.", "state"),
    _of("gauge", "feature", "A gauge of a feature.", "feature", "name"),
)
"""Every metric of ours. Those of the process come from prometheus-client and begin with ``process_``."""
PROCESS: Final = (
    "process_virtual_memory_bytes",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_cpu_seconds_total",
    "process_open_fds",
    "process_max_fds",
)
"""Metrics of the bot's process, see the documentation of prometheus-client."""
_BY_NAME: Final = {one.name: one for one in METRICS}

Sample = tuple[str, Mapping[str, str], float]
"""Name of a metric without ``ptgbot_``, labels, value."""


def describe(name: str) -> Described:
    """Return a metric of the table by its name without ``ptgbot_``.

    Raises:
        KeyError: the table has no such metric.
    """
    return _BY_NAME[f"ptgbot_{name}"]


@frozen
class _Looked(Collector):
    """Gauges and counters that are looked at when somebody asks."""

    look: Callable[[], Iterable[Sample]]

    def collect(self) -> Iterator[Metric]:
        """Yield each metric with all its values."""
        found: dict[str, list[Sample]] = {}
        for sample in self.look():
            found.setdefault(sample[0], []).append(sample)
        for name, samples in found.items():
            about = describe(name)
            family = CounterMetricFamily if about.kind == "counter" else GaugeMetricFamily
            made = family(about.name, about.help, labels=about.labels)
            for _, labels, value in samples:
                made.add_metric([labels[label] for label in about.labels], value)
            yield made


@define(eq=False)
class Metrics:
    """What is counted while the bot runs, and the text of everything."""

    look: Callable[[], Iterable[Sample]] = tuple
    """Returns the values of the metrics that are looked at."""
    _registry: CollectorRegistry = field(init=False)
    _commands: Counter = field(init=False)
    _seconds: Mapping[str, Histogram] = field(init=False)

    def __attrs_post_init__(self) -> None:
        """Register everything that is counted."""
        # Beside each counter prometheus-client would show when it was made, under a name that no table has.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        registry = self._registry = CollectorRegistry()
        commands = describe("commands_total")
        self._commands = Counter(commands.name, commands.help, commands.labels, registry=registry)
        self._seconds = {
            name: Histogram(describe(name).name, describe(name).help, buckets=buckets, registry=registry)
            for name, buckets in (("command_seconds", _QUICK), ("journal_seconds", _QUICK), ("build_seconds", _SLOW))
        }
        registry.register(_Looked(lambda: self.look()))
        ProcessCollector(registry=registry)

    def command(self, kind: str, result: str, seconds: float) -> None:
        """Count a command and the time for its answer."""
        self._commands.labels(kind, result).inc()
        self._seconds["command_seconds"].observe(max(seconds, 0.0))

    def wrote(self, seconds: float) -> None:
        """Count a batch in the journal."""
        self._seconds["journal_seconds"].observe(seconds)

    def built(self, seconds: float) -> None:
        """Count a build."""
        self._seconds["build_seconds"].observe(seconds)

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)

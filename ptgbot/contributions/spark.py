"""The engine that counts on many machines: Spark, from copies of the facts in a folder that all of them see."""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ptgbot.contributions.duck import Duck
from ptgbot.contributions.engine import COLUMNS, DERIVED, Reader, Row, Unusable, Value

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL: Final = "spark://local"
"""The address that stands for all processors of this machine."""
_SETTINGS: Final = {
    "spark.app.name": "ptgbot stats",
    "spark.log.level": "ERROR",
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
_ALONE: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    # Without a cluster, 200 parts of a small table take longer than the work on them.
    "spark.sql.shuffle.partitions": "16",
}
_QUIET: Final = """
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = Spark: %m%n
"""


_BEGIN: Final = "count-"
_VIEWS: Final = tuple(view for view in DERIVED if view not in COLUMNS)


class NoSpark(ValueError):
    """Spark or Java is not installed."""


class Spark(Reader):
    """A session of Spark over copies of the tables with the facts and the rules."""

    def __init__(self, address: str, folder: Path) -> None:
        """Connect, and compute what is derived from the facts.

        Args:
            address: :data:`LOCAL`, or that of a cluster's master such as ``spark://host:7077``.
            folder: has a file ``TABLE.parquet`` for each table. Every machine of the cluster sees it under this path.
        """
        self._folder = folder
        self._session = _session(address, folder)
        try:
            self._prepare()
        except BaseException:
            self.close()
            raise

    def _prepare(self) -> None:
        for table in COLUMNS:
            self._open(table, self._folder / f"{table}.parquet")
        self._make("views")
        # Each is computed once, however many questions there are.
        for view in _VIEWS:
            self._session.table(view).write.mode("overwrite").parquet(str(self._folder / view))
        for view in _VIEWS:
            self._open(view, self._folder / view)
        self._make("marks")

    def _open(self, name: str, path: Path) -> None:
        self._session.read.parquet(str(path)).createOrReplaceTempView(name)

    def _make(self, name: str) -> None:
        for statement in _translated(name):
            self._session.sql(statement.replace("CREATE OR REPLACE VIEW", "CREATE OR REPLACE TEMPORARY VIEW", 1))

    def files(self) -> Mapping[str, str]:
        """Return the path of each derived table and of ``people``, as Parquet: a file, or a pattern of several."""
        made = {view: str(self._folder / view / "*.parquet") for view in _VIEWS}
        tables = ("people", *(name for name in DERIVED if name in COLUMNS))
        return made | {table: str(self._folder / f"{table}.parquet") for table in tables}

    def rows(self, question: str, *values: Value) -> Sequence[Row]:
        """Return the rows of the answer to a question."""
        (statement,) = _translated(question)
        named = {f"p{number}": value for number, value in enumerate(values, 1)}
        return [tuple(row) for row in self._session.sql(statement, args=named).collect()]

    def derived(self, view: str) -> Iterator[Row]:
        """Yield the rows of a view, without holding all of them in memory."""
        return (tuple(row) for row in self._session.table(view).toLocalIterator())

    def columns(self, view: str) -> Sequence[str]:
        """Return the names of the columns of a view."""
        return [str(name) for name in self._session.table(view).columns]

    def close(self) -> None:
        """End the session."""
        self._session.stop()


@contextmanager
def exchanged(facts: Duck, address: str, folder: Path) -> Iterator[Spark]:
    """Give a session copies of the facts and the rules. They are removed at the end, for they have names and addresses.

    Args:
        facts: the database.
        address: as :class:`Spark` takes it.
        folder: where the copies are for this time; made if it is missing.

    Raises:
        NoSpark: pyspark or Java is not installed.
        Unusable: the cluster cannot be reached, or fails.
        OSError: the folder cannot be written.
    """
    with _trouble_named(address):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # What a count left behind that was killed; two never run at a time.
        for left in folder.glob(f"{_BEGIN}*"):
            shutil.rmtree(left, ignore_errors=True)
        with tempfile.TemporaryDirectory(prefix=_BEGIN, dir=folder, ignore_cleanup_errors=True) as name:
            facts.export(Path(name))
            with closing(Spark(address, Path(name))) as spark:
                yield spark


@contextmanager
def _trouble_named(address: str) -> Iterator[None]:
    try:
        import sqlglot  # noqa: F401
        from py4j.protocol import Py4JError
        from pyspark.errors import PySparkException
    except ImportError as error:
        sentence = "counting on Spark needs pyspark and sqlglot, of which one is missing. Install ptgbot[stats-spark]."
        raise NoSpark(sentence) from error
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise NoSpark("counting on Spark needs Java 17 or later, which is missing. Debian has default-jre-headless.")
    try:
        yield
    except (Py4JError, PySparkException) as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise Unusable(f"Spark at {address}: {' '.join(lines[:2])[:400]}") from error


def _session(address: str, folder: Path) -> SparkSession:
    from pyspark.sql import SparkSession

    # It tells of every connection that is closed.
    logging.getLogger("py4j").setLevel(logging.WARNING)
    quiet = folder / "log4j2.properties"
    quiet.write_text(_QUIET, "ascii")
    settings = {
        **_SETTINGS,
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet}",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
    }
    if address == LOCAL:
        settings |= {**_ALONE, "spark.local.dir": str(folder / "spill")}
    builder = SparkSession.builder.master("local[*]" if address == LOCAL else address)
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _translated(name: str) -> Sequence[str]:
    from ptgbot.contributions.dialects import translated

    return translated(name, "spark", ":{}")

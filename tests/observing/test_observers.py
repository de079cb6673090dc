"""What ``observer=`` takes, what each observer does, and that nobody watching costs nothing."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest
from watching import Watched

from agentmem import AgentMemory
from agentmem.errors import InvalidInput, MissingExtra, NotFound
from agentmem.observing import OFF, LoggingObserver, OpenTelemetry, load_observer
from agentmem.observing.instruments import INSTRUMENTS, Kind
from agentmem.protocols import Observer
from agentmem.testing import FakeEmbedder


def open_and_add(path, observer):
    with AgentMemory.open(path, embedder="none", observer=observer) as store:
        return store.scope("acme", "ana").add("otter")


@pytest.mark.parametrize(
    ("given", "kind"), [(None, type(OFF)), ("log", LoggingObserver), ("otel", OpenTelemetry), (OFF, type(OFF))]
)
def test_an_observer_is_named_or_given(database, given, kind):
    assert type(load_observer(given)) is kind and isinstance(load_observer(given), Observer)
    assert open_and_add(database, given).ids


@pytest.mark.parametrize("given", ["jaeger", 7, object()])
def test_anything_else_is_refused_before_the_database_is_made(database, given):
    with pytest.raises(InvalidInput, match="is no observer: give 'otel'"):
        open_and_add(database, given)
    assert not database.exists()


def test_without_an_observer_opentelemetry_is_not_imported(database):
    code = f"""
import sys
from agentmem import AgentMemory
for observer in (None, "log"):
    with AgentMemory.open({str(database)!r}, embedder="none", observer=observer) as store:
        memory = store.scope("a")
        memory.add("otter"); memory.retrieve("otter"); memory.consolidate(); store.work()
print([name for name in sys.modules if name.partition(".")[0] == "opentelemetry"])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_package_it_says_how_to_install_it(database, monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "opentelemetry"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delitem(sys.modules, "agentmem.observing.open_telemetry", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(MissingExtra, match=r"pip install 'agentmem-framework\[otel\]'"):
        open_and_add(database, "otel")
    with pytest.raises(ImportError, match="opentelemetry-api"):
        from agentmem.observing import OpenTelemetry as _  # noqa: F401
    assert not database.exists()


def test_the_log_has_a_line_for_everything_that_was_done(database, caplog):
    caplog.set_level(logging.DEBUG, "agentmem")
    with AgentMemory.open(database, embedder=FakeEmbedder(), observer="log") as store:
        memory = store.scope("a")
        memory.add("otter")
        memory.retrieve("otter")
        with pytest.raises(NotFound):
            memory.get("mem_x")
    records = [record for record in caplog.records if record.name == "agentmem.observing.logged"]
    told = [record.getMessage().partition(":")[0] for record in records]
    assert told[:2] == ["embeddings fake", "agentmem.add"] and "agentmem.retrieve" in told
    assert {record.levelno for record in records} == {logging.DEBUG}
    failed = records[-1]
    assert failed.attributes == {"agentmem.verb": "get", "error.type": "NotFound"} and failed.seconds >= 0


def test_the_log_is_not_written_where_nobody_reads_it(database, caplog):
    caplog.set_level(logging.INFO, "agentmem")
    open_and_add(database, "log")
    assert not caplog.records


def test_an_observer_of_ones_own_is_given_names_and_numbers(database):
    seen = []

    class Own(type(OFF)):
        def span(self, name, labels, *, duration, scope=None):
            seen.append((name, dict(labels), duration, scope and scope.path))
            return super().span(name, labels, duration=duration, scope=scope)

    open_and_add(database, Own())
    assert seen == [("agentmem.add", {"agentmem.verb": "add"}, "agentmem.verb.duration", "acme/ana")]


def test_a_key_makes_marks_of_scopes_comparable(tmp_path):
    marks = []
    for number, key in enumerate([b"k" * 16, b"k" * 16, b"other", None]):
        watched = Watched(scope_key=key)
        open_and_add(tmp_path / f"{number}.db", watched.observer)
        marks.append(watched.one("agentmem.add").attributes["agentmem.scope"])
        watched.close()
    assert marks[0] == marks[1] and len(set(marks)) == 3
    for wrong in (b"", b"k" * 65):
        with pytest.raises(InvalidInput, match="give 1 to 64"):
            OpenTelemetry(scope_key=wrong)


def test_every_instrument_has_a_unit_and_a_meaning_and_histograms_have_bounds():
    for name, instrument in INSTRUMENTS.items():
        assert name == instrument.name and instrument.unit and instrument.meaning.endswith(".")
        assert bool(instrument.bounds) == (instrument.kind is Kind.HISTOGRAM)
        assert list(instrument.bounds) == sorted(set(instrument.bounds))


def test_bounds_reach_the_sdk(database):
    watched = Watched()
    open_and_add(database, watched.observer)
    data = watched._reader.get_metrics_data()
    watched.close()
    metrics = {metric.name: metric for metric in data.resource_metrics[0].scope_metrics[0].metrics}
    point = metrics["agentmem.verb.duration"].data.data_points[0]
    assert tuple(point.explicit_bounds) == INSTRUMENTS["agentmem.verb.duration"].bounds
    assert metrics["agentmem.verb.duration"].unit == "s"

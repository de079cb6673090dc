"""What is measured: the name, kind, unit and meaning of every instrument.

Durations are in seconds. Names that begin with ``gen_ai.`` are those of OpenTelemetry's semantic conventions for
generative AI clients (https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/), their bounds included.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How values of one instrument add up."""

    COUNTER = "counter"  # they are summed
    HISTOGRAM = "histogram"  # they are counted in buckets


@dataclass(frozen=True, slots=True)
class Instrument:
    """One thing that is measured. ``bounds`` divide a histogram's values, in its unit, into buckets."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    bounds: tuple[float, ...] = ()


VERB_DURATION = "agentmem.verb.duration"
HITS = "agentmem.hits"
TOKENS = "agentmem.tokens"
TURN_DURATION = "agentmem.turn.duration"
FOLLOWER_DURATION = "agentmem.follower.duration"
FOLLOWER_LAG = "agentmem.follower.lag"
FOLLOWER_ROWS = "agentmem.follower.rows"
FOLLOWER_WAITING = "agentmem.follower.waiting"
FAILURES = "agentmem.failures"
DEAD_LETTERS = "agentmem.dead_letters"

_SHORT = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
_LONG = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
_MODEL = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_MODEL_TOKENS = tuple(float(4**power) for power in range(14))
_COUNTS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0)
_PACKED = (0.0, 50.0, 100.0, 200.0, 500.0, 1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0, 32_000.0, 64_000.0)

_ALL = (
    Instrument(VERB_DURATION, Kind.HISTOGRAM, "s", "How long a verb took.", _SHORT),
    Instrument(HITS, Kind.HISTOGRAM, "{hit}", "How many memories a question found.", _COUNTS),
    Instrument(TOKENS, Kind.HISTOGRAM, "{token}", "How many tokens a block of context has.", _PACKED),
    Instrument(TURN_DURATION, Kind.HISTOGRAM, "s", "How long a worker's turn on one scope took.", _LONG),
    Instrument(FOLLOWER_DURATION, Kind.HISTOGRAM, "s", "How long a follower took to catch up.", _LONG),
    Instrument(
        FOLLOWER_LAG, Kind.HISTOGRAM, "{row}", "By how many journal rows a follower was behind when it began.", _COUNTS
    ),
    Instrument(FOLLOWER_ROWS, Kind.COUNTER, "{row}", "What followers took in: rows, or units of work."),
    Instrument(
        FOLLOWER_WAITING, Kind.HISTOGRAM, "{item}", "What still waited in one scope after a structure's turn.", _COUNTS
    ),
    Instrument(FAILURES, Kind.COUNTER, "{failure}", "What a follower could not do, and keeps for another try."),
    Instrument(DEAD_LETTERS, Kind.COUNTER, "{item}", "What failed too often to be tried again by itself."),
    Instrument(
        "gen_ai.client.operation.duration", Kind.HISTOGRAM, "s", "How long a model took to answer, retries in.", _MODEL
    ),
    Instrument("gen_ai.client.token.usage", Kind.HISTOGRAM, "{token}", "Tokens of one prompt or reply.", _MODEL_TOKENS),
    Instrument("agentmem.llm.retries", Kind.COUNTER, "{retry}", "How often a language model was asked again."),
    Instrument("agentmem.llm.cost", Kind.COUNTER, "USD", "What replies cost, where a budget states prices."),
    Instrument("agentmem.embedded.texts", Kind.COUNTER, "{text}", "How many texts an embedding model was given."),
)
INSTRUMENTS = {instrument.name: instrument for instrument in _ALL}

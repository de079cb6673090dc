"""The loop of a run that decides about labelled pairs: a few pairs at once, each decision written down at once.

What the decider could not decide (an error in place of a decision) becomes a stored failure, never a wrong decision.
What it raises ends the run, which goes on there when it is started again.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agentmem.errors import LLMError
from agentmem.kinds import FACT
from agentmem.models.chat.budget import Budget
from agentmem.protocols import Embedder
from agentmem.types import Memory
from agentmem.updating.decision import Decider, Decision, Pair
from agentmem_evals.datasets.pairs import LabelledPair, LabelledPairs, Statement
from agentmem_evals.errors import EvalError
from agentmem_evals.runner.decision_records import DECIDE, DECIDED, DecisionRecord, Verdict
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import Manifest, now
from agentmem_evals.runner.provenance import code_provenance, environment_provenance
from agentmem_evals.runner.purse import Purse, total_usage, usage_as_json
from agentmem_evals.runner.records import Failure

DECISIONS = "decisions"
"""The task's name."""
PAIRS_AT_ONCE = 50
"""As many are lost, and paid for again, when a run is cut off."""
VECTORS = "vectors"
"""The manifest's name for what embedding the texts cost; every other name there is that of a group's first pair."""


@dataclass(frozen=True, slots=True)
class DecisionConfiguration:
    """Which pairs, put to which decider.

    ``half`` is ``None`` where the data has no halves. ``limit``: at most so many pairs, the first ones or, with a
    ``seed``, drawn at random. ``batch``: how many texts are embedded at once. ``cached``: whether vectors came from a
    cache.
    """

    dataset: str
    system: str
    half: str | None = None
    limit: int | None = None
    seed: int | None = None
    embedder: str = "default"
    llm: str = "none"
    batch: int = 1000
    cached: bool = False
    task: str = DECISIONS

    def __post_init__(self) -> None:
        if self.batch < 1 or (self.limit is not None and self.limit < 1):
            raise EvalError("batch and limit are positive numbers.")


def decisions_manifest(
    configuration: DecisionConfiguration, data: LabelledPairs, pairs: Sequence[LabelledPair], embedder: str | None
) -> Manifest:
    """The manifest of a run that starts now. ``embedder`` is the fingerprint of the model behind the cosines."""
    return Manifest(
        configuration=dataclasses.asdict(configuration),
        data={"file": data.file_name, "sha256": data.sha256, "level": "pair", "pairs": len(pairs)},
        system={"name": configuration.system, **({} if embedder is None else {"embedder": embedder})},
        code=code_provenance(),
        environment=environment_provenance(),
        started_at=now(),
    )


def memory_of(id: str, statement: Statement) -> Memory:
    """A statement as the library would keep it: a fact, true from when it was said, with its subject if known."""
    return Memory(
        id=id,
        version=1,
        kind=FACT,
        text=statement.text,
        at=statement.at,
        valid_from=statement.at,
        valid_to=None,
        recorded_at=statement.at,
        speaker=statement.speaker,
        metadata={} if statement.subject is None else {"subject": statement.subject},
    )


def run_decisions(
    decider: Decider,
    pairs: Sequence[LabelledPair],
    embedder: Embedder | None,
    folder: RunFolder,
    manifest: Manifest,
    purse: Purse | None = None,
    *,
    overwrite: bool = False,
    advance: Callable[[str, int], None] = lambda _group, _pairs: None,
) -> None:
    """Decide about every pair, going on where an interrupted run in ``folder`` stopped.

    ``advance`` is told the kind of the pairs in hand and how many more are dealt with.

    Raises:
        ConfigurationMismatch: the folder holds another run.
        NotARun: the folder holds a damaged run, or one of another task.
        FolderInUse: another process writes to the folder.
        BudgetExhausted: a language model's budget is spent.
    """
    with folder.held():
        _run_decisions(decider, pairs, embedder, folder, manifest, purse, overwrite, advance)


def _run_decisions(
    decider: Decider,
    pairs: Sequence[LabelledPair],
    embedder: Embedder | None,
    folder: RunFolder,
    manifest: Manifest,
    purse: Purse | None,
    overwrite: bool,
    advance: Callable[[str, int], None],
) -> None:
    manifest, kept = folder.take_up(manifest, DECIDED, overwrite=overwrite)
    paid = purse or Purse(Budget())
    paid.owe(total_usage([manifest.spent]))
    done = {record.question_id for record in kept}
    waiting = [pair for pair in pairs if pair.id not in done]
    advance("", len(pairs) - len(waiting))
    if not waiting:
        folder.write_manifest(dataclasses.replace(manifest, finished_at=manifest.finished_at or now()))
        return
    started = time.perf_counter()
    cosines = _cosines(waiting, embedder, manifest.configuration["batch"])
    spent = {"seconds": time.perf_counter() - started, "usage": {"embedded_texts": len(_texts(waiting))}}
    costs = {**manifest.ingests} if embedder is None else {**manifest.ingests, VECTORS: spent}
    finished_at = None
    try:
        for first in range(0, len(waiting), PAIRS_AT_ONCE):
            group = waiting[first : first + PAIRS_AT_ONCE]
            records, costs[group[0].id] = _decide(decider, group, cosines)
            folder.append(DECIDED, records)
            folder.write_manifest(dataclasses.replace(manifest, ingests=costs, spent=usage_as_json(paid.spent)))
            advance(group[-1].kind, len(group))
        finished_at = now()
    finally:
        spending = usage_as_json(paid.spent)
        folder.write_manifest(dataclasses.replace(manifest, ingests=costs, spent=spending, finished_at=finished_at))


def _decide(
    decider: Decider, group: Sequence[LabelledPair], cosines: Mapping[str, float]
) -> tuple[list[DecisionRecord], dict[str, Any]]:
    asked = [
        Pair(memory_of(f"{pair.id}-older", pair.older), memory_of(f"{pair.id}-newer", pair.newer), cosines.get(pair.id))
        for pair in group
    ]
    started = time.perf_counter()
    decided = decider.decide(asked)
    seconds = time.perf_counter() - started
    if len(decided.decisions) != len(group):
        raise EvalError(f"The decider gave {len(decided.decisions)} decisions about {len(group)} pairs.")
    records = [_record(pair, got, cosines) for pair, got in zip(group, decided.decisions, strict=True)]
    cost = {
        "seconds": seconds,
        "usage": usage_as_json(decided.usage),
        "prompts": [dict(prompt) for prompt in decided.prompts],
    }
    return records, cost


def _record(pair: LabelledPair, got: Decision | LLMError, cosines: Mapping[str, float]) -> DecisionRecord:
    if isinstance(got, LLMError):
        return Failure(pair.id, "", pair.kind, DECIDE, type(got).__name__, str(got))
    return Verdict(
        pair_id=pair.id,
        category=pair.kind,
        older=pair.older.text,
        newer=pair.newer.text,
        gold=pair.relation,
        said=got.relation,
        reason=got.reason,
        text=got.text,
        cosine=cosines.get(pair.id),
    )


def _texts(pairs: Sequence[LabelledPair]) -> list[str]:
    return list(dict.fromkeys(side.text for pair in pairs for side in (pair.older, pair.newer)))


def _cosines(pairs: Sequence[LabelledPair], embedder: Embedder | None, batch: int) -> dict[str, float]:
    """The cosine of each pair's vectors, by the pair's id; none without an embedder. Each text is embedded once."""
    if embedder is None:
        return {}
    texts = _texts(pairs)
    vectors = np.concatenate(list(_embedded(embedder, texts, batch)))
    row = {text: position for position, text in enumerate(texts)}
    return {pair.id: float(vectors[row[pair.older.text]] @ vectors[row[pair.newer.text]]) for pair in pairs}


def _embedded(embedder: Embedder, texts: Sequence[str], batch: int) -> Iterator[Any]:
    for first in range(0, len(texts), batch):
        yield embedder.embed_documents(texts[first : first + batch])

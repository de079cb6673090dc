"""A run of the tasks ``retrieval``, ``qa`` and ``summaries``, wired: data, systems and models to runs in folders."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from agentmem.llm import ChatModel
from agentmem.models.chat.budget import Budget
from agentmem_evals.cli.models import open_chat, prices_of
from agentmem_evals.cli.telling import ERR
from agentmem_evals.datasets.catalog import dataset_entry, find_data, load_dataset
from agentmem_evals.datasets.event_questions import select_events
from agentmem_evals.datasets.recorded import Recorded, read_recorded
from agentmem_evals.datasets.selection import Selection, has_answer, has_evidence, select
from agentmem_evals.embedding.source import EmbedderSource
from agentmem_evals.environment import data_root
from agentmem_evals.errors import EvalError
from agentmem_evals.progress import progress
from agentmem_evals.reading.reader import Reader
from agentmem_evals.reading.summariser import Summariser
from agentmem_evals.runner.answering import run_answers
from agentmem_evals.runner.configuration import QA, SUMMARIES, RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.loop import Run
from agentmem_evals.runner.manifest import Manifest, new_manifest
from agentmem_evals.runner.provenance import prompt_hashes
from agentmem_evals.runner.purse import Purse
from agentmem_evals.runner.summarising import run_summaries
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.full_context import FULL_CONTEXT
from agentmem_evals.systems.neutral import neutral
from agentmem_evals.systems.protocol import System
from agentmem_evals.systems.replay import replaying
from agentmem_evals.types import Dataset


@dataclass(frozen=True, slots=True)
class Order:
    """What a run is to do, with the places and models that its configuration does not name.

    ``openie`` and ``facts`` stand in for a language model; ``python`` is the interpreter of the system's own
    environment; ``budget`` is that of the run. ``usual_context`` says that nobody named the reader's budget of tokens:
    it is then the usual one, and none for ``full-context``, which is no full context when it is cut.
    """

    configuration: RunConfiguration
    data: Path | None = None
    errata: Path | None = None
    haystack_text: Path | None = None
    openie: Path | None = None
    facts: str | None = None
    cache: Path | None = None
    base_url: str | None = None
    python: str | None = None
    budget: Budget = field(default_factory=Budget)
    usual_context: bool = False
    overwrite: bool = False


@dataclass(frozen=True, slots=True)
class Material:
    """What all systems of an order are told and asked, read once."""

    dataset: Dataset
    selection: Selection
    recorded: Recorded | None


def read_material(order: Order) -> Material:
    """Read the data that an order names, and what was recorded about it.

    Raises:
        EvalError: of any kind; what is named is not there, or there is nothing to ask.
    """
    asked = order.configuration
    path = find_data(asked.dataset, order.data, data_root())
    dataset = load_dataset(
        asked.dataset,
        path,
        captions=asked.captions,
        errata=order.errata,
        user_side_only=asked.user_side_only,
        haystack=asked.haystack,
        haystack_text=order.haystack_text,
        tasks=asked.tasks or (),
    )
    selection = _selection(asked, dataset, path)
    if not selection.questions:
        wanted = "an answer" if asked.task == QA else "evidence that exists"
        raise EvalError(f"There is nothing to ask: no chosen question has {wanted}. Choose others.")
    return Material(dataset, selection, read_recorded(dataset, path, order.openie, order.facts))


def run_system(order: Order, material: Material, folder: RunFolder) -> None:
    """Put the questions to the order's system, or go on where an interrupted run in ``folder`` stopped.

    Raises:
        EvalError: of any kind; a name is unknown, or the folder holds another run.
        BudgetExhausted: the budget is spent.
        AgentMemError: a model is not there.
    """
    asked, purse = order.configuration, Purse(order.budget)
    reader = _reader(order, purse)
    with closing(EmbedderSource(asked.embedder, order.cache)) as source:
        system = make_system(
            asked.system,
            source,
            asked.batch,
            _builder(order, material, purse),
            order.python,
            embedder_name=asked.embedder,
        )
        with closing(system):
            manifest = _manifest(order, material, system, reader)
            with progress(ERR, len(material.selection.questions), purse) as advance:
                told = neutral(system)
                run = Run(
                    told, material.selection, folder, manifest, purse, asked.concurrency, order.overwrite, advance
                )
                if isinstance(reader, Summariser):
                    run_summaries(run, reader, asked.ks[0])
                elif asked.task == QA:
                    run_answers(run, reader, asked.ks[0])
                else:
                    run_retrieval(run, asked.ks[-1])


def _selection(asked: RunConfiguration, dataset: Dataset, path: Path) -> Selection:
    if asked.task == SUMMARIES:
        return select_events(dataset, path, asked.conversations, asked.limit)
    measurable = has_answer if asked.task == QA else has_evidence
    return select(dataset, asked.conversations, asked.limit, asked.seed, measurable=measurable)


def for_system(order: Order, system: str, pythons: Sequence[str]) -> Order:
    """The order for one of several systems. ``pythons`` are interpreters: ``PATH`` for all, ``SYSTEM=PATH`` for one."""
    own = [path for name, found, path in (one.partition("=") for one in pythons) if found and name == system]
    common = [one for one in pythons if "=" not in one]
    python = next(iter([*own, *common]), None)
    asked = replace(order.configuration, system=system)
    if order.usual_context and asked.reader_llm is not None and system == FULL_CONTEXT:
        asked = replace(asked, context_tokens=0)
    return replace(order, configuration=asked, python=python)


def _reader(order: Order, purse: Purse) -> Reader | Summariser | None:
    asked = order.configuration
    if asked.reader_llm is None:
        return None
    chat = purse.wrap(open_chat(asked.reader_llm, order.base_url))
    kind = Summariser if asked.task == SUMMARIES else Reader
    return kind(chat, budget=asked.context_tokens or None)


def _builder(order: Order, material: Material, purse: Purse) -> ChatModel | None:
    """The language model that builds the memory: what was recorded, which costs nothing, or a real one."""
    llm = order.configuration.llm
    if material.recorded is not None:
        if llm is not None:
            raise EvalError("Recorded output stands in for a language model: leave --llm, or --openie and --facts.")
        return replaying(material.recorded, material.selection.bodies)
    return None if llm is None else purse.wrap(open_chat(llm, order.base_url))


def _manifest(order: Order, material: Material, system: System, reader: Reader | Summariser | None) -> Manifest:
    asked = order.configuration
    return new_manifest(
        asked,
        material.dataset,
        material.selection,
        system.describe(),
        None if material.recorded is None else material.recorded.describe(),
        reader=None if reader is None else reader.describe(),
        prompts=None if asked.llm is None else prompt_hashes(),
        prices=prices_of(order.budget),
        answer_metrics=dataset_entry(asked.dataset).answer_metrics if asked.task == QA else (),
    )

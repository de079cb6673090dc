"""The synchronous SDK, and the one place where parts are wired together."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Literal, Self, TypeVar

from agentmem import clock as clocks
from agentmem.engine.arguments import named, names, spending
from agentmem.engine.follow import Followers
from agentmem.engine.forget import compact_files
from agentmem.engine.hooks import Hooks
from agentmem.engine.outage import Outage
from agentmem.engine.parts import EMBEDDER_META, Parts
from agentmem.engine.reindex import attach, reindex
from agentmem.engine.schedule import Schedule
from agentmem.engine.uses import Uses
from agentmem.engine.worker import Worker
from agentmem.engine.worker_settings import WorkerSettings
from agentmem.errors import EmbedderMismatch, InvalidInput
from agentmem.forgetting.policy import Forgetting
from agentmem.handle import ScopeHandle
from agentmem.index import leftover, open_index
from agentmem.llm import LLM, ChatModel
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.loading import wrap
from agentmem.models.checked import CheckedEmbedder
from agentmem.models.loading import DEFAULT, load_embedder
from agentmem.models.observed import ObservedEmbedder
from agentmem.observing import OFF, load_observer
from agentmem.observing.verbs import verb
from agentmem.protocols import BeforePrompt, BeforeWrite, Clock, Embedder, Observer, Store, TokenCounter, VectorIndex
from agentmem.recipes import DEFAULT_RECIPE, recipe_named
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.settings import DEFAULT_RETRIEVAL, Retrieval
from agentmem.store.audit import audit
from agentmem.store.database import SqlStore
from agentmem.structures.views import BARE, checked_views
from agentmem.text.budget import estimate_tokens
from agentmem.types import Progress, Scope, Worked

_Hook = TypeVar("_Hook", bound=Callable[..., object])


class AgentMemory:
    """A store of memories: one database, many scopes. Open it with :meth:`open`, use it through :meth:`scope`.

    Safe to share between threads. Several processes may open one database at once.
    """

    def __init__(self, parts: Parts) -> None:
        self._exchange = parts.exchange

    @property
    def parts(self) -> Parts:
        """What the verbs work with now; ``reindex`` exchanges them."""
        return self._exchange.newest

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str],
        *,
        embedder: Embedder | str | None = None,
        index: VectorIndex | str = "exact",
        views: Sequence[str] | None = None,
        durability: Literal["normal", "full"] = "normal",
        clock: Clock = clocks.now,
        count_tokens: TokenCounter = estimate_tokens,
        retrieval: Retrieval = DEFAULT_RETRIEVAL,
        recipe: Recipe | str = DEFAULT_RECIPE,
        llm: ChatModel | LLM | str | None = None,
        forgetting: Forgetting | None = None,
        before_write: BeforeWrite | Sequence[BeforeWrite] = (),
        before_prompt: BeforePrompt | Sequence[BeforePrompt] = (),
        observer: Observer | str | None = None,
    ) -> Self:
        """Open a database, creating it if it is not there.

        Args:
            path: a file, or ``":memory:"``.
            embedder: an :class:`~agentmem.protocols.Embedder`, or a name (see
                :func:`agentmem.models.load_embedder`). Default: the local all-MiniLM-L6-v2. ``"none"`` retrieves by
                words only.
            index: ``"exact"`` (in memory), ``"chroma"`` (in a folder beside the database), or a
                :class:`~agentmem.protocols.VectorIndex`.
            views: the texts by which each memory is embedded (see :mod:`agentmem.structures.views`). Default: those
                the database was made with, and ``["bare"]`` for a new one.
            durability: ``"normal"`` survives the death of the process, ``"full"`` also the loss of power.
            clock: gives the present; must return aware datetimes.
            count_tokens: counts tokens for budgets; the default estimates.
            retrieval: settings of the search, see :class:`agentmem.retrieval.settings.Retrieval`.
            recipe: what ``consolidate`` builds and how ``retrieve`` answers: a name (``agentmem recipes`` lists them)
                or a :class:`~agentmem.recipes.recipe.Recipe`.
            llm: a language model for the recipe: a :class:`~agentmem.llm.ChatModel`, or a name such as
                ``"openai:gpt-4o-mini"``. Everything works without one.
            forgetting: what ``consolidate`` retires by itself, and when it is destroyed (see
                :class:`agentmem.Forgetting`). Default: what the recipe says, which mostly is nothing, ever.
            before_write: sees every episode before it is stored, and may change it or keep it out, such as
                :class:`agentmem.Redaction` (see :data:`agentmem.protocols.BeforeWrite`). Several run in their order.
            before_prompt: sees every text of memory before a prompt shows it (see
                :data:`agentmem.protocols.BeforePrompt`). Several run in their order.
            observer: who watches it at work: ``"otel"`` (OpenTelemetry), ``"log"``, or an
                :class:`~agentmem.protocols.Observer`. Default: nobody, which costs nothing.

        Raises:
            InvalidInput: an argument that cannot be used, such as a durability that there is none of.
            StoreError: the file cannot be used; its subclasses say why and what to do.
            EmbedderMismatch: the database's vectors were made by another model.
            MissingExtra: the embedder's, the index's or the observer's package is not installed.
        """
        if not isinstance(path, str | os.PathLike) or not isinstance(location := os.fspath(path), str):
            raise InvalidInput(f"The path of a database must be a string or a Path, not {path!r}.")
        if "://" in location:
            raise InvalidInput(f"Only SQLite files are supported so far, not {location!r}. Give a path.")
        model = load_embedder(embedder or DEFAULT) if isinstance(embedder, str | None) else embedder
        chosen = recipe_named(recipe) if isinstance(recipe, str) else recipe
        if (present := clock()).tzinfo is None:
            raise InvalidInput(f"The clock gives {present}, which has no time zone: use lambda: datetime.now(UTC).")
        hooks = Hooks(_several(before_write), _several(before_prompt))
        watching = load_observer(observer)
        store = SqlStore(location, durability=durability, clock=clock)
        try:
            parts = Parts(
                store=store,
                followers=Followers(open_index(index, Path(location)), leftover(Path(location)), watching),
                embedder=None if model is None else _checked(model, watching),
                views=_views(store, views),
                clock=clock,
                count_tokens=count_tokens,
                retrieval=retrieval,
                owner=f"{os.getpid()}-{uuid.uuid4().hex[:8]}",
                recipe=chosen,
                structures=tuple(make() for make in chosen.structures),
                llm=wrap(llm, hooks.shown if hooks.before_prompt else None),
                forgetting=chosen.forgetting if forgetting is None else forgetting,
                uses=Uses(),
                hooks=hooks,
                observer=watching,
            )
            if parts.embedder is not None:
                _agree_on_model(parts, location)
                attach(parts)
        except BaseException:
            store.close()
            raise
        return cls(parts)

    def scope(self, *names: str | Scope) -> ScopeHandle:
        """The handle that has the verbs, for one scope: ``store.scope("acme", "user-7")``."""
        path = [part for name in names for part in (name.names if isinstance(name, Scope) else (name,))]
        return ScopeHandle(self, Scope(*path))

    def scopes(self) -> tuple[Scope, ...]:
        """Every scope of the database that was ever written to."""
        return self.parts.store.scopes()

    def scope_of(self, id: str) -> Scope | None:
        """The scope of a memory or an episode, by its id; ``None`` if there is none.

        For whoever runs the store. Who acts for one user asks that user's handle, which knows of no other's memories.
        """
        return self.parts.store.home(named(id, "id"))

    def work(
        self,
        *,
        once: bool = True,
        stop: Event | None = None,
        jobs: int = 1,
        quiet: float | None = None,
        interval: float = 10.0,
        limit: int = 32,
        budget: Budget | None = None,
        turn_budget: Budget | None = None,
        max_retired: float = 0.2,
        schedule: str | None = None,
        zone: str = "UTC",
        progress: Callable[[Worked], None] | None = None,
    ) -> Worked:
        """Consolidate all scopes, in turns, each where something waits; returns what was done.

        Any number of workers, in any number of processes, may work on one database: none does what another does. A
        scope in which something goes wrong rests for a while, and the others go on; the log says what.

        Args:
            once: do what is due now. With ``False`` go on until ``stop`` is set.
            stop: set it from another thread to end the work: what is being written is finished, the rest is left to
                the next worker.
            jobs: how many scopes are worked on at once, each by a thread.
            quiet: a scope gets its turn when nothing was added to it for so many seconds. Default: 60, but 0 with
                ``once`` or a ``schedule``.
            interval: seconds between two looks when there is nothing to do.
            limit: how many sessions, documents or memories each structure takes up in one turn.
            budget: the most that a language model may be asked in all; with a ``schedule``, each time. When it is
                spent, the worker ends.
            turn_budget: the most that it may be asked in one turn.
            max_retired: the share of a scope's memories that a worker may take out of retrieval in a day.
            schedule: a cron expression such as ``"0 3 * * *"``: at these times do all that is due, and nothing between.
            zone: the time zone of the schedule, such as ``"Europe/Brussels"``.
            progress: called after each turn, with the totals so far.

        Raises:
            InvalidInput: a number is out of range, the schedule cannot be read, ``once`` was not set to ``False`` with
                a schedule, or the language model cannot be held to a budget.
            EmbedderMismatch: another process changed the model meanwhile: open the store again.
        """
        if once and schedule is not None:
            raise InvalidInput("A schedule is for a worker that goes on: work(once=False, schedule=...).")
        settings = WorkerSettings(
            jobs=jobs,
            quiet=quiet,
            interval=interval,
            limit=limit,
            budget=spending(budget),
            turn_budget=spending(turn_budget),
            max_retired=max_retired,
            schedule=None if schedule is None else Schedule(schedule, zone),
        )
        worker = Worker(lambda: self.parts, settings, progress=progress)
        return worker.drain(stop) if once else worker.run(stop or Event())

    @verb("parts")
    def reindex(
        self,
        embedder: Embedder | str = DEFAULT,
        *,
        views: Sequence[str] | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> int:
        """Change the embedding model, or the views, while the store is in use; returns how many vectors were made.

        The old vectors serve until the last new one is written. Other processes that have the database open are told
        to open it again.
        """
        model = load_embedder(embedder) if isinstance(embedder, str) else embedder
        if model is None:
            raise InvalidInput("reindex() needs an embedding model; to do without one, open with embedder='none'.")
        new = replace(
            self.parts,
            embedder=_checked(model, self.parts.observer),
            views=self.parts.views if views is None else checked_views(names(views, "views")),
            outage=Outage(),
        )
        return reindex(new, progress)

    @verb("parts")
    def compact(self) -> bool:
        """Rewrite the files so that nothing that was forgotten is left in them.

        False if something is left to do: another process is reading, or the log says what about the vector index.
        """
        return not compact_files(self.parts)

    @verb("parts")
    def check(self) -> tuple[str, ...]:
        """Whether the database is sound: every broken invariant in words, see :mod:`agentmem.store.audit`.

        Empty if all is well. Nothing is mended, and what is said holds identifiers, never content.
        """
        return audit(self.parts.store)

    def close(self) -> None:
        """Release files and memory. Closing twice does no harm."""
        self.parts.uses.write_all(self.parts.store)
        self.parts.followers.drop()
        self.parts.followers.index.close()
        self.parts.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _several(hooks: _Hook | Sequence[_Hook]) -> tuple[_Hook, ...]:
    """One hook or several, as several."""
    several = (hooks,) if callable(hooks) else tuple(hooks)
    if wrong := [hook for hook in several if not callable(hook)]:
        raise InvalidInput(f"A hook is something to call, not {wrong[0]!r}.")
    return several


def _checked(model: Embedder, observer: Observer) -> CheckedEmbedder:
    """The model behind its checks, watched if anybody does."""
    return CheckedEmbedder(model if observer is OFF else ObservedEmbedder(model, observer))


def _views(store: Store, asked: Sequence[str] | None) -> tuple[str, ...]:
    """The views asked for, else those of the database."""
    if asked is not None:
        return checked_views(names(asked, "views"))
    _, _, views = (store.get_meta(EMBEDDER_META) or "").rpartition("|")
    return checked_views(views.split(",")) if views else (BARE,)


def _agree_on_model(parts: Parts, location: str) -> None:
    """Refuse a database with another model's vectors."""
    known = parts.store.get_meta(EMBEDDER_META)
    if known is None or known == parts.identity or not parts.store.has_vectors():
        return  # the first vectors will put the model's name on it
    fingerprint, _, views = known.rpartition("|")
    raise EmbedderMismatch(
        f"The vectors in {location} were made with {fingerprint} (views: {views}), not with "
        f"{parts.identity.replace('|', ' (views: ')}). Open it with that embedder, or change it for good (the database "
        f"stays in use meanwhile): agentmem --db {location} reindex --embedder NAME"
    )

"""What every :class:`agentmem.structures.structure.Structure` does, driven the way ``consolidate`` drives it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Set
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentmem.client import AgentMemory
from agentmem.errors import LLMUnavailable
from agentmem.handle import ScopeHandle
from agentmem.kinds import FACT
from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.models.chat.budget import Budget
from agentmem.recipes.recipe import Recipe
from agentmem.structures.extraction import PROMPT, ExtractionStructure
from agentmem.structures.structure import Structure
from agentmem.testing.fakes import FakeClock, FakeEmbedder
from agentmem.types import Consolidation, Document, Memory, Message

_START = datetime(2025, 5, 1, 9, tzinfo=UTC)


def turns(session: int, count: int = 4) -> list[Message]:
    """A small session; every one has a word of its own (``word3x1``) in each of its turns."""
    topics = (
        "my cat Misty in Lisbon",
        "the piano trio in Porto",
        "a pottery course with Luis",
        "the boat on the Douro",
    )
    return [
        Message(
            f"I told word{session}x{number} about {topics[(session + number) % len(topics)]}.",
            speaker="Ana" if number % 2 else "Ben",
            session=f"s{session}",
            at=_START + timedelta(days=session, minutes=number),
        )
        for number in range(count)
    ]


class FailingChat:
    """Passes requests on while it is ``well``, and is unavailable otherwise; counts what it was asked.

    Prompts that are ``spared`` are passed on in any case, and do not count.
    """

    def __init__(self, inner: ChatModel, spared: Set[str] = frozenset()) -> None:
        self._inner = inner
        self._spared = spared
        self.well = True
        self.asked = 0

    @property
    def name(self) -> str:
        """The inner model's."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        if request.prompt.id in self._spared:
            return self._inner.reply(request)
        self.asked += 1
        if not self.well:
            raise LLMUnavailable("The model is away.")
        return self._inner.reply(request)


class StructureConformance:
    """Override the fixture ``make_structure``: a function that makes the structure.

    Override ``make_chat`` as well to have it run with a language model: a function that makes one with an answer to
    every prompt of the structure, such as a :class:`agentmem.testing.chat.ScriptedChat`.

    A structure that follows memories is driven with facts made from the same turns and documents: its ``make_chat``
    answers the prompt ``extract`` too. For one that follows other kinds, override ``make_below``.

    Attributes:
        reads_documents: whether anything is made of documents.
        rebuilds: whether what is made of an earlier session may be replaced when a new one comes.
    """

    reads_documents: bool = True
    rebuilds: bool = True

    @pytest.fixture
    def make_structure(self) -> Callable[[], Structure]:
        """Override me."""
        raise NotImplementedError("Override the fixture make_structure: a function that makes your structure.")

    @pytest.fixture
    def make_chat(self) -> Callable[[], ChatModel] | None:
        """Override me to run with a language model."""
        return None

    @pytest.fixture
    def make_below(self, make_structure: Callable[[], Structure]) -> tuple[Callable[[], Structure], ...]:
        """What makes the memories that it follows; nothing for a structure that follows episodes."""
        return (lambda: ExtractionStructure((FACT,), (FACT,)),) if make_structure().reads else ()

    @pytest.fixture
    def clock(self) -> FakeClock:
        """Stands still until it is moved."""
        return FakeClock()

    @pytest.fixture
    def chat(
        self, make_chat: Callable[[], ChatModel] | None, make_below: tuple[Callable[[], Structure], ...]
    ) -> FailingChat | None:
        """The model, which can be made to fail for the structure alone."""
        return None if make_chat is None else FailingChat(make_chat(), {PROMPT} if make_below else frozenset())

    @pytest.fixture
    def open_scope(
        self,
        tmp_path: Path,
        clock: FakeClock,
        chat: FailingChat | None,
        make_structure: Callable[[], Structure],
        make_below: tuple[Callable[[], Structure], ...],
    ) -> Iterator[Callable[..., ScopeHandle]]:
        """Opens a scope of a database whose recipe is the structure alone; again: as another process would."""
        stores: list[AgentMemory] = []

        def opened(name: str = "memory.db") -> ScopeHandle:
            recipe = Recipe("under-test", "the structure alone", structures=(*make_below, make_structure))
            store = AgentMemory.open(tmp_path / name, embedder=FakeEmbedder(), clock=clock, recipe=recipe, llm=chat)
            stores.append(store)
            return store.scope("a", "structure")

        yield opened
        for store in stores:
            store.close()

    @pytest.fixture
    def scope(self, open_scope: Callable[..., ScopeHandle]) -> ScopeHandle:
        """A scope with nothing in it."""
        return open_scope()

    @pytest.fixture
    def kinds(self, make_structure: Callable[[], Structure]) -> tuple[str, ...]:
        """What it makes."""
        return make_structure().kinds

    def test_it_has_a_name_that_stays_and_kinds(self, make_structure: Callable[[], Structure]) -> None:
        assert make_structure().name == make_structure().name != ""
        assert make_structure().kinds or make_structure().reads
        assert len(set(make_structure().kinds)) == len(make_structure().kinds)
        assert len(f"structure:{make_structure().name}") <= 64, "the name of its follower must fit its column"

    def test_nothing_comes_of_nothing(self, scope: ScopeHandle) -> None:
        assert scope.consolidate().done
        scope.add(Message("Be kind.", role="system"))
        assert scope.consolidate().done

    def test_every_unit_is_dealt_with_and_only_its_kinds_are_made(
        self, scope: ScopeHandle, kinds: tuple[str, ...], make_structure: Callable[[], Structure]
    ) -> None:
        scope.add([*turns(1), *turns(2), *turns(3)])
        done = scope.consolidate()
        assert done.done and not done.failures and done.built[-1].stopped is None
        assert done.built[-1].units >= 3 and set(done.built[-1].added) <= set(kinds)
        assert {memory.kind for memory in _all(scope)} <= {"chunk", *kinds, *make_structure().reads}

    def test_all_it_makes_has_sources_that_are_spans_of_what_was_added(
        self, scope: ScopeHandle, kinds: tuple[str, ...]
    ) -> None:
        scope.add([*turns(1), *turns(2), Document("The Douro rises in Spain. " * 90, title="Douro")])
        scope.consolidate()
        for memory in _all(scope, *kinds):
            assert memory.text.strip() and memory.sources
            for source in memory.sources:
                assert 0 <= source.start < source.end <= len(scope.episode(source.episode).text)

    def test_doing_it_again_makes_and_asks_nothing(self, scope: ScopeHandle, chat: FailingChat | None) -> None:
        scope.add([*turns(1), *turns(2)])
        scope.consolidate()
        before, asked = _told(scope), 0 if chat is None else chat.asked
        assert scope.consolidate().run is None
        assert _told(scope) == before and (chat is None or chat.asked == asked)

    def test_what_it_keeps_between_calls_is_only_a_convenience(self, open_scope: Callable[..., ScopeHandle]) -> None:
        kept, fresh = open_scope("kept.db"), open_scope("fresh.db")
        for session in range(1, 6):
            kept.add(turns(session))
            assert kept.consolidate().done
            fresh.add(turns(session))
            fresh = open_scope("fresh.db")
            assert fresh.consolidate().done
        assert _told(fresh) == _told(kept)

    def test_a_session_that_goes_on_is_taken_further(self, scope: ScopeHandle) -> None:
        scope.add(turns(1))
        scope.consolidate()
        before = {memory.id for memory in _all(scope)}
        scope.add(turns(1, 8)[4:])
        assert scope.consolidate().done
        if not self.rebuilds:
            assert before <= {memory.id for memory in _all(scope)}

    @pytest.mark.parametrize("text", ["Otter", "?!", "The Douro rises in Spain. " * 300], ids=["word", "signs", "long"])
    def test_documents_of_any_size(self, scope: ScopeHandle, text: str) -> None:
        scope.add(Document(text, title="Paper", at=_START))
        done = scope.consolidate()
        assert done.done and not done.failures
        if not self.reads_documents:
            assert not done.built[-1].added

    def test_turns_without_session_speaker_or_end(self, scope: ScopeHandle) -> None:
        scope.add([Message("hm", at=_START), Message("I like tea", at=_START), Message("?", speaker="Ana", at=_START)])
        assert scope.consolidate().done

    def test_nothing_is_left_of_what_is_forgotten(self, scope: ScopeHandle, kinds: tuple[str, ...]) -> None:
        ids = scope.add([*turns(1), *turns(2), *turns(3)]).ids
        scope.consolidate()
        episode = scope.get(ids[0]).sources[0].episode
        scope.forget(ids=[ids[0]], compact=False)
        for memory in _all(scope, *kinds, state=None):
            assert "word1x0" not in memory.text and episode not in {source.episode for source in memory.sources}
        scope.add(turns(4))
        assert scope.consolidate().done
        assert not any("word1x0" in memory.text for memory in _all(scope, *kinds, state=None))
        scope.forget(everything=True, compact=False)
        assert _all(scope, state=None) == [] and scope.consolidate().done

    def test_a_run_can_be_undone_and_work_goes_on(self, scope: ScopeHandle, kinds: tuple[str, ...]) -> None:
        scope.add(turns(1))
        done = scope.consolidate()
        if done.run is not None:
            scope.undo(done.run)
        assert not kinds or _all(scope, *kinds) == []
        scope.add(turns(2))
        assert scope.consolidate().done

    def test_a_dry_run_writes_nothing(self, scope: ScopeHandle) -> None:
        scope.add([*turns(1), *turns(2)])
        scope.consolidate()
        scope.add(turns(3))
        before, head = _told(scope), scope.stats().journal_head
        assert scope.consolidate(dry_run=True).run is None
        assert _told(scope) == before and scope.stats().journal_head == head
        assert scope.consolidate().done

    def test_a_model_that_is_away_is_asked_again_later_and_nothing_is_lost(
        self, open_scope: Callable[..., ScopeHandle], clock: FakeClock, chat: FailingChat | None
    ) -> None:
        if chat is None:
            pytest.skip("no language model")
        scope, other = open_scope("failing.db"), open_scope("well.db")
        for one in (scope, other):
            one.add(turns(1, 40))
        chat.well = False
        failed = scope.consolidate()
        chat.well = True
        if not failed.failures:
            assert chat.asked == 0  # it has no use for a model, or it lost what it should have asked
            return
        assert not failed.done
        clock.advance(days=2)
        assert _until_done(scope).done and other.consolidate().done
        assert {memory.kind for memory in _all(scope)} == {memory.kind for memory in _all(other)}

    def test_a_budget_stops_it_and_it_goes_on_from_there(
        self, scope: ScopeHandle, chat: FailingChat | None, kinds: tuple[str, ...]
    ) -> None:
        if chat is None:
            pytest.skip("no language model")
        scope.add([turn for session in range(1, 6) for turn in turns(session)])
        scope.consolidate(budget=Budget(calls=2))
        assert chat.asked <= 2
        assert _until_done(scope, Budget(calls=3)).done
        ids = [memory.id for memory in _all(scope, *kinds)]
        assert len(ids) == len(set(ids))


def _until_done(scope: ScopeHandle, budget: Budget | None = None) -> Consolidation:
    for _ in range(200):
        done = scope.consolidate(budget=budget)
        if done.done:
            break
    return done


def _all(scope: ScopeHandle, *kinds: str, state: str | None = "active") -> list[Memory]:
    return list(scope.list(kinds=kinds or None, state=state, limit=1_000))


def _told(scope: ScopeHandle) -> Counter[tuple[str, str, str]]:
    return Counter((memory.kind, memory.text, str(memory.state)) for memory in _all(scope, state=None))

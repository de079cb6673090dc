"""Walking down a tree of summaries to the texts that answer a question: with a language model, or by likeness.

Chen et al., "Walking Down the Memory Maze" (MemWalker, 2023, arXiv 2310.05029), section 3.2. At an inner node the model
sees the summaries below and enters one, or goes back; at a leaf it reads the text and answers, or goes back. It takes
along what it saw on its way. Nothing here reads a store: texts and children are asked for by id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentmem.errors import BudgetExhausted, MalformedReply
from agentmem.llm import LLM, Completion, Reply
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import LeafReading, Navigation
from agentmem.protocols import TokenCounter
from agentmem.retrieval.trees.walks import ChildrenOf, Did, Ending, Step, Walk, walk_by_likeness
from agentmem.text.budget import estimate_tokens
from agentmem.types import Usage

__all__ = ["Did", "Ending", "Step", "Walk", "navigate", "walk_by_likeness"]

TextOf = Callable[[str], str]
"""A node's text."""

BACK = -1
COMMIT = -2
_TOP = ""  # stands above the roots, where there are several


def navigate(
    question: str,
    roots: Sequence[str],
    text_of: TextOf,
    children_of: ChildrenOf,
    llm: LLM,
    *,
    memory_tokens: int = 2_000,
    most_steps: int = 24,
    tries: int = 3,
    count_tokens: TokenCounter = estimate_tokens,
) -> Walk:
    """Let a language model walk down to the answer.

    Args:
        question: what is asked.
        roots: the top nodes; where there are several, the model first chooses among them.
        text_of: a node's text.
        children_of: the nodes below one; a child that was left without an answer is not offered there again.
        llm: who walks.
        memory_tokens: how much of what was seen on the way is shown; the oldest goes first.
        most_steps: calls of the model after which the walk ends, tries that failed not counted.
        tries: how often one choice is asked for when the reply is malformed or names nothing there is.
        count_tokens: of a text.

    Raises:
        LLMError: the model could not be asked at all. A spent budget is an ending, not an error.
    """
    return _Walker(question, text_of, children_of, llm, memory_tokens, most_steps, tries, count_tokens).walk(roots)


class _Lost(Exception):
    """No choice could be had in as many tries as allowed."""


class _TooLong(Exception):
    """The walk took as many steps as allowed."""


class _Walker:
    """A model's walk, while it lasts."""

    def __init__(
        self,
        question: str,
        text_of: TextOf,
        children_of: ChildrenOf,
        llm: LLM,
        memory_tokens: int,
        most_steps: int,
        tries: int,
        count_tokens: TokenCounter,
    ) -> None:
        self._question = question
        self._text_of = text_of
        self._children_of = children_of
        self._llm = llm
        self._memory_tokens = memory_tokens
        self._left = most_steps
        self._tries = tries
        self._count_tokens = count_tokens
        self._roots: tuple[str, ...] = ()
        self._memory: list[str] = []
        self._rejected: dict[str, set[str]] = {}
        self._steps: list[Step] = []
        self._leaves: list[str] = []
        self._usage = Usage()

    def walk(self, roots: Sequence[str]) -> Walk:
        self._roots = tuple(roots)
        try:
            answered, answer = self._from_the_top()
            ending = Ending.ANSWERED if answered else Ending.NOTHING_LEFT
        except _Lost:
            answer, ending = None, Ending.LOST
        except _TooLong:
            answer, ending = None, Ending.TOO_LONG
        except BudgetExhausted:
            answer, ending = None, Ending.BUDGET
        return Walk(tuple(dict.fromkeys(self._leaves)), tuple(self._steps), answer, ending, self._usage)

    def _from_the_top(self) -> tuple[bool, str | None]:
        """Whether the model answered, and what."""
        path = [self._roots[0]] if len(self._roots) == 1 else [_TOP] if self._roots else []
        while path:
            here = path[-1]
            below = self._below(here)
            if not below and here != _TOP:
                reading = self._read(here)
                if reading.action == COMMIT:
                    return True, reading.answer
                self._leave(path)
                continue
            options = [child for child in below if child not in self._rejected.get(here, ()) and child not in path]
            if not options:
                self._steps.append(Step(here or None, Did.BACK, "nothing below it is left"))
            chosen = self._choose(here, options) if options else None
            if chosen is None:
                self._leave(path)
            else:
                path.append(chosen)
        return False, None

    def _below(self, node: str) -> Sequence[str]:
        return self._roots if node == _TOP else self._children_of(node)

    def _leave(self, path: list[str]) -> None:
        """Go back to the parent, where this node is not offered again."""
        left = path.pop()
        if path:
            self._rejected.setdefault(path[-1], set()).add(left)

    def _choose(self, here: str, options: Sequence[str]) -> str | None:
        """The child the model enters; ``None``: it goes back."""
        listed = "\n".join(f"[{number}] {self._text_of(child)}" for number, child in enumerate(options))
        allowed = (BACK, *range(len(options)))
        reply = self._ask("navigate", Navigation, allowed, "options", listed)
        if reply.action == BACK:
            self._steps.append(Step(here or None, Did.BACK, reply.reasoning))
            return None
        chosen = options[reply.action]
        self._steps.append(Step(chosen, Did.ENTER, reply.reasoning))
        if self._children_of(chosen):
            self._memory.append(self._text_of(chosen))  # a leaf's is taken along when it has been read
        return chosen

    def _read(self, leaf: str) -> LeafReading:
        segment = self._text_of(leaf)
        self._leaves.append(leaf)
        reply = self._ask("read_leaf", LeafReading, (BACK, COMMIT), "segment", segment)
        self._steps.append(Step(leaf, Did.ANSWER if reply.action == COMMIT else Did.READ, reply.reasoning))
        self._memory.append(segment)
        return reply

    def _ask(self, prompt: str, schema: type[Reply], allowed: Sequence[int], name: str, value: str) -> Reply:
        """A reply whose action is allowed."""
        if self._left <= 0:
            raise _TooLong
        self._left -= 1
        complaint = ""
        for _ in range(self._tries):
            variables = {"question": self._question, "memory": self._remembered(), name: value + complaint}
            try:
                completion: Completion[Reply] = self._llm.complete(render(prompt, **variables), schema)
            except MalformedReply:
                continue
            self._usage += completion.usage
            action = getattr(completion.value, "action", None)
            if action in allowed:
                return completion.value
            complaint = (
                f"\n\n(Your last action, {action}, is not possible here. Possible: {', '.join(map(str, allowed))}.)"
            )
        raise _Lost

    def _remembered(self) -> str:
        """What was seen on the way, the newest that fits; of a text too long alone, its beginning."""
        kept: list[str] = []
        room = self._memory_tokens
        for text in reversed(self._memory):
            tokens = self._count_tokens(text)
            if tokens > room:
                if not kept:
                    kept.append(_beginning(text, room, self._count_tokens))
                break
            kept.append(text)
            room -= tokens
        return "\n\n".join(reversed(kept))


def _beginning(text: str, room: int, count_tokens: TokenCounter) -> str:
    """As many words from the start as there is room for, found by halving."""
    words = text.split()
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if count_tokens(" ".join(words[:middle])) <= room:
            low = middle
        else:
            high = middle - 1
    return " ".join(words[:low])

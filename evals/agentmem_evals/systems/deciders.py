"""What decides about pairs of memories: the library's own deciders, and two baselines to hold them against."""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.models.chat.loading import NONE, load_llm
from agentmem.updating.decision import Decided, Decider, Decision, Pair, Relation
from agentmem_evals.errors import EvalError, UnknownName

RULES, ASKED, COSINE, NEVER = "agentmem:rules", "agentmem:asked", "cosine", "never"
DECIDERS = (RULES, ASKED, COSINE, NEVER)
USUAL_THRESHOLD = 0.9


class CosineDecider:
    """The baseline that many systems are: near enough is the same. It knows no contradiction.

    A pair repeats when the cosine of its vectors is at least ``threshold``. Without vectors nothing repeats.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold

    def decide(self, pairs: Sequence[Pair]) -> Decided:
        """One decision for each pair."""
        return Decided(tuple(self._decision(pair) for pair in pairs))

    def _decision(self, pair: Pair) -> Decision:
        near = pair.cosine is not None and pair.cosine >= self._threshold
        return Decision(Relation.REPEATS if near else Relation.INDEPENDENT)


class NeverDecider:
    """The baseline that does no harm: nothing ever repeats or contradicts anything."""

    def decide(self, pairs: Sequence[Pair]) -> Decided:
        """``INDEPENDENT``, for each pair."""
        return Decided(tuple(Decision(Relation.INDEPENDENT) for _ in pairs))


def make_decider(spec: str, llm: str = NONE) -> Decider:
    """The decider that ``spec`` names, one of :data:`DECIDERS` or ``cosine:THRESHOLD``, with the model ``llm`` names.

    Raises:
        UnknownName: there is no such decider.
        InvalidInput: there is no such language model.
        MissingExtra: the package behind the language model is not installed.
        EvalError: it asks a language model and none is given, or it asks none and one is given.
    """
    name, _, threshold = spec.partition(":")
    if spec not in DECIDERS and name != COSINE:
        raise UnknownName(f"There is no decider {spec!r}. Known are: {', '.join(DECIDERS)}, {COSINE}:THRESHOLD.")
    if llm != NONE and spec != ASKED:
        raise EvalError(f"The decider {spec!r} asks no language model: leave --llm out.")
    if name == COSINE:
        return CosineDecider(_threshold(threshold) if threshold else USUAL_THRESHOLD)
    if spec == NEVER:
        return NeverDecider()
    if spec == RULES:
        from agentmem.updating.rules import RuleDecider

        return RuleDecider()
    model = load_llm(llm)
    if model is None:
        raise EvalError(f"The decider {ASKED!r} asks a language model: pass --llm openai:MODEL.")
    from agentmem.updating.asking import AskingDecider

    return AskingDecider(model)


def _threshold(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -1 <= value <= 1:
        raise EvalError(f"A threshold is a cosine such as {COSINE}:{USUAL_THRESHOLD}, not {text!r}.")
    return value

"""``agentmem:VARIANT``: one step of the library's retrieval switched, so that its worth can be measured."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.retrieval.settings import DEFAULT_RETRIEVAL, Retrieval
from agentmem.retrieval.signals import SIGNALS
from agentmem.structures.views import BARE, SPOKEN
from agentmem_evals.errors import UnknownName

_WITHOUT = "no-"


@dataclass(frozen=True, slots=True)
class Variant:
    """How a run's store is opened."""

    name: str = "default"
    retrieval: Retrieval = DEFAULT_RETRIEVAL
    views: tuple[str, ...] = (BARE,)


STEPS = {
    "no-expand": Variant("no-expand", Retrieval(expand=False)),
    "diverse": Variant("diverse", Retrieval(diversity=0.2)),
    "asked-as-is": Variant("asked-as-is", Retrieval(first_person=False)),
    "spoken-view": Variant("spoken-view", views=(BARE, SPOKEN)),
    "candidates-50": Variant("candidates-50", Retrieval(candidates=50)),
    "candidates-200": Variant("candidates-200", Retrieval(candidates=200)),
}
"""Steps that are off by default, or set otherwise."""


def parse_variant(text: str | None) -> Variant:
    """The variant of a name: one of :data:`STEPS`, or ``no-SIGNAL`` to leave a signal out of the score.

    Raises:
        UnknownName: there is no such variant.
    """
    if text is None:
        return Variant()
    if text in STEPS:
        return STEPS[text]
    signal = text.removeprefix(_WITHOUT)
    if text.startswith(_WITHOUT) and signal in SIGNALS:
        return Variant(text, Retrieval(without=frozenset({signal})))
    known = [*STEPS, *(f"{_WITHOUT}{name}" for name in SIGNALS)]
    raise UnknownName(f"The system 'agentmem' has no variant {text!r}. Known are: {', '.join(known)}.")

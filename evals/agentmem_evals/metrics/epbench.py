"""The Episodic Memories benchmark (Huet et al., ICLR 2025): recall of events and of their order.

From ``epbench/src/evaluation/scoring_answers.py`` and ``evaluation_wrapper.py`` of ahstat/episodic-memory-benchmark,
policy ``remove_duplicates``. There a language model says which items a reply lists, how well (0, 0.5, 1) each gold item
is met, and which item is which. *Ours*: :func:`agentmem_evals.metrics.listings.listed_items` lists them, and a gold
item is met (1) if an item of the reply contains its words in a row, after SQuAD's normalisation. There is no 0.5, and
paraphrases are not met: these numbers are stricter than the published ones and must not be set beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.listings import listed_items
from agentmem_evals.metrics.overlap import squad_normalised
from agentmem_evals.metrics.phrases import places

CHRONOLOGICAL = "chronological"
"""What the category of a question contains that asks for its parts in order."""
LONGEST = 40
"""More words in a part, and no reply will repeat them: a whole event, told in its chapter, needs a judge."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A reply beside the ``wanted`` different parts, of which it meets ``met`` and beside which it lists other items.

    ``listed`` is how many different items it lists, and never fewer than it meets.
    """

    wanted: int
    listed: int
    met: int


def recalled(said: str, parts: Sequence[str]) -> Recalled:
    """Count a reply's items and the parts it meets, each once (``generate_metric``)."""
    wanted = list(dict.fromkeys(_words(part) for part in parts))
    items = {_words(item) for item in listed_items(said)}
    met = {place.phrase for item in items for place in places(item, wanted)}
    return Recalled(len(wanted), max(len(items), len(met)), len(met))


def order_recalled(said: str, parts: Sequence[str]) -> tuple[int, ...]:
    """Indices of the parts that a reply meets, in its order, each once (``judge_prompt_chronological_func``).

    A part that comes twice must be met twice: an item is the first part of its words that is still to be met, and
    nothing if there is none.
    """
    wanted = [_words(part) for part in parts]
    kinds = list(dict.fromkeys(wanted))
    found: dict[int, None] = {}
    for item in listed_items(said):
        for place in places(_words(item), kinds):
            same = (index for index, part in enumerate(wanted) if part == kinds[place.phrase] and index not in found)
            if (index := next(same, None)) is not None:
                found[index] = None
    return tuple(found)


def epbench_f1(said: str, gold: Gold) -> float | None:
    """The lenient F1 (``f1_score_lenient``): listing more items than there are costs no precision.

    Precision is met / min(listed, wanted), recall met / wanted. A question to which nothing is right (``unanswerable``
    without parts) has 1 where the reply lists nothing, else 0. ``None`` for other questions without parts, and where a
    part has more than :data:`LONGEST` words.
    """
    return _f1(said, gold, lenient=True)


def epbench_f1_harsh(said: str, gold: Gold) -> float | None:
    """The same with precision met / listed (``f1_score_harsh``)."""
    return _f1(said, gold, lenient=False)


def epbench_recall(said: str, gold: Gold) -> float | None:
    """The share of the parts that the reply lists; ``None`` as for :func:`epbench_f1`, and where nothing is right."""
    if not _listable(gold):
        return None
    found = recalled(said, gold.parts)
    return found.met / found.wanted


def epbench_chronology(said: str, gold: Gold) -> float | None:
    """Kendall's tau of the reply's order, where *all* parts are met; 0 where some are missing. In [-1, 1].

    Its mean over questions is what the benchmark multiplies: the share of questions with all parts met times the mean
    tau of those (``compute_kendall_summarise``). Items that are no part do not matter. ``None`` for questions with
    fewer than two parts, and where the category does not contain :data:`CHRONOLOGICAL`: the parts have no order then.
    """
    order = _in_order(said, gold)
    if order is None:
        return None
    return kendall_tau(order) if len(order) == len(gold.parts) else 0.0


def epbench_chronology_of_found(said: str, gold: Gold) -> float | None:
    """Kendall's tau over the parts that are met, where at least two are (``tau_partial_match_set_gt_with_pred``).

    ``None`` else: who finds little is left out rather than blamed, so this is never to be told without the recall.
    """
    order = _in_order(said, gold)
    return None if order is None or len(order) < 2 else kendall_tau(order)


def epbench_all_in_order(said: str, gold: Gold) -> float | None:
    """1 if all parts are met, and in order, else 0; ``None`` as for :func:`epbench_chronology`. Ours."""
    order = _in_order(said, gold)
    return None if order is None else float(order == tuple(range(len(gold.parts))))


def kendall_tau(order: Sequence[int]) -> float:
    """How far different numbers ascend: pairs in order less pairs out of order, over all pairs. Needs two or more."""
    signs = [1 if first < second else -1 for place, first in enumerate(order) for second in order[place + 1 :]]
    return sum(signs) / len(signs)


def _f1(said: str, gold: Gold, *, lenient: bool) -> float | None:
    if not gold.parts and gold.unanswerable:
        return float(not listed_items(said))
    if not _listable(gold):
        return None
    found = recalled(said, gold.parts)
    if not found.met:
        return 0.0
    counted = min(found.listed, found.wanted) if lenient else found.listed
    precision, recall = found.met / counted, found.met / found.wanted
    return 2 * precision * recall / (precision + recall)


def _listable(gold: Gold) -> bool:
    return bool(gold.parts) and all(len(part.split()) <= LONGEST for part in gold.parts)


def _in_order(said: str, gold: Gold) -> tuple[int, ...] | None:
    if CHRONOLOGICAL not in gold.category.casefold() or len(gold.parts) < 2 or not _listable(gold):
        return None
    return order_recalled(said, gold.parts)


def _words(text: str) -> tuple[str, ...]:
    return tuple(squad_normalised(text).split())

"""bAbI's accuracy (Weston et al. 2015, "Towards AI-complete question answering"): the whole answer, or nothing."""

from __future__ import annotations

from agentmem_evals.metrics.gold import Gold


def exact(said: str, gold: Gold) -> float | None:
    """1 if the reply is an accepted answer, in any case, else 0; ``None`` where there is no answer.

    The data writes a list with commas ("apple,milk", "n,w"); published results take it as one answer, so the items
    must come in its order. Without an answer, ``parts`` are it. Ours: spaces around items, and quotes or a full stop
    around the reply, do not matter. Articles, "and" and further words do.
    """
    accepted = [_items(answer) for answer in gold.accepted]
    if not accepted and gold.parts:
        accepted = [_items(",".join(gold.parts))]
    return float(_items(said) in accepted) if accepted else None


def _items(text: str) -> tuple[str, ...]:
    return tuple(" ".join(item.split()) for item in text.casefold().strip(" \t\r\n.\"'").split(","))

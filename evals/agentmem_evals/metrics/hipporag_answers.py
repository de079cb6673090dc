"""HippoRAG's measures of answers, which are MRQA's: ``src/hipporag/evaluation/qa_eval.py`` of OSU-NLP-Group/HippoRAG.

Both take the best over all accepted answers. HotpotQA's own script differs: it scores yes/no answers by equality only.
"""

from __future__ import annotations

from agentmem_evals.metrics.gold import Gold
from agentmem_evals.metrics.overlap import squad_normalised, token_f1


def hipporag_em(said: str, gold: Gold) -> float | None:
    """1 if the normalised reply equals an accepted answer, else 0; ``None`` where there is no answer."""
    if not gold.accepted:
        return None
    reply = squad_normalised(said)
    return float(any(reply == squad_normalised(answer) for answer in gold.accepted))


def hipporag_f1(said: str, gold: Gold) -> float | None:
    """The best F1 of normalised words with an accepted answer; ``None`` where there is no answer.

    An answer that normalisation leaves empty ("the") has F1 0, even with itself, as in the official code.
    """
    if not gold.accepted:
        return None
    reply = squad_normalised(said).split()
    return max(token_f1(reply, squad_normalised(answer).split()) for answer in gold.accepted)

"""SEAL's first half: a language model says which words a text that answers the question is likely to hold.

One call for a question. The published model generates n-grams token by token, and only such as occur; here every part
of a phrase that occurs is an identifier, so that a phrase that nobody said still finds what is said nearly so. The
model's own word for how likely a phrase is stands in for the probability of its tokens. Without a language model, or
where it cannot be asked, the question's own words are all there is.
"""

from __future__ import annotations

from dataclasses import replace

from agentmem.errors import LLMError
from agentmem.index.substrings import spelled
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import LikelyWords
from agentmem.retrieval.ngrams import Phrase
from agentmem.retrieval.search import Found, Rank, Search
from agentmem.retrieval.substrings import SubstringRank

PHRASES = 10
"""How many the model is asked for."""


def generate(search: Search, rank: Rank, k: int) -> list[Found]:
    """Rank once, with the phrases that the model expects where the rank goes by phrases."""
    if isinstance(rank, SubstringRank) and search.llm is not None:
        rank = replace(rank, phrases=expected(search.llm, search.text))
    return search.look(lambda moment: moment.hydrate(rank(moment, k)))


def expected(llm: LLM, question: str) -> tuple[Phrase, ...]:
    """The phrases a model expects in a text that answers; none where it cannot be asked."""
    try:
        reply = llm.complete(render("likely_words", question=question, count=str(PHRASES)), LikelyWords).value
    except LLMError:
        return ()
    phrases = ((tuple(spelled(one.text)), one.probability) for one in reply.phrases)
    return tuple(Phrase(words, probability) for words, probability in phrases if words)

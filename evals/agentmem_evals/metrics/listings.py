"""The items that a reply lists. Rules are ours: published harnesses ask a language model to find them."""

from __future__ import annotations

import json
import re

_MARK = re.compile(r"^\s*(?:[-*•–]+|\(?\d{1,3}[.):](?!\d)\)?)\s*")
_COMMA = re.compile(r",(?!\s*\d{4}\b)(?!\d{3}\b)")
_NONE = re.compile(r"\W*(?:none|nothing|nobody|no one|nowhere|never|unknown|n/?a|no)\W*", re.IGNORECASE)
_NOTHING_FOUND = re.compile(
    r"\bno (?:such |relevant |specific |available |matching )*"
    r"(?:information|records?|mentions?|events?|answers?|data|details?|evidence|match(?:es)?)\b"
    r"|(?:\bnot|n't) (?:explicitly |specifically )?(?:mention|specif|stat|provid|list|record|found|available|know)"
    r"|\b(?:cannot|can't|can not|could not|couldn't|unable to) (?:be )?(?:answer|determin|find|found|tell|say|said)",
    re.IGNORECASE,
)


def listed_items(said: str) -> tuple[str, ...]:
    """The items that a reply lists, in order.

    A JSON list's elements; else, of several lines, each but a heading that ends in ``:``, without its bullet or number;
    else what stands between semicolons; else what stands between commas, where the comma of a date ("May 5, 2024") or
    of a number is none. Nothing where :func:`is_negative` holds, whatever else the reply says.
    """
    if is_negative(said):
        return ()
    try:
        loaded = json.loads(said)
    except ValueError:
        loaded = None
    if isinstance(loaded, list):
        return _clean([str(item) for item in loaded])
    lines = [line for line in said.splitlines() if line.strip()]
    if len(lines) > 1:
        return _clean([_MARK.sub("", line) for line in lines if not line.rstrip().endswith(":")])
    text = _MARK.sub("", said)
    return _clean(text.split(";") if ";" in text else _COMMA.split(text))


def is_negative(said: str) -> bool:
    """The reply is empty, or says that there is no answer: "none", "no such events", "not mentioned", "cannot tell"."""
    return not said.strip() or bool(_NONE.fullmatch(said)) or bool(_NOTHING_FOUND.search(said))


def _clean(items: list[str]) -> tuple[str, ...]:
    stripped = (item.strip().removeprefix("and ").strip() for item in items)
    return tuple(item for item in stripped if item)

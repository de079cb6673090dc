"""What keeps coming back: the same subject and the same thing, in facts of several sessions. Without a model.

Only what can be counted is said: "Caroline speaks of painting in 5 sessions, from May to August 2023."
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from agentmem.structures.evidence import subject_key, subject_name
from agentmem.text.phrases import normalise
from agentmem.text.tagging import VERBS
from agentmem.text.words import STOP_WORDS, stem
from agentmem.types import Memory

_GENERIC = frozenset(
    stem(word)
    for word in """lot way thing people person time day week month year life last key one other others long place part
    bit kind sort moment today tonight morning weekend something everything anything someone everyone world idea point
    reason difference step end start fact case side change look pic picture photo chat talk luck fun stuff guy
    good great best better bad nice awesome amazing important tough hard easy happy sad thankful grateful proud excited
    positive negative safe special new old big small little real true sure right wrong glad lucky able ready
    favorite favourite first second third next many much few several same different whole cool crazy interesting
    passionate incredible wonderful beautiful lovely perfect free busy tired inspiring rewarding challenging exciting
    joy love feeling happiness difference impact passion strength courage power energy purpose success journey
    tricky crucial alone chance closer hand heart matter worth area sense blast reminder progress style events alike
    monday tuesday wednesday thursday friday saturday sunday
    january february march april may june july august september october november december""".split()
)
"""What everybody speaks of, so that it tells nothing of anybody."""
_NOT_A_THING = ("ful", "ous", "ive", "able", "ible", "less", "ly")
"""Endings of adjectives and adverbs."""
_ACTS = frozenset(
    stem(word)
    for word in """gonna gotta wanna make go get keep take give come know think see say tell want need try find put let
    look work feel help hear hope share learn live start spend grow change bring move create support face root strive
    back mean turn lose quit relax motivate appreciate value remember watch listen wait use add talk ask meet believe
    encourage inspire laugh care stay check plan consider realize realise deal push reach win miss""".split()
)
"""What everybody does: neither these nor what is said with them is a thing."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Something that a subject comes back to.

    Attributes:
        subject: in normal form.
        thing: in normal form, each word by its stem.
        text: what is said of it.
        facts: where it comes up, the first of each session, in order of time.
        sessions: in how many sessions.
    """

    subject: str
    thing: str
    text: str
    facts: tuple[Memory, ...]
    sessions: int


def patterns(facts: Iterable[Memory], least: int) -> list[Pattern]:
    """What comes up in at least so many sessions, what does in most of them first."""
    groups: dict[tuple[str, str], list[tuple[Memory, str]]] = {}
    known = list(facts)
    speakers = {word for fact in known if fact.speaker for word in normalise(fact.speaker).split()}
    for fact in known:
        subject = subject_key(fact)
        if subject and fact.session is not None:
            for thing, key in _things(fact, speakers | set(subject.split())).items():
                groups.setdefault((subject, thing), []).append((fact, key))
    found = []
    for (subject, thing), mentions in groups.items():
        sessions = len({fact.session for fact, _key in mentions})
        if sessions >= least:
            ordered = sorted(mentions, key=lambda one: (one[0].at, one[0].text))
            first: dict[str | None, Memory] = {}
            for fact, _key in ordered:
                first.setdefault(fact.session, fact)
            same = tuple(first.values())
            text = _told(same, _usual([key for _fact, key in ordered]), sessions)
            found.append(Pattern(subject, thing, text, same, sessions))
    return sorted(found, key=lambda pattern: (-pattern.sessions, pattern.subject, pattern.thing))


def _things(fact: Memory, speakers: Set[str]) -> dict[str, str]:
    """The keys of a fact that say something, by their stems."""
    keys = fact.metadata.get("keys")
    found: dict[str, str] = {}
    for key in keys if isinstance(keys, list | tuple) else ():
        plain = normalise(str(key))
        if plain and not _says_nothing(plain.split(), speakers):
            found.setdefault(" ".join(map(stem, plain.split())), " ".join(str(key).split()))
    return found


def _says_nothing(words: Sequence[str], speakers: Set[str]) -> bool:
    """Whether a key is no thing: it holds a common act or who speaks, or only words that are too common."""
    if any(stem(word) in _ACTS or word in speakers for word in words):
        return True
    return all(_is_empty(word, alone=len(words) == 1) for word in words)


def _is_empty(word: str, *, alone: bool) -> bool:
    if word in STOP_WORDS or len(word) < 3 or word.isdigit() or stem(word) in _GENERIC:
        return True
    return word.endswith(_NOT_A_THING) or (alone and (word.endswith("ed") or word in VERBS))


def _usual(keys: Sequence[str]) -> str:
    """As it is written most often, the first of equals; in lower case where it ever is, for then it is no name."""
    counts = Counter(keys)
    plain = [key for key in counts if key == key.lower()]
    return max(plain or counts, key=lambda key: counts[key])


def _told(facts: Sequence[Memory], thing: str, sessions: int) -> str:
    subject = subject_name(facts[-1]) or ""
    own = all(fact.speaker is not None and normalise(fact.speaker) == subject_key(fact) for fact in facts)
    said = f"{subject} speaks of {thing}" if own else f"{subject} comes up together with {thing}"
    return f"{said} in {sessions} sessions, {_from_to(facts[0].at, facts[-1].at)}."


def _from_to(first: datetime, last: datetime) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"in {last:%B %Y}"
    return f"from {first:%B} to {last:%B %Y}" if first.year == last.year else f"from {first:%B %Y} to {last:%B %Y}"

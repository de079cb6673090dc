"""What the prompts are answered with. Where thinking helps, a reply begins with it: a model writes from the front.

No field that matters has a default: a reply that lacks it is malformed, never an empty result.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Some text, not only white space."""


class _Reply(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)


class ExtractedTriple(_Reply):
    """A relation: ``source`` numbers the lines it comes from; empty means the whole text."""

    subject: str
    predicate: str
    object: str
    source: list[int]


class ExtractedFact(_Reply):
    """A self-contained sentence; ``time`` as a date or period, ``keys`` its key elements, ``source`` as above."""

    text: str
    speaker: str | None = None
    subject: str | None = None
    time: str | None = None
    keys: list[str]
    source: list[int]


class Extraction(_Reply):
    """The reply to ``extract``."""

    entities: list[str]
    triples: list[ExtractedTriple]
    facts: list[ExtractedFact]
    summary: str


class EntityDescription(_Reply):
    """What a text says about one entity (FADER's entity–description pair); ``source`` numbers its lines."""

    entity: str
    description: str
    source: list[int]


class Decomposition(_Reply):
    """The reply to ``decompose``: likely questions first, then what answers them."""

    questions: list[str]
    pairs: list[EntityDescription]


class TopicSegment(_Reply):
    """Exchanges on one topic, by the numbers of the first and the last."""

    first: int
    last: int
    topic: str


class Segmentation(_Reply):
    """The reply to ``segment``."""

    segments: list[TopicSegment]


class Summary(_Reply):
    """The reply to ``merge_summary`` and ``summarise``."""

    text: Text


class RollingSummary(_Reply):
    """The reply to ``rolling_summary``."""

    reasoning: str
    text: Text


class Navigation(_Reply):
    """The reply to ``navigate``: the number of the option to enter, or -1 to go back."""

    reasoning: str
    action: int


class LeafReading(_Reply):
    """The reply to ``read_leaf``: -2 to commit to ``answer``, -1 to go back and read elsewhere."""

    reasoning: str
    action: int
    answer: str | None = None


class DocumentScore(_Reply):
    """How much one document helps, from 1 (not at all) to 10 (it holds the answer)."""

    number: int
    score: Annotated[float, Field(ge=1, le=10, allow_inf_nan=False)]


class Relevance(_Reply):
    """The reply to ``rerank``."""

    scores: list[DocumentScore]


class Thought(_Reply):
    """The reply to ``think``: what is known and what is missing, and whether nothing is."""

    thought: Text
    enough: bool


class WeightedQuery(_Reply):
    """A query, and how likely it finds the answer, from 0 to 1."""

    text: Text
    weight: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class Rewrites(_Reply):
    """The reply to ``rewrite``."""

    queries: list[WeightedQuery]


class LikelyPhrase(_Reply):
    """Words in a row, and how likely a text that answers holds them, from 0 to 1."""

    text: Text
    probability: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class LikelyWords(_Reply):
    """The reply to ``likely_words``."""

    phrases: list[LikelyPhrase]


class StandaloneQuestion(_Reply):
    """The reply to ``decontextualise``."""

    reasoning: str
    text: Text


class TimeRange(_Reply):
    """The reply to ``time_range``: ISO dates, ``None`` where the question sets no bound."""

    reasoning: str
    start: str | None = None
    end: str | None = None


class RecognisedFacts(_Reply):
    """The reply to ``recognise``: the numbers of the facts that help."""

    facts: list[int]


class PairVerdict(_Reply):
    """What one newer memory is to one older one: ``relation`` as in :class:`agentmem.updating.decision.Relation`.

    A word that is none of them makes this verdict invalid, not the whole reply; so it is any text here.
    """

    pair: int
    reasoning: str
    relation: str = Field(
        json_schema_extra={"enum": ["independent", "repeats", "refines", "supersedes", "cancels"]},
    )
    text: str | None = None


class Update(_Reply):
    """The reply to ``update``: one verdict for each pair, thought through before it is given."""

    verdicts: list[PairVerdict]


class ToldFact(_Reply):
    """A sentence that stands alone, whom or what it is about, and the numbers of the lines it comes from."""

    text: Text
    subject: str | None = None
    source: list[int]


class ToldFacts(_Reply):
    """The reply to ``mem0_facts``, ``session_sentences`` and ``lightmem_facts``."""

    facts: list[ToldFact]


class FactEvent(_Reply):
    """What a new fact does to a memory, by their numbers; ``event`` as in Mem0, any text as in :class:`PairVerdict`."""

    fact: int
    reasoning: str
    event: str = Field(json_schema_extra={"enum": ["ADD", "UPDATE", "DELETE", "NONE"]})
    memory: int | None = None
    text: str | None = None


class FactEvents(_Reply):
    """The reply to ``mem0_update``."""

    decisions: list[FactEvent]


class PairOperation(_Reply):
    """Which of two sentences to keep, in the words of Keep-Me-Updated; any text as in :class:`PairVerdict`."""

    pair: int
    reasoning: str
    operation: str = Field(json_schema_extra={"enum": ["PASS", "REPLACE", "APPEND", "DELETE"]})


class PairOperations(_Reply):
    """The reply to ``keep_me_updated``."""

    verdicts: list[PairOperation]


class DayTold(_Reply):
    """The reply to ``day``: what happened, and what it tells about the people; the latter may be empty."""

    summary: Text
    portrait: str


class ProfileLine(_Reply):
    """What is true of somebody; ``facts`` numbers the facts that say so; ``group`` is any text, as in PairVerdict."""

    group: str
    text: Text
    facts: list[int]


class ProfileLines(_Reply):
    """The reply to ``profile``."""

    lines: list[ProfileLine]


class FocalQuestions(_Reply):
    """The reply to ``reflect_questions``."""

    questions: list[Text]


class Conclusion(_Reply):
    """What follows from several facts: their numbers first."""

    facts: list[int]
    text: Text


class Conclusions(_Reply):
    """The reply to ``reflect``; nothing may follow."""

    insights: list[Conclusion]


class PreparedAnswer(_Reply):
    """A likely question, the numbers of the facts that answer it, and the answer."""

    question: Text
    facts: list[int]
    answer: Text


class PreparedAnswers(_Reply):
    """The reply to ``foresee``; there may be none."""

    answers: list[PreparedAnswer]


class EntryDecision(_Reply):
    """What is to be done with an earlier entry because of a later one; any text as in :class:`PairVerdict`."""

    entry: int
    reasoning: str
    action: str = Field(json_schema_extra={"enum": ["update", "delete", "ignore"]})
    later: int | None = None
    text: str | None = None


class EntryDecisions(_Reply):
    """The reply to ``lightmem_update``."""

    decisions: list[EntryDecision]


class Induction(_Reply):
    """The reply to ``induce``: what a batch of experiences teaches; there may be nothing."""

    insights: list[ToldFact]


class RevisedNote(_Reply):
    """A note as it shall read, with the numbers of the notes and of the insights that it is made of."""

    text: Text
    notes: list[int]
    insights: list[int]


class NoteRevision(_Reply):
    """The reply to ``revise_notes``: all notes that shall stand."""

    reasoning: str
    notes: list[RevisedNote]


class LineNote(_Reply):
    """A question that a line raises, and its answer; ``source`` numbers the lines that the answer comes from."""

    line: int
    question: Text
    answer: Text
    source: list[int]


class LineNotes(_Reply):
    """The reply to ``self_notes``; most lines need none."""

    notes: list[LineNote]


class ShortTermMemory(_Reply):
    """The reply to ``recurrent_memory``: what goes and what comes, with reasons, before the memory itself."""

    reasoning: Text
    text: Text


class NextParagraph(_Reply):
    """The reply to ``recurrent_write``: a paragraph, and three instructions for the one after it."""

    paragraph: Text
    plans: Annotated[list[Text], Field(min_length=3, max_length=3)]


class ChosenPlan(_Reply):
    """The reply to ``recurrent_choose``: the number of a plan, from 0, and the plan extended and revised."""

    reasoning: str
    number: Annotated[int, Field(ge=0, le=2)]
    instruction: Text


class LineMark(_Reply):
    """How much a line matters, from 1 to 10; other marks are brought into that range."""

    line: int
    importance: float


class Importances(_Reply):
    """The reply to ``importance``; lines it leaves out are marked by rules."""

    marks: list[LineMark]


class NoteWording(_Reply):
    """A line's key phrases, a sentence about what it is about, and what it is filed under."""

    line: int
    keywords: list[str]
    context: str
    tags: list[str]


class NoteWordings(_Reply):
    """The reply to ``notes``; lines it leaves out are worded by rules."""

    notes: list[NoteWording]


class NeighbourChange(_Reply):
    """What a note beside a new one says from now on; a context of null or no tags leave these as they are."""

    neighbour: int
    context: str | None = None
    tags: list[str]


class NoteEvolution(_Reply):
    """What a new note brings about: neighbours it belongs with, its own tags (none: as they are), and changes."""

    note: int
    reasoning: str
    links: list[int]
    tags: list[str]
    neighbours: list[NeighbourChange]


class NoteEvolutions(_Reply):
    """The reply to ``evolve_notes``; notes that bring nothing about may be left out."""

    notes: list[NoteEvolution]


class FiledLine(_Reply):
    """Under which domain a line is filed, under which category in that, and the phrases of it that tell most."""

    line: int
    domain: Text
    category: Text
    keywords: list[str]


class FiledLines(_Reply):
    """The reply to ``file_lines``; lines it leaves out are filed by rules."""

    lines: list[FiledLine]

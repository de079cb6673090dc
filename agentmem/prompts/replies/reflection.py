"""What follows from memories: questions, conclusions, prepared answers, importance."""

from __future__ import annotations

from agentmem.prompts.replies.reply import Reply, Text


class FocalQuestions(Reply):
    """The reply to ``reflect_questions``."""

    questions: list[Text]


class Conclusion(Reply):
    """What follows from several facts: their numbers first."""

    facts: list[int]
    text: Text


class Conclusions(Reply):
    """The reply to ``reflect``; nothing may follow."""

    insights: list[Conclusion]


class PreparedAnswer(Reply):
    """A likely question, the numbers of the facts that answer it, and the answer."""

    question: Text
    facts: list[int]
    answer: Text


class PreparedAnswers(Reply):
    """The reply to ``foresee``; there may be none."""

    answers: list[PreparedAnswer]


class LineMark(Reply):
    """How much a line matters, from 1 to 10; other marks are brought into that range."""

    line: int
    importance: float


class Importances(Reply):
    """The reply to ``importance``; lines it leaves out are marked by rules."""

    marks: list[LineMark]

"""How far a judge says what people said of the same answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts of answers by label and verdict: ``false_accept`` are wrong ones that the judge calls right, and so on."""

    true_accept: int
    false_accept: int
    false_reject: int
    true_reject: int

    @property
    def n(self) -> int:
        """How many answers were judged."""
        return self.true_accept + self.false_accept + self.false_reject + self.true_reject

    @property
    def accuracy(self) -> float | None:
        """The share of answers on which both say the same; ``None`` for no answers."""
        return (self.true_accept + self.true_reject) / self.n if self.n else None

    @property
    def false_accept_rate(self) -> float | None:
        """The share of wrong answers that the judge calls right; ``None`` where there are none."""
        wrong = self.false_accept + self.true_reject
        return self.false_accept / wrong if wrong else None

    @property
    def false_reject_rate(self) -> float | None:
        """The share of right answers that the judge calls wrong; ``None`` where there are none."""
        right = self.true_accept + self.false_reject
        return self.false_reject / right if right else None

    @property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960): ``(p_o - p_e) / (1 - p_e)``, agreement beyond what the two shares alone would give.

        1 is agreement throughout, 0 what chance gives. ``None`` where chance gives it all (both say one and the same
        of every answer), and for no answers.
        """
        if not self.n:
            return None
        right, accepted = self.true_accept + self.false_reject, self.true_accept + self.false_accept
        # Over n², in whole numbers, so that "chance gives it all" is no matter of rounding.
        expected = right * accepted + (self.n - right) * (self.n - accepted)
        if expected == self.n**2:
            return None
        return (self.n * (self.true_accept + self.true_reject) - expected) / (self.n**2 - expected)


def agreement(verdicts: Iterable[tuple[bool, bool]]) -> Agreement:
    """Count from pairs of a label and the judge's verdict, each whether the answer is right."""
    counts = {(True, True): 0, (False, True): 0, (True, False): 0, (False, False): 0}
    for label, verdict in verdicts:
        counts[bool(label), bool(verdict)] += 1
    return Agreement(*counts.values())

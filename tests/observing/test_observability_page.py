"""The page on observing says what is measured, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from agentmem.observing.instruments import INSTRUMENTS

PAGE = Path(__file__).parents[2] / "docs" / "observability.md"


def test_the_table_of_metrics_is_the_code():
    table = PAGE.read_text(encoding="utf-8").partition("## Metrics")[2].partition("\n\nWorth")[0]
    rows = re.findall(r"^\| `([\w.]+)` \| (\w+) \| (\S+) \| .* \| (.*) \|$", table, re.MULTILINE)
    assert rows == [(one.name, one.kind.value, one.unit, one.meaning) for one in INSTRUMENTS.values()]

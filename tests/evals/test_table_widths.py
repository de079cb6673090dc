"""Tables in a terminal: numbers and names stay whole as long as there is room, headings give way."""

from __future__ import annotations

from agentmem_evals.reports.table import Table, column_widths, to_rich
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

WORD = st.text("abc%.@", max_size=12)


def drawn(table, width):
    console = Console(width=width)
    with console.capture() as captured:
        console.print(to_rich(table))
    return captured.get()


def test_headings_break_before_names_and_numbers_do():
    table = Table("t", ["run", "turn recall@10", "turn all@10"], [["agentmem-generative-agents", "100.0", "58.0"]])
    # Cells take 26 + 5 + 4, and 2 after each: 41. Of the 3 left two bring the first heading from 3 lines to 2 (14 / 7),
    # and one goes to the other, which has 3 still (11 / 4).
    assert column_widths(table, 44) == [26, 7, 5]
    assert column_widths(table, 40) is None
    assert column_widths(table, 200) == [26, 14, 11]
    assert "agentmem-generative-agents" in drawn(table, 44) and "100.0" in drawn(table, 44)


def test_a_table_without_rows_has_widths_too():
    assert column_widths(Table("t", ["run", "mrr"], []), 80) == [3, 3]


@given(
    st.integers(1, 4).flatmap(
        lambda n: st.tuples(
            st.lists(WORD, min_size=n, max_size=n),
            st.lists(st.lists(WORD, min_size=n, max_size=n), max_size=3),
        )
    ),
    st.integers(1, 60),
)
def test_widths_hold_every_cell_and_fit(table, room):
    header, rows = table
    widths = column_widths(Table("t", header, rows), room)
    if widths is not None:
        assert sum(widths) + 2 * len(widths) <= room
        assert all(len(cell) <= width for row in rows for cell, width in zip(row, widths, strict=True))

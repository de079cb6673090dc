"""What plots are made of: scales, places for names, pictures that fit into a page."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from agentmem_evals.reports.intervals import Estimate
from agentmem_evals.reports.plots.colours import SERIES, colour, marker
from agentmem_evals.reports.plots.dots import dots_plot, headed
from agentmem_evals.reports.plots.labelled import labelled_kinds, labelled_plot, labelled_table
from agentmem_evals.reports.plots.labels import Box, place, shown, spread
from agentmem_evals.reports.plots.scales import percent_range
from agentmem_evals.reports.plots.scatter import Cost, Point, scatter_plot
from hypothesis import given, settings
from hypothesis import strategies as st

HALF = Estimate(0.5, 0.4, 0.6, 20)
TIME = Cost("time", "ms", 1)


def words(svg: str) -> str:
    return " ".join(ET.fromstring(svg).itertext())


def test_names_that_have_room_stay_where_they_are():
    assert spread([10.0, 50.0, 30.0], 5) == [10.0, 50.0, 30.0]


def test_names_too_close_move_apart_around_their_middle():
    assert spread([10.0, 11.0], 5) == [8.0, 13.0]
    assert spread([11.0, 10.0, 100.0], 5) == [13.0, 8.0, 100.0]


@given(st.lists(st.floats(0, 100), max_size=12), st.floats(0.1, 20))
def test_names_keep_their_order_and_their_distance(wanted, gap):
    placed = spread(wanted, gap)
    order = sorted(range(len(wanted)), key=lambda one: wanted[one])
    rows = [placed[one] for one in order]
    assert all(after - before >= gap - 1e-6 for before, after in itertools.pairwise(rows))


def test_names_of_points_lie_on_no_other():
    points = [(100.0, 100.0), (103.0, 101.0), (98.0, 99.0), (100.0, 97.0)]
    boxes = place(points, [(40.0, 12.0)] * 4, [Box(x - 5, y - 5, 10, 10) for x, y in points], Box(0, 0, 300, 300))
    assert not any(one.overlap(other) for at, one in enumerate(boxes) for other in boxes[at + 1 :])
    assert all(box.overlap(Box(0, 0, 300, 300)) == pytest.approx(480) for box in boxes)


def test_the_name_of_a_point_at_the_edge_stays_inside():
    (box,) = place([(295.0, 295.0)], [(60.0, 12.0)], [], Box(0, 0, 300, 300))
    assert box.x + box.width <= 300 and box.y + box.height <= 300


def test_distances_and_overlaps_of_boxes():
    box = Box(0, 0, 10, 10)
    assert box.overlap(Box(5, 5, 10, 10)) == 25 and box.overlap(Box(10, 0, 5, 5)) == 0
    assert box.distance(5, 5) == 0 and box.distance(13, 14) == 5


@pytest.mark.parametrize(
    ("low", "high", "ends"),
    [
        (0.52, 0.67, (50, 70)),  # to the fives around it
        (0.71, 0.72, (55, 75)),  # at least twenty wide
        (0.95, 1.0, (80, 102)),  # room above 100 for the marker
        (0.0, 0.05, (0, 20)),
    ],
)
def test_the_axis_holds_all_intervals(low, high, ends):
    assert percent_range([Estimate((low + high) / 2, low, high, 5)]) == ends


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=9))
def test_the_axis_always_holds_what_is_drawn(pairs):
    bottom, top = percent_range([Estimate(max(pair), min(pair), max(pair), 3) for pair in pairs])
    assert 0 <= bottom <= 100 * min(map(min, pairs)) and 100 * max(map(max, pairs)) <= top <= 102
    assert top - bottom >= 20


def test_runs_that_share_a_colour_have_another_marker():
    assert colour(0) == colour(len(SERIES)) and marker(0) != marker(len(SERIES))
    assert len({(colour(at), marker(at)) for at in range(24)}) == 24


def test_long_names_are_cut():
    assert shown("a" * 26) == "a" * 26 and shown("a" * 27) == "a" * 25 + "…"


def test_a_plot_names_its_points_and_tells_its_numbers():
    points = [Point("bm25", 0.2, 0.5, HALF), Point("slow $x$ <one>", 40.0, 90.0, HALF)]
    plot = scatter_plot(points, "recall@5", TIME, "p")
    assert plot is not None and plot.title == "Recall@5 against time"
    assert "bm25" in words(plot.picture.svg) and "slow $x$ <one>" in words(plot.picture.svg)  # no mathematics, no tags
    assert plot.numbers.rows[0] == ["bm25", "50.0 (40.0–60.0)", "0.2", "0.5"]


def test_a_cost_of_nothing_has_no_place_on_a_logarithmic_axis():
    assert scatter_plot([Point("free", 0.0, 0.0, HALF)], "recall@5", TIME, "p") is None


def test_pictures_are_the_same_every_time_and_take_their_colours_from_the_page():
    def draw():
        return dots_plot({"all (20)": [(0, "bm25", HALF)]}, "Title <1>", "Told.", "p1").picture

    one = draw()
    assert one == draw()
    assert not re.search(r"style=|<style|metadata|xlink|\d{4}-\d\d-\d\d|#0[12]0", one.svg)
    assert any("var(--run-1)" in rule for rule in one.rules.values())
    assert not any("#0" in rule for rule in one.rules.values())


def test_pictures_of_one_page_share_no_ids():
    rows = {"all (20)": [(0, "bm25", HALF)]}
    one, other = (dots_plot(rows, "Title", "Told.", name).picture.svg for name in ("p1", "p2"))
    ids = [set(re.findall(r'id="([^"]+)"', svg)) for svg in (one, other)]
    assert ids[0] and not ids[0] & ids[1]
    for svg, own in zip((one, other), ids, strict=True):
        assert set(re.findall(r'(?:href="|url\()#([^")]+)', svg)) <= own


def test_pictures_are_told_to_those_who_do_not_see_them():
    svg = ET.fromstring(dots_plot({"all (20)": [(0, "bm25", HALF)]}, "Title", "Told.", "p").picture.svg)
    assert svg.get("role") == "img"
    told = {one.get("id"): one.text for one in svg if one.tag in ("title", "desc")}
    assert [told[id_] for id_ in svg.get("aria-labelledby", "").split()] == ["Title", "Told."]


def test_headings_count_questions():
    other = Estimate(0.5, 0.4, 0.6, 30)
    assert (
        headed("all", [(0, "a", HALF)]) == "all (20)"
        and headed("all", [(0, "a", HALF), (1, "b", other)]) == "all (20–30)"
    )


def level(**changes):
    counts = {"n": 4, "accuracy": 0.75, "kappa": 0.5, "false_accept_rate": 0.5, "false_reject_rate": None}
    return {**counts, "by_kind": {"off by one": {"n": 4, "accuracy": 0.75}}, **changes}


def test_judges_beside_people():
    judged = {
        "judge": "mem0",
        "skipped": 1,
        "failed": 0,
        "strict": level(),
        "generous": level(accuracy=1.0, kappa=None),
    }
    table, plot = labelled_table([judged]), labelled_plot([judged], "p")
    assert table.rows[0] == ["mem0", "strict", "4", "75.0", "50.0", "–", "0.50", "0", "1"]
    assert table.rows[1][:4] == ["mem0", "generous", "4", "100.0"] and table.rows[1][6] == "–"
    assert plot is not None and plot.numbers.header == ["run", "beside strict people (4)", "beside generous people (4)"]
    kinds = labelled_kinds([judged])
    assert kinds.header == ["kind", "mem0, strict", "mem0, generous"]
    assert kinds.rows == [["off by one (4)", "75.0", "75.0"]]
    assert labelled_table([{**judged, "model": "openai:x"}]).rows[0][0] == "mem0 by openai:x"


def test_judges_that_judged_nothing_make_no_plot():
    nothing = level(n=0, accuracy=None, kappa=None, false_accept_rate=None, by_kind={})
    assert (
        labelled_plot([{"judge": "x", "skipped": 0, "failed": 4, "strict": nothing, "generous": nothing}], "p") is None
    )


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.floats(1e-3, 1e6), st.floats(1, 50), st.floats(0, 1)), min_size=1, max_size=6))
def test_any_points_can_be_drawn(found):
    points = [
        Point(f"run {at}", cost, cost * more, Estimate(mean, mean / 2, (1 + mean) / 2, 9))
        for at, (cost, more, mean) in enumerate(found)
    ]
    plot = scatter_plot(points, "recall@5", TIME, "p")
    assert plot is not None and all(point.label in words(plot.picture.svg) for point in points)

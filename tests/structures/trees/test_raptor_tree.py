"""Clusters and the tree made of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_world import ScriptedLLM, World, directions, echo

from agentmem.errors import BudgetExhausted, InvalidInput, MalformedReply
from agentmem.kinds import CHUNK, RAPTOR
from agentmem.operations import Retire
from agentmem.structures.trees.clustering import bounded_clusters, soft_clusters
from agentmem.structures.trees.layout import neighbour_graph, spectral_layout
from agentmem.structures.trees.mixtures import best_fit, fit
from agentmem.structures.trees.raptor import RaptorTree


def blobs(count: int, groups: int, spread: float, seed: int = 0, dimension: int = 32) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    centres = random.standard_normal((groups, dimension))
    owner = np.repeat(np.arange(groups), count // groups)
    points = centres[owner] + spread * random.standard_normal((len(owner), dimension))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32), owner


def test_clear_groups_are_found() -> None:
    vectors, owner = blobs(60, 3, 0.05)
    clusters = soft_clusters(vectors)
    assert {len(set(owner[rows])) for rows in clusters} == {1}
    assert len(clusters) >= 3


def test_the_number_of_clusters_goes_by_the_data() -> None:
    for groups in (1, 4, 7):
        vectors, owner = blobs(210, groups, 0.15, seed=groups, dimension=6)
        memberships = best_fit(vectors.astype(np.float64), 49).memberships
        assert memberships.shape[1] == groups
        purity = [np.bincount(memberships[owner == group].argmax(axis=1)).max() for group in range(groups)]
        assert sum(purity) >= 0.95 * len(owner)


def test_what_lies_between_belongs_to_both() -> None:
    random = np.random.default_rng(0)
    points = np.concatenate([random.normal(-1, 0.4, (40, 1)), random.normal(1, 0.4, (40, 1)), [[0.0]]])
    memberships = fit(points, 2).memberships
    assert memberships[-1].min() > 0.1
    assert memberships[0].min() < 0.1


def test_memberships_agree_with_densities_written_out() -> None:
    points = blobs(40, 2, 0.5, dimension=3)[0].astype(np.float64)
    found = fit(points, 2).memberships
    masses = found.sum(axis=0)
    floor = 0.02 * points.var(axis=0).mean()
    densities = np.zeros_like(found)
    for cluster in range(2):
        mean = (found[:, cluster, None] * points).sum(axis=0) / masses[cluster]
        variance = np.maximum((found[:, cluster, None] * (points - mean) ** 2).sum(axis=0) / masses[cluster], floor)
        factors = np.exp(-((points - mean) ** 2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
        densities[:, cluster] = masses[cluster] / len(points) * factors.prod(axis=1)
    np.testing.assert_allclose(found, densities / densities.sum(axis=1, keepdims=True), atol=0.05)


def test_neighbours_and_their_weights_are_those_written_out() -> None:
    vectors = directions(40, 3)
    graph = neighbour_graph(vectors, 5).toarray()
    directed = np.zeros((40, 40))
    for row in range(40):
        distances = 1 - vectors[row] @ vectors.T
        distances[row] = np.inf
        near = np.argsort(distances)[:5]
        beyond = distances[near] - distances[near].min()
        directed[row, near] = np.exp(-beyond / beyond.mean())
    np.testing.assert_allclose(graph, directed + directed.T - directed * directed.T, atol=1e-4)


@pytest.mark.parametrize("count", [60, 1_200])
def test_a_layout_puts_groups_apart(count: int) -> None:
    vectors, owner = blobs(count, 3, 0.25)
    points = spectral_layout(vectors, 10, 3)
    assert points.shape == (count, 3)
    centres = np.stack([points[owner == group].mean(axis=0) for group in range(3)])
    nearest = ((points[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == owner).mean() > 0.95


@pytest.mark.parametrize("count", [20, 1_100])
def test_a_layout_of_points_that_are_all_the_same_or_zero_is_finite(count: int) -> None:
    for vectors in (np.ones((count, 4), np.float32) / 2, np.zeros((count, 4), np.float32)):
        assert np.isfinite(spectral_layout(vectors, 10, 5)).all()


@settings(max_examples=25)
@given(st.integers(1, 60), st.integers(0, 1000), st.integers(1, 60), st.booleans())
def test_clusters_hold_everything_and_keep_to_the_budget(count: int, seed: int, budget: int, equal: bool) -> None:
    vectors = np.tile(directions(1, seed), (count, 1)) if equal else directions(count, seed)
    costs = np.random.default_rng(seed).integers(1, 20, size=count)
    clusters = bounded_clusters(vectors, costs.tolist(), budget)
    assert set().union(*(rows.tolist() for rows in clusters)) == set(range(count))
    assert all(len(rows) == 1 or costs[rows].sum() <= budget for rows in clusters)
    assert all((np.diff(rows) > 0).all() for rows in clusters)
    again = bounded_clusters(vectors, costs.tolist(), budget)
    assert [rows.tolist() for rows in clusters] == [rows.tolist() for rows in again]


def grouped(world: World, count: int, groups: int = 6, name: str = "s", seed: int = 0):
    vectors, _owner = blobs(count, groups, 0.3, seed)
    return world.session(name, *(f"{name} text {n}" for n in range(len(vectors))), vectors=vectors)


def test_chunks_are_summarised_in_layers() -> None:
    world = World()
    unit = grouped(world, 90)
    [proposal] = world.run(RaptorTree(), unit)
    assert proposal.units == (unit,)
    reached = set().union(*map(world.leaves, world.active(RAPTOR)))
    assert len(reached) >= 0.9 * len(unit.chunks)
    assert len(world.roots(RAPTOR)) <= 20
    assert len(world.active(RAPTOR)) < 60
    acyclic(world)


def test_up_to_eleven_chunks_are_their_own_tree() -> None:
    world = World()
    llm = ScriptedLLM()
    for unit in (world.document("Otter"), grouped(world, 10, 2)):
        [proposal] = world.run(RaptorTree(), unit, llm=llm)
        assert proposal.operations == () and proposal.units == (unit,)
    assert llm.asked == []


def test_a_model_is_asked_once_for_each_cluster_layer_by_layer() -> None:
    world = World()
    llm = ScriptedLLM(summarise=echo)
    [proposal] = world.run(RaptorTree(), grouped(world, 90), llm=llm)
    nodes = len(world.active(RAPTOR))
    assert len(llm.asked) == nodes == proposal.usage.llm_calls == proposal.usage.embedded_texts
    assert llm.rounds <= 5


def test_it_is_built_anew_only_when_enough_has_changed() -> None:
    world = World()
    world.run(RaptorTree(), grouped(world, 60))
    before = set(world.active(RAPTOR))
    [small] = world.run(RaptorTree(), grouped(world, 6, name="few", seed=1))
    assert small.operations == () and set(world.active(RAPTOR)) == before
    world.run(RaptorTree(), grouped(world, 30, name="many", seed=2))
    assert set(world.active(RAPTOR)) != before
    reached = set().union(*map(world.leaves, world.active(RAPTOR)))
    assert any(world.text(id).startswith("few") for id in reached)
    acyclic(world)


def test_nothing_new_changes_nothing() -> None:
    world = World()
    unit = grouped(world, 60)
    world.run(RaptorTree(rebuild_share=0.0), unit)
    before = set(world.active(RAPTOR))
    lone = [id for id in world.roots(RAPTOR) if world.all[id].kind == CHUNK]
    [proposal] = world.run(RaptorTree(rebuild_share=0.0), unit)
    assert lone or proposal.operations == ()
    assert set(world.active(RAPTOR)) == before  # nodes over the same children are kept


def test_a_failure_leaves_the_old_tree() -> None:
    world = World()
    world.run(RaptorTree(), grouped(world, 60))
    before = set(world.active(RAPTOR))
    unit = grouped(world, 60, name="more", seed=3)
    [failed] = world.run(RaptorTree(), unit, llm=ScriptedLLM(summarise=lambda _: MalformedReply("no")))
    assert failed.failure is not None and failed.units == (unit,) and failed.operations == ()
    assert set(world.active(RAPTOR)) == before


def test_a_spent_budget_is_told() -> None:
    world = World()
    llm = ScriptedLLM(summarise=lambda _: BudgetExhausted("spent"))
    assert world.run_into_budget(RaptorTree(), grouped(world, 60), llm=llm) == []


def test_it_is_built_anew_after_losing_much() -> None:
    world = World()
    unit = grouped(world, 90)
    world.run(RaptorTree(), unit)
    for chunk in unit.chunks[::4]:
        world.forget(chunk.id)
    world.run(RaptorTree(), world.session("t", "hello"))
    reached = set().union(*map(world.leaves, world.active(RAPTOR)))
    assert len(reached) >= 0.8 * len(world.active(CHUNK))


def test_a_cluster_of_which_a_part_was_retired_counts_as_lost() -> None:
    world = World()
    unit = grouped(world, 60)
    world.run(RaptorTree(), unit)
    world.apply([Retire(chunk.id) for chunk in unit.chunks[::3]])
    world.run(RaptorTree(), world.session("t", "hello"))
    for node in world.active(RAPTOR):
        assert all(child in world.all for child in world.below(node)) and len(world.below(node)) > 1


def test_without_an_embedding_model_there_is_no_tree() -> None:
    world = World(embedder=None)
    [proposal] = world.run(RaptorTree(), world.session("s", *(f"text {n}" for n in range(50))))
    assert proposal.operations == ()


def test_texts_that_are_all_the_same_are_gathered_and_it_ends() -> None:
    world = World()
    world.run(RaptorTree(cluster_tokens=50), world.session("s", *["the same words again"] * 300))
    acyclic(world)
    assert world.active(RAPTOR)


@pytest.mark.parametrize("settings", [{"rebuild_share": 1.1}, {"most_layers": 0}, {"cluster_tokens": 0}])
def test_settings_that_build_no_tree_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        RaptorTree(**settings)


def acyclic(world: World) -> None:
    def depth(id: str, path: tuple[str, ...]) -> int:
        assert id not in path
        return 1 + max((depth(child, (*path, id)) for child in world.below(id)), default=0)

    assert max((depth(root, ()) for root in world.roots(RAPTOR)), default=0) <= 6

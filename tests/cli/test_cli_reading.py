"""Commands that find and look."""

from __future__ import annotations

import json

import pytest

MEMORY = {
    "id", "version", "kind", "text", "at", "valid_from", "valid_to", "recorded_at", "superseded_at", "retired_at",
    "state", "session", "speaker", "role", "title", "metadata", "strength", "uses", "used_at",
    "pinned", "expires_at", "sources",
}  # fmt: skip
HIT = {
    "id", "text", "score", "kind", "at", "sources", "signals", "version", "session", "speaker", "role", "title",
    "metadata", "scope", "reasons",
}  # fmt: skip


@pytest.fixture
def ana(cli):
    """Three memories of Ana's, in time order."""
    cli("add", "I moved to Lisbon.", "--speaker", "Ana", "--session", "s1", "--at", "2025-01-01T10:00Z")
    cli("add", "Lisbon has good waves.", "--speaker", "Ana", "--session", "s2", "--at", "2025-02-01T10:00Z",
        "--metadata", '{"topic": "surf"}')  # fmt: skip
    cli("add", "My dog is called Rex.", "--speaker", "Ana", "--session", "s2", "--at", "2025-03-01T10:00Z")
    return cli


def found(cli, *options: object) -> list[str]:
    return [hit["text"] for hit in cli.json("retrieve", "Lisbon", *options)["hits"]]


def listed(cli, *options: object) -> list[str]:
    return [memory["text"] for memory in cli.json("list", *options)["items"]]


def test_retrieve_gives_hits_with_sources(ana) -> None:
    document = ana.json("retrieve", "Who moved to Lisbon?", "--k", 1, "--explain")
    assert (
        set(document) == {"query", "hits", "usage", "stopped", "failures"}
        and document["query"] == "Who moved to Lisbon?"
    )
    (hit,) = document["hits"]
    assert set(hit) == HIT and hit["text"] == "I moved to Lisbon." and hit["scope"] == "acme/user-7"
    assert hit["reasons"] and 0 <= hit["score"] <= 1
    assert hit["sources"][0]["session"] == "s1" and hit["sources"][0]["at"] == "2025-01-01T10:00:00+00:00"


def test_retrieve_shows_where_a_hit_comes_from(ana) -> None:
    output = ana("retrieve", "dog called Rex", "-k", 1, "--explain").stdout
    assert "01 Mar 2025 · session s2 · Ana" in output and "My dog is called Rex." in output and "mem_" in output
    assert ana("retrieve", "xylophone").stdout == "Nothing found.\n"


@pytest.mark.parametrize("command", [found, listed])
def test_filters_narrow_down(ana, command) -> None:
    assert "I moved to Lisbon." in command(ana, "--session", "s1")
    assert "Lisbon has good waves." not in command(ana, "--session", "s1")
    assert "I moved to Lisbon." not in command(ana, "--since", "2025-01-15T00:00Z")
    assert "Lisbon has good waves." not in command(ana, "--until", "2025-01-15T00:00Z")
    assert command(ana, "--where", '{"topic": "surf"}') == ["Lisbon has good waves."]
    assert command(ana, "--as-of", "2024-01-01T00:00Z") == []
    assert command(ana, "--kind", "chunk", "--kind", "other") and not command(ana, "--kind", "other")


def test_tokens_bound_what_is_found(ana) -> None:
    assert len(found(ana, "--tokens", 45)) < len(found(ana))


def test_context_prints_the_block_alone(ana) -> None:
    output = ana("context", "Lisbon", "--tokens", 200).stdout
    assert output.startswith("<memories") and output.endswith("</memories>\n") and "I moved to Lisbon." in output
    document = ana.json("context", "Lisbon", "--tokens", 200, "--session", "s1")
    assert set(document) == {"query", "text", "tokens", "hits"}
    assert 0 < document["tokens"] <= 200 and set(document["hits"][0]) == HIT


def test_list_goes_through_pages(ana) -> None:
    first = ana.json("list", "--limit", 2)
    assert set(first) == {"items", "next"} and set(first["items"][0]) == MEMORY
    second = ana.json("list", "--limit", 2, "--after", first["next"])
    assert [m["text"] for m in second["items"]] == ["My dog is called Rex."] and second["next"] is None
    assert f"--after {first['next']}" in ana("list", "--limit", 2).stdout


def test_list_shows_states(ana) -> None:
    id = ana.json("list")["items"][0]["id"]
    ana("retire", id)
    assert len(listed(ana)) == 2 and listed(ana, "--state", "retired") == ["I moved to Lisbon."]
    assert len(listed(ana, "--state", "all")) == 3
    output = ana("list", "--state", "all").stdout
    assert f"{id} retired" in output and "2025-01-01 10:00" in output and "Ana" in output
    assert ana.error("list", "--state", "odd", code=1)["type"] == "InvalidInput"
    assert ana("list", "--session", "none").stdout == "No memories.\n"


def test_get_shows_a_memory_an_episode_and_an_earlier_version(ana) -> None:
    memory = ana.json("list")["items"][0]
    episode = ana.json("get", memory["sources"][0]["episode"])
    assert episode["text"] == "I moved to Lisbon." and {"recorded_at", "indexed", "ref"} <= set(episode)
    assert "searchable" in ana("get", episode["id"]).stdout
    ana("update", memory["id"], "--text", "I moved to Porto.", "--valid-from", "2025-06-01T00:00Z")
    assert ana.json("get", memory["id"], "--as-of", "2025-05-01T00:00Z")["text"] == "I moved to Lisbon."
    output = ana("get", memory["id"]).stdout
    assert "I moved to Porto." in output and "from 2025-06-01 00:00" in output and memory["id"] in output


def test_history_names_versions_and_runs(ana) -> None:
    id = ana.json("list")["items"][0]["id"]
    ana("update", id, "--text", "I moved to Porto.")
    document = ana.json("history", id)
    assert set(document) == {"id", "versions"} and document["id"] == id
    assert [version["memory"]["version"] for version in document["versions"]] == [1, 2]
    assert set(document["versions"][1]["changes"][0]) == {"seq", "op", "at", "run", "cause", "reason"}
    output = ana("history", id).stdout
    assert "version 2" in output and "I moved to Lisbon." in output
    assert document["versions"][1]["changes"][0]["run"] in output


def test_stats_and_scopes(ana) -> None:
    ana("add", "Other.", "--scope", "acme/über uns")
    stats = ana.json("stats")
    assert (
        stats["scope"] == "acme/user-7" and stats["memories"] == 3 and stats["first_at"] == "2025-01-01T10:00:00+00:00"
    )
    assert stats["embedder"] is None and stats["vectors"] == 0
    assert "acme/user-7" in ana("stats").stdout
    assert ana.json("scopes") == {"scopes": ["acme/%C3%BCber%20uns", "acme/user-7"]}
    assert ana("scopes").stdout == "acme/%C3%BCber%20uns\nacme/user-7\n"
    for spelling in ("acme/über uns", "acme/%C3%BCber%20uns"):
        assert listed(ana, "--scope", spelling) == ["Other."]


def test_stored_text_cannot_steer_the_terminal(cli) -> None:
    id = cli.add("[red]Danger[/red] \x1b[2J\u202e", "--speaker", "[bold]\x1b]0;x\x07")
    for command in (["list"], ["get", id], ["retrieve", "danger"], ["history", id]):
        output = cli(*command).stdout
        assert "[red]Danger[/red]" in output
        assert not {"\x1b", "\x07", "\u202e"} & set(output)
    assert cli.json("get", id)["text"] == "[red]Danger[/red] \x1b[2J\u202e"


def test_options_work_before_and_after_the_command_and_the_later_wins(cli) -> None:
    cli("--db", "a.db", "--scope", "one", "add", "First.")
    cli("add", "Second.", "--db", "a.db", "--scope", "two")
    assert listed(cli, "--db", "a.db", "--scope", "one") == ["First."]
    result = cli("--json", "--db", "b.db", "--scope", "one", "list", "--db", "a.db", "--scope", "two")
    assert [memory["text"] for memory in json.loads(result.stdout)["items"]] == ["Second."]


def test_the_environment_gives_defaults(cli, monkeypatch) -> None:
    monkeypatch.setenv("AGENTMEM_DB", "env.db")
    cli("add", "Here.")
    assert (cli.folder / "env.db").exists()
    monkeypatch.delenv("AGENTMEM_SCOPE")
    error = cli.error("list", code=2)
    assert error["type"] == "UsageError" and "--scope" in error["message"] and "AGENTMEM_SCOPE" in error["message"]

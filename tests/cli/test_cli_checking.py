"""``db check``: what it says of a sound database and of a broken one, and how it ends."""

from __future__ import annotations

import sqlite3


def test_a_sound_database(cli) -> None:
    id = cli.add("I live in Lisbon.")
    cli("update", id, "--text", "I live in Porto.")
    assert cli.json("db", "check") == {"broken": []}
    assert cli("db", "check").stdout.startswith("Sound")


def test_a_broken_database_is_told_and_ends_with_1(cli) -> None:
    id = cli.add("I live in Lisbon.")
    with sqlite3.connect(cli.folder / "agentmem.db") as raw:
        raw.execute("DELETE FROM sources")
        raw.execute("UPDATE journal SET run = 'run_x'")
    raw.close()
    result = cli("db", "check", code=1)
    assert len(result.stdout.splitlines()) == 2 and id in result.stdout and "Lisbon" not in result.stdout
    result = cli("db", "check", "--json", code=1)
    assert '"broken": [' in result.stdout and id in result.stdout

"""One query builder: a statement on a scope's data that is made elsewhere could forget the scope."""

from __future__ import annotations

import ast
import time
from pathlib import Path

import agentmem
from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder

STORE = Path(agentmem.__file__).parent / "store"

ALLOWED = {
    ("scoped.py", "select_in"): "the builder",
    ("scoped.py", "select_by_key"): "the builder",
    ("scoped.py", "prepared"): "the builder",
    ("scoped.py", "update_in"): "the builder",
    ("scoped.py", "update_by_key"): "the builder",
    ("scoped.py", "delete_in"): "the builder",
    ("scoped.py", "delete_by_key"): "the builder",
    ("bulk.py", "_update"): "asks for the scope as the builder does; compiled once",
    ("database.py", "_scope_id"): "the scopes themselves",
    ("database.py", "scopes"): "the scopes themselves",
    ("meta.py", "put_meta"): "settings of the whole database",
    ("database.py", "has_vectors"): "whether there is any, of whomever",
    ("feed.py", "has_vectors"): "whether there is any, of whomever",
    ("database.py", "switch_model"): "changes the model of all scopes at once",
    ("refs.py", "tombstone"): "the key of the whole database",
    ("refs.py", "runs_elsewhere"): "names that other scopes of the database have taken; nothing of theirs is read",
    ("erase.py", "destroy"): "sources of memories that were selected in the scope",
    ("audit.py", "_all_of_a_run"): "the audit looks at whole databases, too",
    ("database.py", "heads"): "the scopes themselves",
    ("database.py", "home"): "asks which scope an id belongs to",
    ("invariants.py", "_lacks"): "the audit looks at whole databases, too",
    ("invariants.py", "_scope_there"): "the audit looks at whole databases, too",
    ("invariants.py", "_subjects"): "the audit looks at whole databases, too",
    ("invariants.py", "suspicious_spans"): "the audit looks at whole databases, too",
    ("releasing.py", "_survivors"): "sources of memories that were selected in the scope",
    ("doomed.py", "_selecting"): "sources of memories that were selected in the scope",
    ("doomed.py", "_count_sources"): "sources of memories that were selected in the scope",
}


def statements():
    """Where ``select``, ``update`` or ``delete`` of SQLAlchemy is called: (file, function)."""
    found = set()
    for path in sorted(STORE.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    name = node.func if isinstance(node, ast.Call) else None
                    if isinstance(name, ast.Name) and name.id in ("select", "update", "delete"):
                        found.add((path.name, function.name))
    return found


def test_no_statement_is_built_outside_the_builder_without_a_reason():
    assert statements() - ALLOWED.keys() == set()


def test_no_reason_outlives_its_statement():
    assert ALLOWED.keys() - statements() == set()


def test_no_sql_is_written_by_hand_outside_the_files_for_it():
    by_hand = {
        path.name
        for path in STORE.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and getattr(node.func, "attr", getattr(node.func, "id", "")) in ("text", "exec_driver_sql")
        and node.args
    }
    assert by_hand <= {"lifecycle.py", "sqlite.py", "bulk.py", "audit.py"}  # the last two send what SQLAlchemy compiled


def test_looking_for_missing_vectors_does_not_read_all_vectors(tmp_path):
    """Each memory is looked up by its key: five times the memories take about five times as long, not twenty-five."""
    with AgentMemory.open(tmp_path / "memory.db", embedder=FakeEmbedder()) as store:
        seconds = []
        for name, count in (("small", 600), ("large", 3_000)):
            handle = store.scope(name)
            handle.add([f"otter {i}" for i in range(count)])
            started = time.perf_counter()
            handle.stats()
            seconds.append(time.perf_counter() - started)
    assert seconds[1] < 12 * seconds[0] + 0.05

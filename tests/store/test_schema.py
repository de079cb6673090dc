"""The tables as the library makes them are the tables as the migrations make them."""

from __future__ import annotations

import sqlite3

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from agentmem.store import lifecycle, schema, sqlite


def migrated(path):
    """A database made by every migration, from nothing."""
    engine = sqlite.open_engine(str(path), "normal")
    config = Config()
    config.set_main_option("script_location", str(lifecycle.MIGRATIONS))
    with sqlite.writing(engine.connect()) as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return engine


def test_migrations_from_nothing_make_the_tables_that_the_code_expects(tmp_path):
    engine = migrated(tmp_path / "migrated.db")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


def test_both_ways_make_the_same_tables_and_indexes(tmp_path):
    created = sqlite.open_engine(str(tmp_path / "created.db"), "normal")
    lifecycle.prepare(created, str(tmp_path / "created.db"))
    created.dispose()
    migrated(tmp_path / "migrated.db").dispose()
    shapes = []
    for name in ("created.db", "migrated.db"):
        with sqlite3.connect(tmp_path / name) as raw:
            shape = {}
            for (table,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                columns = raw.execute(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')")
                keys = raw.execute(f'SELECT "table", "from", "to" FROM pragma_foreign_key_list(\'{table}\')')
                indexes = [
                    (unique, tuple(raw.execute(f"SELECT name FROM pragma_index_info('{index}')").fetchall()))
                    for index, unique in raw.execute(f"SELECT name, \"unique\" FROM pragma_index_list('{table}')")
                ]
                shape[table] = (columns.fetchall(), sorted(keys.fetchall()), sorted(indexes))
            shapes.append(shape)
        raw.close()
    assert shapes[0] == shapes[1]


def test_the_head_that_the_code_names_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(lifecycle.MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == schema.HEAD_REVISION


def test_every_table_of_content_knows_its_scope():
    without = {table.name for table in schema.metadata.tables.values() if "scope_id" not in table.c}
    assert without == {"scopes", "meta", "sources"}  # sources hang on a memory and an episode, which know theirs

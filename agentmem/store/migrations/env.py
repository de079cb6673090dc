"""Alembic's entry: run the migrations on the connection that :func:`agentmem.store.lifecycle.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from agentmem.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
)
context.run_migrations()

"""One call of the command: the options that count, where they lead to, and how results are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentmem.cli import output
from agentmem.cli.errors import NoDatabase, UsageError
from agentmem.config import settings

if TYPE_CHECKING:
    from agentmem.client import AgentMemory
    from agentmem.handle import ScopeHandle
    from agentmem.protocols import Embedder

NONE = "none"
EXACT = "exact"


@dataclass(frozen=True, slots=True)
class Call:
    """The global options, as given before or after the command; ``None`` where neither says anything."""

    db: str | None = None
    scope: str | None = None
    embedder: str | None = None
    index: str = EXACT
    json: bool = False
    recipe: str | None = None
    llm: str | None = None

    def updated(self, **later: Any) -> Call:
        """The same, with the options that were given after the command taking precedence."""
        return replace(self, **{name: value for name, value in later.items() if value})

    @property
    def database(self) -> str:
        """The path of the database."""
        return self.db or str(settings().database)

    @property
    def model(self) -> str:
        """The embedder's name."""
        return self.embedder or settings().embedder

    @property
    def recipe_name(self) -> str:
        """The recipe's name."""
        return self.recipe or settings().recipe

    @property
    def scope_path(self) -> str:
        """The scope's path.

        Raises:
            UsageError: nothing says which.
        """
        path = self.scope or settings().scope
        if not path:
            raise UsageError(
                "Whose memory? Say it with --scope acme/user-7, or set AGENTMEM_SCOPE. "
                "'agentmem scopes' lists those that there are."
            )
        return path

    @contextmanager
    def store(
        self,
        *,
        embeds: bool = False,
        indexes: bool = False,
        creates: bool = False,
        thinks: bool = False,
        redacts: bool = False,
    ) -> Iterator[AgentMemory]:
        """The open database.

        Args:
            embeds: whether the command may embed texts. One that does not is spared the model, and works on a
                database of any model.
            indexes: whether it touches the vector index. One that lies outside the database is tied to a model.
            creates: whether a database that is not there is created.
            thinks: whether it follows a recipe, and may ask the language model.
            redacts: whether personal data is taken out of what it stores, even if $AGENTMEM_REDACT does not say so.

        Raises:
            NoDatabase: it is not there.
        """
        if not creates:
            self.check_exists()
        from agentmem.client import AgentMemory

        embedder: Embedder | str = NONE
        if embeds or (indexes and self.index != EXACT):
            embedder = self.model
        more: dict[str, Any] = {}
        if thinks:
            more = {"recipe": self.recipe_name, "llm": self.llm or settings().llm}
        if redacts or settings().redact:
            from agentmem.redaction import Redaction

            more["before_write"] = Redaction()
        with AgentMemory.open(self.database, embedder=embedder, index=self.index, **more) as store:
            yield store

    @contextmanager
    def memory(self, **needs: bool) -> Iterator[ScopeHandle]:
        """The scope in the open database; arguments and errors as for :meth:`store`."""
        from agentmem.types import Scope

        scope = Scope.from_path(self.scope_path)
        with self.store(**needs) as store:
            yield store.scope(scope)

    def handles(self, store: AgentMemory, scope: str | None) -> dict[str, ScopeHandle]:
        """The handles of a scope, or of all there are, by path."""
        from agentmem.types import Scope

        chosen = (Scope.from_path(scope),) if scope else store.scopes()
        return {one.path: store.scope(one) for one in chosen}

    def check_exists(self) -> None:
        """Refuse a database that is not there."""
        if not Path(self.database).exists():
            raise NoDatabase(
                f"There is no database at {self.database}. Give its path with --db, or create it by adding something: "
                f'agentmem --db {self.database} --scope NAME add "..."'
            )

    def show(self, value: Any, for_people: Callable[[Any], Any]) -> None:
        """Print a result: as JSON, or as what ``for_people`` makes of it with :mod:`agentmem.cli.tables`."""
        if self.json:
            output.print_json(value)
            return
        from agentmem.cli import tables

        output.print_rich(for_people(tables))

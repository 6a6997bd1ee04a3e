"""The pool of database connections: one per process, as large as the plan says."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import Any

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from . import metrics
from .core.headroom_settings import settings


class _UniqueNames(asyncpg.Connection):
    """Names no prepared statement as another client of the same server does."""

    def _get_unique_id(self, prefix: str) -> str:
        return f"__asyncpg_{prefix}_{uuid.uuid4()}__"


def _old_pooler() -> dict[str, Any]:
    """What a PgBouncer before 1.21 needs, which does not track prepared statements."""
    return {"connection_class": _UniqueNames, "statement_cache_size": 0, "prepared_statement_cache_size": 0}


def make_engine(url: str) -> AsyncEngine:
    """An engine for a URL such as postgresql+asyncpg://user:password@host/name.

    The ping replaces connections that a restart of the server has cut. The last
    connection returned is taken first, so that what a burst opened grows old and goes.
    """
    return create_async_engine(
        url,
        pool_pre_ping=True,
        pool_use_lifo=True,
        connect_args=_old_pooler() if os.environ.get("PGBOUNCER_BEFORE_1_21") else {},
        **settings.engine_options(),
    )


class Database:
    """Transactions, with the time that they wait for a connection and hold it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """One transaction, committed unless it raises."""
        asked = taken = perf_counter()
        try:
            async with self._engine.begin() as connection:
                taken = perf_counter()
                metrics.pool_wait.observe(taken - asked)
                yield connection
        finally:
            if taken > asked:  # Without a connection nothing was held.
                metrics.pool_hold.observe(perf_counter() - taken)

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

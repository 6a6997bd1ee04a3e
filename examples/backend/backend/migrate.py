"""Applies migrations/*.sql, each once and in order: `python -m backend.migrate`.

It connects to the database itself and not to a transaction pooler, which has no
sessions to lock in. A statement that cannot get its lock soon gives up, because
everything that comes after it would wait behind it.
"""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import asyncpg

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
_ONE_AT_A_TIME = 7_316_401  # an advisory lock that only migrations take


async def migrate(url: str) -> list[str]:
    """The migrations that were applied."""
    connection = await asyncpg.connect(url, server_settings={"lock_timeout": "2s"})
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _ONE_AT_A_TIME)
        await connection.execute("CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")
        done = {row["name"] for row in await connection.fetch("SELECT name FROM migrations")}
        applied = []
        for file in sorted(FOLDER.glob("*.sql")):
            if file.name not in done:
                await connection.execute(file.read_text())
                await connection.execute("INSERT INTO migrations (name) VALUES ($1)", file.name)
                applied.append(file.name)
        return applied
    finally:
        await connection.close()


if __name__ == "__main__":
    for name in asyncio.run(migrate(os.environ["DATABASE_URL"].replace("+asyncpg", ""))):
        print(f"applied {name}")

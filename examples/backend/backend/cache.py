"""Cache-aside: a value is read from Redis, and from the database when it is not there.

One process recomputes a value at a time, whoever asks for it: readers in the same
process share one flight, and processes agree by a lock in Redis. Meanwhile the
others serve the stale value, where there is one. Entries of one age do not expire
together, for each has a time to live of its own.

Redis may fail. A reader then goes to the database, and the pool of connections is
what keeps all of them from going there at once.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import LockError, RedisError

from . import metrics
from .core.headroom_settings import settings

Recompute = Callable[[], Awaitable[bytes]]

# The longest that a recomputation may take before another process starts one.
_LOCK_SECONDS = 5.0
# How often a process that has nothing to serve looks whether the other is done.
_POLL_SECONDS = 0.02


def connect(url: str) -> Redis:
    """A client with the bounded pool of the plan: it waits, and then raises."""
    return Redis(connection_pool=BlockingConnectionPool.from_url(url, **settings.cache_options()))


class Cache:
    """Values by key. Without a client every read is a recomputation."""

    def __init__(self, client: Redis | None) -> None:
        self._client = client
        self._flights: dict[str, asyncio.Task[bytes]] = {}

    async def read(self, key: str, recompute: Recompute) -> bytes:
        """The value of a key. Readers of the same key share one flight."""
        if self._client is None:
            return await recompute()
        flight = self._flights.get(key)
        if flight is None:
            flight = asyncio.create_task(self._fly(self._client, key, recompute))
            self._flights[key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(key, None))
        # A reader that gives up must not take the others' answer with it.
        return await asyncio.shield(flight)

    async def _fly(self, client: Redis, key: str, recompute: Recompute) -> bytes:
        try:
            entry = await client.get(key)
        except (RedisError, OSError):
            metrics.cache_reads.labels("error").inc()
            return await _counted(recompute)
        if entry is None:
            metrics.cache_reads.labels("miss").inc()
            return await self._agree(client, key, recompute, None)
        fresh_until, value = _unpack(entry)
        if time.time() < fresh_until:
            metrics.cache_reads.labels("hit").inc()
            return value
        metrics.cache_reads.labels("stale").inc()
        return await self._agree(client, key, recompute, value)

    async def _agree(self, client: Redis, key: str, recompute: Recompute, stale: bytes | None) -> bytes:
        """Recompute unless another process does; then serve what is stale, or wait."""
        lock = client.lock(f"lock:{key}", timeout=_LOCK_SECONDS, thread_local=False)
        try:
            if not await lock.acquire(blocking=False):
                return stale if stale is not None else await self._await(client, key, recompute)
        except (RedisError, OSError):
            return await _counted(recompute)
        try:
            # The holder before this one may have stored it since this one looked.
            entry = await _look(client, key)
            if entry is not None and time.time() < _unpack(entry)[0]:
                return _unpack(entry)[1]
            return await self._refresh(client, key, recompute)
        finally:
            try:
                await lock.release()
            except (LockError, RedisError, OSError):
                pass  # It has run out, or does so by itself.

    async def _refresh(self, client: Redis, key: str, recompute: Recompute) -> bytes:
        value = await _counted(recompute)
        jitter = settings.cache_ttl_jitter
        fresh = settings.cache_ttl * random.uniform(1 - jitter, 1 + jitter)
        try:
            await client.set(key, _pack(time.time() + fresh, value), px=int(1000 * (fresh + settings.cache_stale)))
        except (RedisError, OSError):
            pass  # The next reader finds nothing and does it again.
        return value

    async def _await(self, client: Redis, key: str, recompute: Recompute) -> bytes:
        """The value that another process is about to store; its own if that takes too long."""
        deadline = time.monotonic() + _LOCK_SECONDS
        while time.monotonic() < deadline:
            await asyncio.sleep(_POLL_SECONDS)
            try:
                entry = await client.get(key)
            except (RedisError, OSError):
                break
            if entry is not None:
                return _unpack(entry)[1]
        return await _counted(recompute)

    async def close(self) -> None:
        """Close every connection."""
        if self._client is not None:
            await self._client.close()
            await self._client.connection_pool.disconnect()


async def _look(client: Redis, key: str) -> bytes | None:
    """What Redis holds; nothing when it fails."""
    try:
        return await client.get(key)
    except (RedisError, OSError):
        return None


async def _counted(recompute: Recompute) -> bytes:
    metrics.recomputes.inc()
    return await recompute()


def _pack(fresh_until: float, value: bytes) -> bytes:
    return json.dumps(fresh_until).encode() + b"\n" + value


def _unpack(entry: bytes) -> tuple[float, bytes]:
    fresh_until, _, value = entry.partition(b"\n")
    return float(fresh_until), value

"""Settings Headroom proved for this service.

Rendered: run the preview with --render again instead of editing. The defaults
are the values the plan was checked with; the environment overrides them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Callable, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class HeadroomSettings:
    """One field per environment variable, in lower case."""

    cache_stale: int = 30
    cache_ttl: int = 300
    cache_ttl_jitter: float = 0.1
    db_max_overflow: int = 1
    db_pool_recycle: int = 1800
    db_pool_size: int = 3
    db_pool_timeout: int = 5
    redis_connect_timeout: float = 0.25
    redis_max_connections: int = 4
    redis_pool_timeout: float = 0.063
    redis_socket_timeout: float = 0.063
    web_concurrency: int = 2

    def engine_options(self) -> dict[str, int | float | str]:
        """Keyword arguments for SQLAlchemy's create_engine."""
        return {
            "max_overflow": self.db_max_overflow,
            "pool_recycle": self.db_pool_recycle,
            "pool_size": self.db_pool_size,
            "pool_timeout": self.db_pool_timeout,
        }

    def cache_options(self) -> dict[str, int | float | str]:
        """Keyword arguments for redis.asyncio.BlockingConnectionPool.

        The pool is bounded and waits; when it raises, go on without the cache.
        """
        return {
            "socket_connect_timeout": self.redis_connect_timeout,
            "max_connections": self.redis_max_connections,
            "timeout": self.redis_pool_timeout,
            "socket_timeout": self.redis_socket_timeout,
        }


def _read(source: Mapping[str, str], name: str, parse: Callable[[str], T], default: T) -> T:
    raw = source.get(name)
    if raw is None or raw == "":
        return default
    try:
        return parse(raw)
    except ValueError as error:
        raise ValueError(f"{name} = {raw!r}: must be a {parse.__name__}") from error


def load(environ: Mapping[str, str] | None = None) -> HeadroomSettings:
    """Read the environment, falling back to the proven values."""
    source = os.environ if environ is None else environ
    defaults = HeadroomSettings()
    return HeadroomSettings(
        cache_stale=_read(source, "CACHE_STALE", int, defaults.cache_stale),
        cache_ttl=_read(source, "CACHE_TTL", int, defaults.cache_ttl),
        cache_ttl_jitter=_read(source, "CACHE_TTL_JITTER", float, defaults.cache_ttl_jitter),
        db_max_overflow=_read(source, "DB_MAX_OVERFLOW", int, defaults.db_max_overflow),
        db_pool_recycle=_read(source, "DB_POOL_RECYCLE", int, defaults.db_pool_recycle),
        db_pool_size=_read(source, "DB_POOL_SIZE", int, defaults.db_pool_size),
        db_pool_timeout=_read(source, "DB_POOL_TIMEOUT", int, defaults.db_pool_timeout),
        redis_connect_timeout=_read(source, "REDIS_CONNECT_TIMEOUT", float, defaults.redis_connect_timeout),
        redis_max_connections=_read(source, "REDIS_MAX_CONNECTIONS", int, defaults.redis_max_connections),
        redis_pool_timeout=_read(source, "REDIS_POOL_TIMEOUT", float, defaults.redis_pool_timeout),
        redis_socket_timeout=_read(source, "REDIS_SOCKET_TIMEOUT", float, defaults.redis_socket_timeout),
        web_concurrency=_read(source, "WEB_CONCURRENCY", int, defaults.web_concurrency),
    )


settings = load()

"""What Prometheus scrapes. The first two names are those that Headroom's plan queries."""

from __future__ import annotations

import os
from time import perf_counter

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client import multiprocess
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SEVERAL = "PROMETHEUS_MULTIPROC_DIR"
# Steps of a quarter from 0.1 ms to 20 s: fine enough for quantiles and variances.
_FINE = [0.0001 * 1.25**i for i in range(55)]

requests = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
in_progress = Gauge("http_requests_in_progress", "Requests being answered", multiprocess_mode="livesum")
duration = Histogram("http_request_duration_seconds", "Time to answer", ["method", "route"], buckets=_FINE)
pool_wait = Histogram("db_pool_wait_seconds", "Wait for a connection of the pool, with its ping", buckets=_FINE)
pool_hold = Histogram("db_pool_hold_seconds", "Time that a transaction holds its connection", buckets=_FINE)
cache_reads = Counter("cache_reads_total", "Reads by how they were answered", ["result"])
recomputes = Counter("cache_recomputes_total", "Values read from the database for the cache")


def render() -> bytes:
    """All workers of the pod, or this process when it is the only one."""
    if _SEVERAL not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)
    return generate_latest(registry)


def forget_process() -> None:
    """Take what this process has in progress out of the pod's sum."""
    if _SEVERAL in os.environ:
        multiprocess.mark_process_dead(os.getpid())


class Measure:
    """Measures every request except probes and scrapes, which are no load."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        status = "500"

        async def remember(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        began = perf_counter()
        in_progress.inc()
        try:
            await self._app(scope, receive, remember)
        finally:
            in_progress.dec()
            route = getattr(scope.get("route"), "path", "none")
            requests.labels(scope["method"], route, status).inc()
            duration.labels(scope["method"], route).observe(perf_counter() - began)

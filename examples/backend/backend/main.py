"""The application: `uvicorn backend.main:app`, with as many workers as WEB_CONCURRENCY says."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from . import metrics, shop
from .cache import Cache, connect
from .database import Database, make_engine


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what the process needs, prove that it works, and close it after the last answer.

    SIGTERM makes uvicorn close its socket and answer what is in progress first. That
    new requests no longer come is up to the preStop hook, which runs before it.
    """
    database = Database(make_engine(os.environ["DATABASE_URL"]))
    url = os.environ.get("REDIS_URL")
    cache = Cache(connect(url) if url else None)
    app.state.database, app.state.cache = database, cache
    async with database.transaction() as connection:
        await connection.execute(text("SELECT 1"))
    yield
    await cache.close()
    await database.close()
    metrics.forget_process()


app = FastAPI(title="reference backend", docs_url=None, redoc_url=None)
app.router.lifespan_context = lifespan  # FastAPI takes it as an argument from 0.93 on.
app.include_router(shop.router)
app.add_middleware(metrics.Measure)


@app.get("/health/live")
@app.get("/health/ready")
async def health() -> dict[str, str]:
    """This process answers, and its database did when it started.

    Not the database as it is now: all pods share it, and a probe that asks it takes
    all of them out of service at once, for a while longer than the database is gone.
    """
    return {"status": "ok"}


@app.get("/metrics")
async def scrape() -> Response:
    """What Prometheus reads."""
    return Response(metrics.render(), media_type=metrics.CONTENT_TYPE)


@app.exception_handler(PoolTimeout)
async def overloaded(_: Request, __: PoolTimeout) -> JSONResponse:
    """No connection became free in time: the client may try again, and soon."""
    return JSONResponse({"detail": "too busy"}, status_code=503, headers={"Retry-After": "1"})

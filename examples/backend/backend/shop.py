"""The product: items, what sells best, and orders."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import text

from .cache import Cache
from .database import Database

router = APIRouter(prefix="/api")

_ITEM = text("SELECT id, name, category_id, price_cents FROM items WHERE id = :id")
_BEST = text(
    "SELECT i.id, i.name, i.price_cents, sum(o.quantity) AS sold FROM items i JOIN orders o ON o.item_id = i.id "
    "WHERE i.category_id = :id GROUP BY i.id, i.name, i.price_cents ORDER BY sold DESC, i.id LIMIT 10"
)
_ORDER = text("INSERT INTO orders (item_id, quantity) SELECT id, :quantity FROM items WHERE id = :id RETURNING id")


class Order(BaseModel):
    """How many of an item."""

    quantity: int = Field(default=1, ge=1, le=100)


@router.get("/items/{item}")
async def item(item: int, request: Request) -> Response:
    """One item, from the cache."""
    return await _cached(request, f"item:v1:{item}", _ITEM, item)


@router.get("/categories/{category}/best")
async def best(category: int, request: Request) -> Response:
    """What sells best in a category, from the cache."""
    return await _cached(request, f"best:v1:{category}", _BEST, category)


@router.post("/items/{item}/orders", status_code=201)
async def order(item: int, wanted: Order, request: Request) -> dict[str, int]:
    """Order an item: one transaction, no cache."""
    database: Database = request.app.state.database
    async with database.transaction() as connection:
        made = (await connection.execute(_ORDER, {"id": item, "quantity": wanted.quantity})).scalar()
    if made is None:
        raise HTTPException(404, "no such item")
    return {"id": made}


async def _cached(request: Request, key: str, query: Any, id: int) -> Response:
    cache: Cache = request.app.state.cache
    database: Database = request.app.state.database

    async def recompute() -> bytes:
        async with database.transaction() as connection:
            rows = (await connection.execute(query, {"id": id})).mappings().all()
        return json.dumps([dict(row) for row in rows]).encode()

    value = await cache.read(key, recompute)
    if value == b"[]":  # Kept like any other value: a missing item costs one query, too.
        raise HTTPException(404, "nothing there")
    return Response(value, media_type="application/json")

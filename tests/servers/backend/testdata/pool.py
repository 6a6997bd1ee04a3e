"""Asks the example's own pool for connections, without HTTP in between.

Arrivals are Poisson and holds exponential, both from a seed, so that a queue forms
alike in every run; their rate is what keeps BUSY connections busy here. Prints
every wait and hold in seconds as JSON, and how late sleeps of 5 ms wake up: by so
much anything here may be off on a busy machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
from time import perf_counter

from sqlalchemy import text

from backend.database import Database, make_engine

BUSY, HOLD, SECONDS = (float(os.environ[name]) for name in ("BUSY", "HOLD", "SECONDS"))
SLEEP = text("SELECT pg_sleep(:seconds)")


async def main() -> None:
    database = Database(make_engine(os.environ["DATABASE_URL"]))
    chance = random.Random(1)
    waits: list[float] = []
    holds: list[float] = []
    lags: list[float] = []

    async def ask(seconds: float, keep: bool = True) -> None:
        asked = perf_counter()
        async with database.transaction() as connection:
            taken = perf_counter()
            await connection.execute(SLEEP, {"seconds": seconds})
        if keep:
            waits.append(taken - asked)
            holds.append(perf_counter() - taken)

    async def nap() -> None:
        while True:
            start = perf_counter()
            await asyncio.sleep(0.005)
            lags.append(perf_counter() - start - 0.005)

    await asyncio.gather(*(ask(0.2, keep=False) for _ in range(int(os.environ["DB_POOL_SIZE"]))))
    start = perf_counter()
    for _ in range(100):  # for seconds, in which others of this program have started, too
        await ask(HOLD, keep=False)
    rate = 100 * BUSY / (perf_counter() - start)
    napping = asyncio.create_task(nap())
    start, due, asks = perf_counter(), 0.0, []
    while due < SECONDS:
        due += chance.expovariate(rate)
        await asyncio.sleep(start + due - perf_counter())
        asks.append(asyncio.create_task(ask(chance.expovariate(1 / HOLD))))
    await asyncio.gather(*asks)
    napping.cancel()
    print(json.dumps({"rps": len(asks) / due, "waits": waits, "holds": holds, "lags": lags}))
    await database.close()


asyncio.run(main())

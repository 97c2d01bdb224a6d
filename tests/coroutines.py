"""Running coroutines beside browsers."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def run(coroutine):
    """Run it in a thread of its own: this one may hold the event loop of a browser that is driven from it."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()

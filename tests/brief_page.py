"""The program's page, which keeps nothing of a visitor who is away, as if they had been away for very long."""

from __future__ import annotations

import runpy
from functools import partial

from locator.web import keeping, server, shared

shared.Keeper = partial(keeping.Keeper, kept_s=0.0)

runpy.run_path(str(server.SCRIPT))

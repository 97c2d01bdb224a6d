"""Counts of what the service does, as Prometheus reads them. Nothing of a photo or of who sent it is in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

_BUCKETS_S = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0)


# When a count was first made says nothing here.
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """The counts of one service.

    Args:
        waiting, ready: asked for the number of photos that wait, and of processes that are ready.
        replaced: asked for the number of processes that were replaced, by reason.
    """

    def __init__(
        self, waiting: Callable[[], int], ready: Callable[[], int], replaced: Callable[[], Mapping[str, int]]
    ) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter(
            "locator_requests", "Requests by what came of them.", ["operation", "outcome"], registry=self._registry
        )
        self.seconds = Histogram(
            "locator_request_seconds",
            "From a request's head to the end of its answer.",
            ["operation"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self.in_progress = Gauge("locator_requests_in_progress", "Requests not yet answered.", registry=self._registry)
        Gauge("locator_queue", "Photos that wait to be read.", registry=self._registry).set_function(waiting)
        Gauge("locator_readers_ready", "Processes that can read photos.", registry=self._registry).set_function(ready)
        self._registry.register(_Replaced(replaced))

    def text(self) -> bytes:
        """All counts in the text format of Prometheus, as UTF-8."""
        return generate_latest(self._registry)


class _Replaced(Collector):
    def __init__(self, replaced: Callable[[], Mapping[str, int]]) -> None:
        self._replaced = replaced

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily("locator_readers_replaced", "Processes replaced, by reason.", labels=["reason"])
        counts = self._replaced()
        for reason in ("late", "ended", "failed"):
            family.add_metric([reason], counts.get(reason, 0))
        yield family

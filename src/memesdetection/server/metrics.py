"""Metrics: what the server did, counted for Prometheus."""

from __future__ import annotations

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from .judges import Judges
from .uploads import Memory

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The metrics of one application."""

    def __init__(self, judges: Judges, memory: Memory) -> None:
        """Count from zero.

        Args:
            judges: whose load is shown.
            memory: likewise.
        """
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "memes_requests",
            "Requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "memes_request_seconds",
            "From the head of a request to its answer.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.pictures = Counter(
            "memes_pictures",
            "Pictures by model and verdict, or by the error that stood in its way.",
            ("model", "outcome"),
            registry=self.registry,
        )
        self.judge_seconds = Histogram(
            "memes_judge_seconds",
            "Decoding and judging one picture.",
            ("model",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        admitted = Gauge(
            "memes_admitted_requests",
            "Requests that are judged or wait for it.",
            registry=self.registry,
        )
        admitted.set_function(lambda: judges.taken)
        ready = Gauge("memes_judges", "Judges that are ready.", registry=self.registry)
        ready.set_function(lambda: judges.ready)
        held = Gauge("memes_upload_bytes", "Uploads held in memory.", registry=self.registry)
        held.set_function(lambda: memory.held)

    def text(self) -> bytes:
        """All of them, as Prometheus reads it."""
        return generate_latest(self.registry)

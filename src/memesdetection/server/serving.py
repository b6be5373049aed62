"""Serving: the application under Gunicorn."""

from __future__ import annotations

import math
import os
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]

from ..errors import UsageError
from . import logs
from .app import App, create_app
from .connections import Worker
from .settings import Settings

KEEP_ALIVE_SECONDS = 5
_CONNECTIONS_PER_THREAD = 8
_SHARED_MEMORY = "/dev/shm"


class Server(BaseApplication):
    """One process with threads that talks to the clients, and processes that judge.

    One, so that the queue, the rate limit and the metrics count everything; it never decodes
    anything. Gunicorn starts it anew, should it end.
    """

    def __init__(
        self, settings: Settings, host: str, port: int, workers: int, threads: int
    ) -> None:
        """Prepare; `run` serves.

        Args:
            settings: how it behaves.
            host: address to listen on.
            port: likewise.
            workers: processes that judge.
            threads: requests that are received, judged or answered at a time.

        Raises:
            UsageError: the queue would never be full, as there are too few threads.
        """
        needed = workers + settings.max_waiting
        if threads <= needed:
            raise UsageError(
                f"{threads} threads are too few for {workers} workers and {settings.max_waiting}"
                f" requests that wait (MEMES_MAX_WAITING); use --threads {2 * needed + 1}."
            )
        self.settings = settings
        self._host = f"[{host}]" if ":" in host else host
        self._port = port
        self._workers = workers
        self._threads = threads
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options().items():
            self.cfg.set(name, value)

    def load(self) -> App:
        return create_app(self.settings, self._workers)

    def _options(self) -> dict[str, Any]:
        return {
            "bind": f"{self._host}:{self._port}",
            "proc_name": "memes",
            "workers": 1,
            "worker_class": Worker,
            "threads": self._threads,
            "worker_connections": _CONNECTIONS_PER_THREAD * self._threads,
            "keepalive": KEEP_ALIVE_SECONDS,
            "graceful_timeout": math.ceil(
                self.settings.receive_seconds + self.settings.max_request_seconds
            ),
            # Only MEMES_TRUSTED_PROXIES says whom to believe.
            "forwarded_allow_ips": "",
            "logconfig_dict": logs.configuration(self.settings.log_level),
            "loglevel": self.settings.log_level,
            # Files are sent as anything else is, within a time limit.
            "sendfile": False,
            "control_socket_disable": True,
            # The sign of life, an unnamed file, needs no disk.
            "worker_tmp_dir": _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None,
        }

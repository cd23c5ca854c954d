"""A real Redis of its own for a test, on a port of the loopback address, with nothing kept on disk."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Away

from tests.support.mail import free_port
from tools.machine import NO_REDIS, find_redis

START_SECONDS = 60  # a busy machine may need them


class RedisServer:
    """A running server; ``stop`` takes it away while others count on it."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = Redis(port=self.port)
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": folder}
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        self._process = subprocess.Popen([program, *arguments], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, "Redis does not answer"
            time.sleep(0.02)

    def stop(self) -> None:
        self.client.close()
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except Away:
            return False


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    program = find_redis()
    if program is None:
        pytest.fail(NO_REDIS, pytrace=False)
    server = RedisServer(program, tmp_path)
    yield server
    server.stop()

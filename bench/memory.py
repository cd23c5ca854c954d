"""What the service takes of memory: the bundled server with the example house, idle, and after some pages."""

import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from tests.support.mail import free_port

ROOT = Path(__file__).parent.parent
PAGES = ("/", "/en/", "/kalender", "/lobby", "/anfrage", "/team/anmelden", "/readyz")
MOST_IDLE = 90 * 1024


def report() -> bool:
    """Print both; whether the idle service stays within its limit."""
    if not Path("/proc/self/status").exists():
        print("memory: only Linux tells it")
        return True
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        settings = {"BOOKING_INSTANCE": folder, "BOOKING_PORT": str(port), "MALLOC_ARENA_MAX": "1"}
        for _ in range(2):  # the first one loads the example house
            idle, used = _measured(port, {**os.environ, **settings})
    print(
        f"memory of the service: {idle / 1024:.0f} MiB idle (at most {MOST_IDLE // 1024}), {used / 1024:.0f} MiB used"
    )
    return idle <= MOST_IDLE


def _measured(port: int, environment: dict[str, str]) -> tuple[int, int]:
    """KiB, before and after the pages."""
    command = [sys.executable, "app.py", "--example"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "Stop with" in line:  # the last one of the start
                break
        time.sleep(1)  # its workers look once
        idle = _resident(process.pid)
        for page in PAGES:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=60) as answer:
                answer.read()
        used = _resident(process.pid)
        process.terminate()
    return idle, used


def _resident(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1])

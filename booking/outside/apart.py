"""Reading what strangers wrote, in an interpreter of its own with limits of its own.

Few bytes can hold rules that come to millions of dates or to none for ever, and
what holds up such a reader must not hold up the service. It is this file that
runs there, and has the script run in its turn; neither knows our other modules.
"""

import json
import resource
import runpy
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

MEMORY = 512 * 1024 * 1024  # bytes of addresses
CPU_SECONDS = 10
PATIENCE = 60  # seconds on the clock


class NotRead(Exception):
    """The script has failed at what it was given, or met its limits."""


def read_apart(script: Path, arguments: Sequence[str], content: bytes, cpu_seconds: int = CPU_SECONDS) -> Any:
    """What a script, given ``content`` on its standard input, writes as JSON. Raises ``NotRead``."""
    command = [sys.executable, "-I", __file__, str(cpu_seconds), str(script), *arguments]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PATIENCE, check=True)
        return json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        raise NotRead from None


def _run(cpu_seconds: str, *command: str) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu_seconds), int(cpu_seconds)))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        with suppress(OSError):  # where memory runs out, this goes before the service
            Path("/proc/self/oom_score_adj").write_text("1000")
    sys.argv[:] = command
    runpy.run_path(command[0], run_name="__main__")


if __name__ == "__main__":
    _run(*sys.argv[1:])

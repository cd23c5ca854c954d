"""Import each module of the service before all others, and print those that break.

A module that only works when another has been imported before it hides a circle. The package itself
stands in as an empty one, since it imports all others in an order of its own. What is tried happens
in a fork. Libraries are loaded once; so is each layer of the import law when all of it has been
tried, since it knows nothing of those above. A module that its package imports is tried with the
package, which comes first whoever asks for the module.
"""

import ast
import gc
import importlib
import json
import os
import re
import sys
import tomllib
import traceback
from contextlib import suppress
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent.parent


def name_of(source: Path) -> str:
    parts = source.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = sorted((ROOT / "booking").rglob("*.py"))
NAMES = [name_of(source) for source in SOURCES]  # the package itself first


def load_libraries() -> None:
    sys.path[0] = str(ROOT)  # and not this folder, whose modules are named after what they support
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                if not name.startswith("booking"):
                    with suppress(ImportError):  # some are there on some machines only
                        importlib.import_module(name)


def imported(name: str) -> list[str]:
    """Import a module in a fork; what it imports of the service, itself included, or nothing where it breaks."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            importlib.import_module(name)
            os.write(writing, " ".join(each for each in NAMES if each in sys.modules).encode())
        except BaseException:
            traceback.print_exc()
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        names = answer.read().split()
    os.waitpid(pid, 0)
    return names


def broken_among(names: list[str]) -> list[str]:
    """Those of a layer that cannot be imported first, packages before what is in them."""
    broken, tried = [], set[str]()
    for name in names:
        if name in tried:
            continue
        loaded = imported(name)
        broken += [] if name in loaded else [name]
        tried.update(each for each in loaded if each.startswith(f"{name}."))
    return broken


def layers() -> list[list[str]]:
    """The modules by the layers of the import law, lowest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (law,) = (each for each in settings["tool"]["importlinter"]["contracts"] if each.get("containers") == ["booking"])
    parts = [re.findall(r"\w+", layer) for layer in reversed(law["layers"])]
    return [[name for name in NAMES if name.split(".")[1:2] == [part]] for line in parts for part in line]


def main() -> None:
    load_libraries()
    gc.freeze()  # not looked through by every fork
    broken = broken_among(NAMES[:1])
    package = sys.modules[NAMES[0]] = ModuleType(NAMES[0])
    package.__path__ = [str(ROOT / NAMES[0])]
    for layer in layers():
        broken += broken_among(layer)
        for name in layer:
            if name not in broken:
                importlib.import_module(name)
    print(json.dumps(broken))


if __name__ == "__main__":
    main()

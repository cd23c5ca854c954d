"""Write the next migration from what the models have and the migrations before it do not make.

Where the models have nothing new it is an empty one, for what is to become of rows.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSIONS = ROOT / "migrations" / "versions"


def next_number(names: list[str]) -> str:
    last = max(name.partition("_")[0] for name in names)
    return f"{int(last) + 1:0{len(last)}}"


def tidied(text: str) -> str:
    """A migration as it stands here, without Alembic's remarks."""
    return re.sub(r" *# ### .*\n", "", text).replace(", schema=None", "").replace("batch_op", "batch")


def without_value(text: str) -> list[str]:
    """New columns that may not be empty, and are in the rows that are there."""
    return re.findall(r"""add_column\(sa\.Column\(["'](\w+)["'], (?!.*server_default).*nullable=False""", text)


def main(sentence: str) -> int:
    if not sentence.strip():
        print('Say in a few words what it does: make migration ARGS="Rooms may have a kitchen"', file=sys.stderr)
        return 1
    number = next_number([path.name for path in VERSIONS.glob("*.py")])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOOKING_INSTANCE"], os.environ["DATABASE_URL"] = folder, f"sqlite:///{folder}/booking.sqlite"
        for order in (("upgrade",), ("migrate", "--message", sentence.strip().rstrip("."), "--rev-id", number)):
            command = (sys.executable, "-m", "flask", "--app", "app", "db", *order)
            answer = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
            if answer.returncode:
                print(answer.stderr, file=sys.stderr)
                return 1
    (written,) = VERSIONS.glob(f"{number}_*.py")
    text = tidied(written.read_text())
    written.write_text(text)
    ruff = str(Path(sys.executable).parent / "ruff")
    subprocess.run([ruff, "check", "--fix", "--quiet", written], cwd=ROOT, check=False)
    subprocess.run([ruff, "format", "--quiet", written], cwd=ROOT, check=True)
    print(f"{written.relative_to(ROOT)}: read it. CHECKs, and what becomes of rows, are yours to write.")
    if needed := without_value(text):
        print(f"Give {', '.join(needed)} a server_default for the rows that are there, and take it away again.")
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))

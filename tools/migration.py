"""Write the next migration from what the models have and the migrations before it do not make."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
VERSIONS = ROOT / "migrations" / "versions"


def main(sentence: str) -> int:
    if not sentence.strip():
        print('Say in a few words what it does: make migration ARGS="Rooms have a lift"', file=sys.stderr)
        return 1
    last = max(path.name.partition("_")[0] for path in VERSIONS.glob("*.py"))
    number = f"{int(last) + 1:0{len(last)}}"
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOOKING_INSTANCE"], os.environ["DATABASE_URL"] = folder, f"sqlite:///{folder}/booking.sqlite"
        flask = (sys.executable, "-m", "flask", "--app", "app", "db")
        subprocess.run([*flask, "upgrade"], cwd=ROOT, check=True, capture_output=True)
        order = ("migrate", "--message", sentence.strip().rstrip("."), "--rev-id", number)
        subprocess.run([*flask, *order], cwd=ROOT, check=True, capture_output=True)
    written = sorted(VERSIONS.glob(f"{number}_*.py"))
    if not written:
        print("The models have nothing that the migrations do not make already.", file=sys.stderr)
        return 1
    ruff = str(Path(sys.executable).parent / "ruff")
    subprocess.run([ruff, "check", "--fix", "--quiet", *written], cwd=ROOT, check=True)
    subprocess.run([ruff, "format", "--quiet", *written], cwd=ROOT, check=True)
    print(f"{written[0].relative_to(ROOT)}: read it, and write what autogenerate cannot see (CHECKs, rows, downgrade).")
    return 0


if __name__ == "__main__":
    sys.exit(main(" ".join(sys.argv[1:])))

"""Ask the JSON interface what its OpenAPI document allows and what it does not, other questions each time.

``examples=1000``: how many of each kind for each operation. Held if each answer is one that the document names.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests.support.app import Clock, application, migrate
from tests.support.asked import ask_all
from tests.support.whole_house import lived_in


def main(arguments: list[str]) -> int:
    examples = int(dict(each.split("=", 1) for each in arguments).get("examples", 300))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["BOOKING_INSTANCE"] = folder
        url = f"sqlite:///{Path(folder) / 'booking.sqlite'}"
        migrate(url)
        with application(url) as app:
            lived_in(app, Clock())
            answered = ask_all(app, examples, derandomize=False)
    for (operation, status), number in sorted(answered.items()):
        print(f"{operation}: {status}, {number} times")
    print(f"{answered.total()} questions, each answered as the document says")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What says du in German, and what only looks like it."""

import pytest

from booking.domain.familiar import FAMILIAR


@pytest.mark.parametrize(
    ("sentence", "is_familiar"),
    [
        *((f"Das ist {each} Raum.", True) for each in ("dein", "euer", "eure", "für dich", "für euch")),
        *((each, True) for each in ("Schreib uns.", "Geh zurück, oder fang neu an.", "Kommst du?", "Ihr seid da.")),
        *((each, True) for each in ("Bitte schick das ab.", "Oder antworte uns.", "Wann trefft ihr euch?")),
        *((each, False) for each in ("Schreiben Sie uns.", "Mit ihr geht das.", "Ihr Name", "Ihre Termine", "Direkt")),
        *((each, False) for each in ("Er schickt das ab.", "Wer kommt, geht auch.", "Wann treffen Sie sich?")),
    ],
)
def test_pattern_knows_what_says_du(sentence, is_familiar):
    assert bool(FAMILIAR.search(sentence)) == is_familiar

"""A wish in one line, in German or English: what it asks for, what else it can mean, and what has to be asked back.

It never guesses. Two meanings are two readings, none is a question, and what is not known is named. The work grows with
the length of the text: each phrase is found by looking a few words ahead.
"""

from booking.domain.sentence.findings import Doubt
from booking.domain.sentence.lexemes import visible_text
from booking.domain.sentence.meaning import Meant
from booking.domain.sentence.reader import RoomNamed, Surroundings, Understanding, minutes_between, read_sentence

__all__ = [
    "Doubt",
    "Meant",
    "RoomNamed",
    "Surroundings",
    "Understanding",
    "minutes_between",
    "read_sentence",
    "visible_text",
]

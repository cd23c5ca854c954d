"""Whether a German sentence addresses people familiarly, with *du* or *ihr*."""

import re

_IMPERATIVES = (
    "antworte antwortet beende bestätigt bring bringt drück entscheidet erinnere fang fangt frag fragt füg geh gebt gib"
    " komm kopier kürzt lade lass lasst lösche meld melde meldet nehmt nenn nennt nimm prüf prüft richte ruf ruft sag"
    " sagt schau schaut schick schickt schreib schreibt setz such trag tragt tut übergib verlasst versuch warte wähl"
    " wähle wählt öffne"
)
#: A pronoun, or an imperative where a sentence begins or goes on.
FAMILIAR = re.compile(
    r"\b(?:[Dd]u|[Dd]ich|[Dd]ir|[Dd]ein\w*|(?<![Mm]it )ihr|Ihr (?:\w+t|seid)|[Ee]uch|[Ee]uer|[Ee]ure[mnrs]?)\b"
    rf"|\b(?:{'|'.join(word.capitalize() for word in _IMPERATIVES.split())})\b(?! Sie)"
    rf"|(?:, |\b(?:[Uu]nd|[Oo]der|[Dd]ann|[Bb]itte|[Ll]ieber) )(?:{'|'.join(_IMPERATIVES.split())})\b(?! Sie)"
)

"""What an eye may read in a text beside what stands there: other scripts' letters, words pulled apart, digits.

Used to find a telling word however it is spelled. None of it changes the text.
"""

import re
import unicodedata

# Letters of other scripts that look like Latin ones (Cyrillic, Greek), and Latin ones that have no plain form.
LOOKALIKES = str.maketrans(
    dict(zip("аеорсухіјѕԁһӏкмтвнзпг", "aeopcyxijsdhlkmtbhenr", strict=True))
    | dict(zip("αορεικτυνχγβμ", "aopeiktuvxybm", strict=True))
    | dict(zip("ıøłđħŧɡ", "ioldhtg", strict=True))
)
# Digits and signs that stand for letters; a 1 is read both ways.
AS_LETTERS = str.maketrans(dict(zip("03457@$!|€8", "oeastasiieb", strict=True)))
ONE_AS = ("i", "l")

# A word with signs inside: re.hab, re-hab, re_hab, re*hab.
_INSIDE = re.compile(r"(?<=\w)(?:[.\-*·•'’/+|~^]|_)+(?=\w)")
# Letters that stand alone, three or more in a row: d r u g, d.r.u.g, d - r - u - g.
_ALONE = re.compile(r"(?<!\w)(?:[^\W_][\s.\-_*·•/]{1,3}){2,}[^\W_](?!\w)")
_NO_LETTER = re.compile(r"[\W_]+")
# Something of four signs or more that mixes letters with what may stand for them.
_MIXED = re.compile(r"[^\W_@$!|€]*(?:[013457@$!|€8][^\W_@$!|€]*)+")
_FEWEST_SIGNS, _FEWEST_LETTERS = 4, 2

HIDDEN = frozenset({"Cf", "Cc", "Co", "Cs", "Cn"})
_KEPT_CONTROLS = frozenset("\n")
# ª and º are letters of the Spanish keyboard.
_LATIN_SIGNS = frozenset("ªº")


def plain(text: str) -> str:
    """Small letters without accents or invisible characters, for comparing words."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(each for each in letters if unicodedata.category(each) not in ("Mn", "Cf")).casefold()


def readings(text: str) -> tuple[str, ...]:
    """The text as it may be read, each once, the plainest first; all as `plain` writes."""
    as_it_stands = plain(text)
    folded = as_it_stands.translate(LOOKALIKES)
    joined = _INSIDE.sub("", folded)
    spelled = _ALONE.sub(lambda found: _NO_LETTER.sub("", found[0]), folded)
    numbered = [_numbered(joined, one) for one in ONE_AS]
    return tuple(dict.fromkeys((as_it_stands, folded, joined, spelled, *numbered)))


def foreign_letters(text: str) -> tuple[str, ...]:
    """Letters of another script than the Latin one, each once: none has a place in English or Spanish."""
    found = (each for each in text if unicodedata.category(each).startswith("L") and each not in _LATIN_SIGNS)
    return tuple(dict.fromkeys(each for each in found if not unicodedata.name(each, "").startswith("LATIN")))


def hides_something(text: str) -> bool:
    """Whether characters stand in it that nobody sees, line ends aside."""
    return any(unicodedata.category(each) in HIDDEN and each not in _KEPT_CONTROLS for each in text)


def _numbered(text: str, one: str) -> str:
    return _MIXED.sub(lambda found: _as_letters(found[0], one), text)


def _as_letters(word: str, one: str) -> str:
    if len(word) < _FEWEST_SIGNS or sum(each.isalpha() for each in word) < _FEWEST_LETTERS:
        return word
    return word.translate(AS_LETTERS).replace("1", one)

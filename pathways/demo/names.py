"""Names nobody bears: given names from the garden, family names from the stationer's."""

GIVEN = (
    "Aster", "Basil", "Briar", "Bryony", "Calla", "Cedar", "Clover", "Dahlia", "Elder", "Fennel", "Fern", "Flora",
    "Hazel", "Heath", "Holly", "Iris", "Ivo", "Jasper", "Juniper", "Laurel", "Linden", "Lotus", "Magnolia", "Marigold",
    "Moss", "Myrtle", "Nettle", "Olive", "Orchid", "Petra", "Poppy", "Reed", "Robin", "Rowan", "Rush", "Saffron",
    "Sage", "Sorrel", "Tansy", "Thistle", "Verbena", "Violet", "Willow", "Yarrow", "Zinnia",
)  # fmt: skip

FAMILY = (
    "Blankpage", "Bookmarker", "Carbonpaper", "Demoray", "Draftwell", "Exampleby", "Fablestone", "Fictionby",
    "Flyleaf", "Foolscap", "Halftitle", "Hyphenson", "Inkstand", "Italicott", "Looseleaf", "Makebelieve", "Mockingham",
    "Notabene", "Novelton", "Paperclip", "Parchmore", "Penwiper", "Placeholder", "Pretendson", "Proofreader",
    "Samplewright", "Scribbleton", "Sketchley", "Storyboard", "Tablet-Jones", "Testerly", "Typesetter", "Vellumby",
    "Watermark", "Wordsmythe",
)  # fmt: skip

AREA_CODES = {
    "riverbend": ("617", "413", "508", "978", "603", "207"),
    "hill-street": ("303", "720", "970", "719", "801", "307"),
}
"""For numbers of each site's people: with 555-0101 to 555-0199 nobody's."""

PRONOUNS = {"female": "she/her", "male": "he/him", "unknown": "they/them"}

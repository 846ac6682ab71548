"""What every map of the country shares: its crowded middle, shown larger, and how names are set.

In units of the states' drawing.
"""

from segments.shapes import Drawn

LETTER = 120  # height of a name
CENTRE = (3_230, 2_740, 760, 709)  # left, top, width, height: the crowded middle
INSET = (3_990, 60, 2_080, 1_941)  # where it is shown: over the Gulf
INSET_LETTER = LETTER * CENTRE[2] // INSET[2]
WIDTH = 0.78  # of a letter, for its height, with some air
CROWDED = ("09", "11", "12", "13", "15", "16", "17", "21", "22", "24", "29", "30")


def has_room(shape: Drawn, name: str) -> bool:
    """Say whether a name fits into a state."""
    return shape.room > WIDTH * LETTER * len(name)


def in_centre(shape: Drawn) -> bool:
    """Say whether the name of a state stands within the enlarged middle."""
    left, top, width, height = CENTRE
    x, y = shape.point
    inside = left + INSET_LETTER < x < left + width - INSET_LETTER
    return inside and top + INSET_LETTER < y < top + height - INSET_LETTER

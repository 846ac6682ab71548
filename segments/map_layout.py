"""What every map of the country shares: its crowded middle, shown larger, and how names are set.

In units of the states' drawing.
"""

from segments.shapes import Territory

FONT_SIZE = 120  # height of a name
CENTRE_BOX = (3_230, 2_740, 760, 709)  # left, top, width, height: the crowded middle
INSET_BOX = (3_990, 60, 2_080, 1_941)  # where it is shown: over the Gulf
INSET_FONT_SIZE = FONT_SIZE * CENTRE_BOX[2] // INSET_BOX[2]
WIDTH = 0.78  # of a letter, for its height, with some air
CENTRE_STATES = ("09", "11", "12", "13", "15", "16", "17", "21", "22", "24", "29", "30")


def name_fits(shape: Territory, name: str) -> bool:
    """Say whether a name fits into a state."""
    return shape.room > WIDTH * FONT_SIZE * len(name)


def name_in_centre(shape: Territory) -> bool:
    """Say whether the name of a state stands within the enlarged middle."""
    left, top, width, height = CENTRE_BOX
    x, y = shape.point
    inside = left + INSET_FONT_SIZE < x < left + width - INSET_FONT_SIZE
    return inside and top + INSET_FONT_SIZE < y < top + height - INSET_FONT_SIZE

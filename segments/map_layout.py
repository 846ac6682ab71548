"""Layout of the maps of the country: names of states, and the inset that enlarges the centre.

All lengths are in units of the states' drawing (500 m).
"""

from segments.shapes import Territory

FONT_SIZE = 120  # of a state's name
CENTRE_BOX = (3_230, 2_740, 760, 709)  # left, top, width, height of what is enlarged
INSET_BOX = (3_990, 60, 2_080, 1_941)  # where it is drawn: over the Gulf of Mexico
INSET_FONT_SIZE = FONT_SIZE * CENTRE_BOX[2] // INSET_BOX[2]
LETTER_WIDTH = 0.78  # relative to the font size, with some space
CENTRE_STATES = ("09", "11", "12", "13", "15", "16", "17", "21", "22", "24", "29", "30")


def name_fits(state: Territory, name: str) -> bool:
    """Return whether a name fits into its state."""
    return state.room > LETTER_WIDTH * FONT_SIZE * len(name)


def name_in_centre(state: Territory) -> bool:
    """Return whether the name of a state lies within the enlarged centre."""
    left, top, width, height = CENTRE_BOX
    x, y = state.point
    inside = left + INSET_FONT_SIZE < x < left + width - INSET_FONT_SIZE
    return inside and top + INSET_FONT_SIZE < y < top + height - INSET_FONT_SIZE

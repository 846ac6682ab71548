"""From the globe to the plane: Lambert's conformal conic projection, on the ellipsoid.

J. P. Snyder, Map Projections: A Working Manual (USGS 1395, 1987), formulas 15-1 to 15-8. Numbers
in, numbers out.
"""

from dataclasses import dataclass
from functools import cached_property
from math import cos, log, pi, radians, sin, sqrt, tan

Point = tuple[float, float]


@dataclass(frozen=True)
class LambertConic:
    """A cone that cuts the ellipsoid along two parallels. Degrees and metres; west is negative."""

    parallels: tuple[float, float]
    origin_latitude: float
    central_meridian: float
    semi_major_axis: float = 6_378_137.0  # GRS 80
    eccentricity_squared: float = 0.006_694_380_022_9

    def project(self, longitude: float, latitude: float) -> Point:
        """Give metres east and north of the origin."""
        radius = self._radius(radians(latitude))
        turn = self._cone * radians(longitude - self.central_meridian)
        return radius * sin(turn), self._origin_radius - radius * cos(turn)

    @cached_property
    def _cone(self) -> float:
        first, second = map(radians, self.parallels)
        widths = log(self._width(first)) - log(self._width(second))
        return widths / (log(self._narrowing(first)) - log(self._narrowing(second)))

    @cached_property
    def _factor(self) -> float:
        first = radians(self.parallels[0])
        return self._width(first) / (self._cone * self._narrowing(first) ** self._cone)

    @cached_property
    def _origin_radius(self) -> float:
        return self._radius(radians(self.origin_latitude))

    def _radius(self, latitude: float) -> float:
        return self.semi_major_axis * self._factor * self._narrowing(latitude) ** self._cone

    def _width(self, latitude: float) -> float:
        return cos(latitude) / sqrt(1 - self.eccentricity_squared * sin(latitude) ** 2)

    def _narrowing(self, latitude: float) -> float:
        e = sqrt(self.eccentricity_squared)
        bend = e * sin(latitude)
        return tan(pi / 4 - latitude / 2) / ((1 - bend) / (1 + bend)) ** (e / 2)


# As INEGI draws Mexico.
MEXICO = LambertConic(parallels=(17.5, 29.5), origin_latitude=12.0, central_meridian=-102.0)

"""Lambert's conformal conic projection on the ellipsoid.

Source: J. P. Snyder, Map Projections: A Working Manual (USGS 1395, 1987), formulas 15-1 to 15-8.
"""

from dataclasses import dataclass
from functools import cached_property
from math import cos, log, pi, radians, sin, sqrt, tan

Point = tuple[float, float]


@dataclass(frozen=True)
class LambertConic:
    """The projection with two standard parallels. Degrees and metres; west is negative."""

    parallels: tuple[float, float]
    origin_latitude: float
    central_meridian: float
    semi_major_axis: float = 6_378_137.0  # GRS 80
    eccentricity_squared: float = 0.006_694_380_022_9

    def project(self, longitude: float, latitude: float) -> Point:
        """Return the metres east and north of the origin."""
        radius = self._radius(radians(latitude))
        angle = self._cone_constant * radians(longitude - self.central_meridian)
        return radius * sin(angle), self._origin_radius - radius * cos(angle)

    @cached_property
    def _cone_constant(self) -> float:
        first, second = map(radians, self.parallels)
        numerator = log(self._m(first)) - log(self._m(second))
        return numerator / (log(self._t(first)) - log(self._t(second)))

    @cached_property
    def _factor(self) -> float:
        first = radians(self.parallels[0])
        return self._m(first) / (self._cone_constant * self._t(first) ** self._cone_constant)

    @cached_property
    def _origin_radius(self) -> float:
        return self._radius(radians(self.origin_latitude))

    def _radius(self, latitude: float) -> float:
        return self.semi_major_axis * self._factor * self._t(latitude) ** self._cone_constant

    def _m(self, latitude: float) -> float:
        """Return what Snyder calls m."""
        return cos(latitude) / sqrt(1 - self.eccentricity_squared * sin(latitude) ** 2)

    def _t(self, latitude: float) -> float:
        """Return what Snyder calls t."""
        e = sqrt(self.eccentricity_squared)
        e_sin = e * sin(latitude)
        return tan(pi / 4 - latitude / 2) / ((1 - e_sin) / (1 + e_sin)) ** (e / 2)


# The parameters that INEGI uses for Mexico.
MEXICO = LambertConic(parallels=(17.5, 29.5), origin_latitude=12.0, central_meridian=-102.0)

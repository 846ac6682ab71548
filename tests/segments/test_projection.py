import pytest

from segments.projection import MEXICO, LambertConic


def test_snyders_own_example():
    """Numerical example of the working manual, p. 296: Clarke 1866, 33° and 45°."""
    cone = LambertConic(
        parallels=(33.0, 45.0),
        origin_latitude=23.0,
        central_meridian=-96.0,
        semi_major_axis=6_378_206.4,
        eccentricity_squared=0.006_768_66,
    )

    assert cone.project(-75.0, 35.0) == pytest.approx((1_894_410.9, 1_564_649.5), abs=0.1)


def test_the_origin_of_mexico_is_the_origin():
    assert MEXICO.project(-102.0, 12.0) == pytest.approx((0.0, 0.0), abs=1e-6)


def test_a_degree_is_true_to_scale_on_the_parallels_and_shorter_between():
    def width(latitude):
        return MEXICO.project(-101.5, latitude)[0] - MEXICO.project(-102.5, latitude)[0]

    assert width(17.5) == pytest.approx(106_210, abs=30)  # a degree of longitude on GRS 80
    assert width(29.5) == pytest.approx(96_964, abs=30)
    assert width(23.5) < 102_140 < width(23.5) * 1.01

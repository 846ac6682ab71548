"""The bench reports what it measured and what failed; nothing here is timed."""

import json
from io import StringIO

import pytest

from tests.bench import __main__ as command_line
from tests.bench import session
from tests.bench.rounds import medians, percentile
from tests.bench.rows import GROUPS, Row, line

ROW = Row("holds", 412.5, "holds/s", "bare SQL", 825.0, rounds=5)


def measure(groups, results):
    """Measure these groups; return the exit code and the printed output."""
    out = StringIO()
    code = session.measure(list(groups), None, load=groups.get, results=results, out=out)
    return code, out.getvalue()


def fails(environment):
    yield ROW
    raise ValueError("no writers")


def test_a_run_prints_every_row_and_writes_it(tmp_path):
    code, output = measure({"one": lambda environment: [ROW]}, tmp_path / "bench.json")

    assert code == 0
    assert line(ROW) in output
    assert json.loads((tmp_path / "bench.json").read_text()) == [
        {
            "name": "holds",
            "value": 412.5,
            "unit": "holds/s",
            "reference": "bare SQL",
            "reference_value": 825.0,
            "ratio": 0.5,
            "rounds": 5,
        }
    ]


def test_a_group_that_fails_is_named_and_the_others_are_printed(tmp_path):
    groups = {"bad": fails, "good": lambda environment: [ROW]}

    code, output = measure(groups, tmp_path / "bench.json")

    assert code == 1
    assert output.count(line(ROW)) == 2
    assert "The group bad failed: ValueError: no writers" in output
    assert "good" not in output
    assert len(json.loads((tmp_path / "bench.json").read_text())) == 2


def test_a_group_that_does_not_end_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "PATIENCE", 1)

    def hangs(environment):
        while True:
            pass
        yield ROW

    code, output = measure({"slow": hangs}, tmp_path / "bench.json")

    assert code == 1
    assert "The group slow failed: GroupTimeout: it did not finish in 1 s" in output


def test_an_interrupted_run_reports_what_is_missing(tmp_path):
    def interrupted(environment):
        raise KeyboardInterrupt

    groups = {
        "one": lambda environment: [ROW],
        "two": interrupted,
        "three": lambda environment: [ROW],
    }

    code, output = measure(groups, tmp_path / "bench.json")

    assert code == 1
    assert "Not finished: two, three." in output
    assert len(json.loads((tmp_path / "bench.json").read_text())) == 1


def test_an_unknown_group_is_refused_before_anything_starts(capsys, monkeypatch):
    monkeypatch.setattr(command_line.foreground, "execute", pytest.fail)

    with pytest.raises(SystemExit) as refused:
        command_line.main(["--only", "texts"])

    assert refused.value.code == 2
    assert f"choose one of: {', '.join(GROUPS)}" in capsys.readouterr().err


def test_figure_and_reference_alternate_and_the_first_turn_is_not_counted():
    turns = []

    def taken(name, values):
        return lambda: turns.append(name) or values.pop(0)

    found = medians(3, taken("a", [99, 1, 5, 3]), taken("b", [99, 10, 30, 20]))

    assert turns == ["a", "b"] * 4
    assert found == (3, 20)


@pytest.mark.parametrize(("percent", "value"), [(50, 10), (95, 19), (99, 20), (0, 1)])
def test_a_percentile_is_one_of_the_values(percent, value):
    assert percentile(range(20, 0, -1), percent) == value

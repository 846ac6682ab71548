"""The order of tests by what was changed."""

import subprocess

import pytest

from tests import nearness

FLOW = "tests/inventory/planning/test_flow.py"


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ([], 0),
        (["README.md"], 0),
        (["campaigns/outbox.py"], 0),
        (["templates/inventory/cell.html"], 1),
        (["inventory/reservations.py"], 1),
        (["inventory/planning/book.py"], 2),
        (["inventory/planning/flow.py"], 3),
        (["campaigns/outbox.py", FLOW], 3),
    ],
)
def test_a_test_is_as_near_as_its_path_is_to_the_nearest_changed_file(changed, expected):
    assert nearness.nearness(FLOW, changed) == expected


def test_changed_and_new_files_are_found(tmp_path, monkeypatch):
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b.mx"]
    monkeypatch.setattr(nearness, "ROOT", tmp_path)
    monkeypatch.setenv(nearness.CHANGED, "")
    (tmp_path / "con ñ.py").write_text("a = 1")
    (tmp_path / "same.py").write_text("b = 1")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "First"]):
        subprocess.run([*git, *arguments], check=True)
    (tmp_path / "con ñ.py").write_text("a = 2")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "file.py").write_text("")

    nearness.find_changes()

    assert sorted(nearness.changes()) == ["con ñ.py", "new/file.py"]


def test_outside_a_repository_nothing_is_changed(tmp_path, monkeypatch):
    monkeypatch.setattr(nearness, "ROOT", tmp_path)
    monkeypatch.setenv(nearness.CHANGED, "old.py")

    nearness.find_changes()

    assert nearness.changes() == []

"""Sequences: the same for a seed, and among some all that can happen to a campaign."""

from itertools import chain

from tests.faults.sequences import WALK, draw


def test_a_seed_always_gives_the_same_sequence():
    assert draw(7) == draw(7)
    assert draw(7) != draw(8)


def test_each_campaign_is_approved_once_and_ends_with_its_cancellation():
    for seed in range(300):
        sequence = draw(seed)
        steps = sequence.steps
        assert steps.count("make" if sequence.is_on_air else "approve") == 1
        assert steps[0] == ("make" if sequence.is_on_air else "draft")
        assert not any("cancel" in step for step in steps[:-1])


def test_three_hundred_sequences_have_every_step():
    walked = set(chain.from_iterable(draw(seed).steps for seed in range(300)))

    assert walked == {"make", "draft", "edit", "submit", "request_changes", "approve"}.union(
        *WALK.values()
    )

"""What dies is started again, after a pause that grows while it keeps dying."""

from __future__ import annotations

import signal

import pytest

from kundenportal.config.keeping import Member, next_pause


@pytest.mark.parametrize(
    ("pause", "lived", "expected"),
    [(0.25, 0, 0.5), (0.5, 0, 1.0), (16.0, 59.9, 30.0), (30.0, 10, 30.0), (30.0, 60, 0.5), (0.5, 3600, 0.5)],
)
def test_the_pause_grows_until_it_has_lived_well(pause: float, lived: float, expected: float) -> None:
    assert next_pause(pause, lived=lived) == expected


class Mortal(Member):
    """Something that lives as long as it is told to."""

    name = "The mortal"

    def __init__(self) -> None:
        super().__init__(now=0)
        self.alive = True
        self.starts = 0

    def exit_code(self) -> int | None:
        return None if self.alive else -signal.SIGKILL

    def start_again(self) -> None:
        self.starts += 1


def test_what_lives_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    mortal = Mortal()

    mortal.look_after(now=1000)

    assert mortal.starts == 0
    assert caplog.messages == []


def test_what_keeps_dying_is_started_again_after_growing_pauses(caplog: pytest.LogCaptureFixture) -> None:
    mortal = Mortal()
    mortal.alive = False
    starts_by = []
    for now in (0, 0.4, 0.5, 0.6, 1.5, 1.6, 1.7, 3.6, 3.7):
        mortal.look_after(now=now)
        starts_by.append(mortal.starts)

    assert starts_by == [0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert mortal.deaths == 3
    assert caplog.messages == [
        f"The mortal has died (SIGKILL) and is started again in {pause} seconds." for pause in (0.5, 1, 2)
    ]


def test_a_good_life_is_rewarded_with_a_short_pause(caplog: pytest.LogCaptureFixture) -> None:
    mortal = Mortal()
    mortal.alive = False
    for now in (0, 0.5, 0.6, 1.6):
        mortal.look_after(now=now)
    mortal.alive = True
    mortal.look_after(now=100)
    mortal.alive = False

    mortal.look_after(now=200)

    assert caplog.messages[-1].endswith("in 0.5 seconds.")

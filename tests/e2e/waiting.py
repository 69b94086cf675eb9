"""Tests poll for what they wait for; nothing sleeps for luck."""
import time

DEADLINE_S = 60


def until(condition, what, deadline=DEADLINE_S):
    """The condition's first true value."""
    end = time.monotonic() + deadline
    while not (value := condition()):
        assert time.monotonic() < end, f"never came: {what() if callable(what) else what}"
        time.sleep(0.01)
    return value

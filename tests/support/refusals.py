"""Acts that must be turned down."""

from __future__ import annotations

import pytest


def assert_refused(matters, refusal, match, act, *arguments, **members):
    """The act is turned down with this sentence, and leaves no trace."""
    before = matters.city.topics()
    with pytest.raises(refusal, match=match):
        act(*arguments, **members)
    assert matters.city.topics() == before

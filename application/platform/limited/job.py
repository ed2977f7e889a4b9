"""What a job in a limited child may say instead of an answer. 受限作业"""

from __future__ import annotations


class JobRefused(ValueError):
    """The job read its input and can't take it; the text says why, for the code that asked."""

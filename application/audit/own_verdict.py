"""系统自己的结论: what the service itself finds in a published folder, with the witnesses that its own HOME/policy names."""

from __future__ import annotations

from dataclasses import replace

from application.platform.failures import OperatorError
from application.platform.home import Home
from application.publication.cosigning import policy_of
from application.verifier.formats.tiles import Fetch
from application.verifier.verdict import Verdict
from application.verifier.verify import VerifyOptions, verify


def own_verdict(home: Home, fetch: Fetch, ask: VerifyOptions) -> Verdict:
    """As strong as `xiaohao verify --policy` with the same questions; a checkpoint waits for its witnesses without blame.

    A policy that can't be read counts as none: whoever asks the witnesses says so.
    """
    try:
        policy = policy_of(home)
    except OperatorError:
        policy = None
    return verify(fetch, replace(ask, policy=policy, patient=True))

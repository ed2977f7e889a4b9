"""Ways to say no. 未受理

A Refusal means that the request was understood and turned down; its text is a sentence in 中文 that tells the person what
to do. Everything else that is raised is a defect.
"""


class Refusal(Exception):
    """未受理: the request was understood and turned down."""


class RuleBroken(Refusal):
    """违反规则: a rule of the business says no."""


class NotFound(Refusal):
    """查无记录: there is no such thing, or it is not for this person."""


class Conflict(Refusal):
    """内容已变: somebody else was faster, or the same form was used for something else."""


class NotAllowed(Refusal):
    """无权办理: another role or another person has to do it."""


class Unavailable(Refusal):
    """暂不可用: the service can't record it now; nothing was done, and the same form may be sent again."""


class Busy(Unavailable):
    """请稍候: too many ask for the same at this moment; nothing was done, and the same may be sent again in some seconds."""

"""市专班、镇（街道）、部门、纪委"""

from domain.base import CreatedEvent


class UnitRegistered(CreatedEvent):
    """单位已登记: kind is city | town | department | commission."""

    TOPIC = "unit.registered"
    code: str
    name: str
    kind: str
    short_name: str

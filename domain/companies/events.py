"""物业服务企业"""

from domain.base import CreatedEvent


class CompanyRegistered(CreatedEvent):
    """物业服务企业已登记: `code` is the 18-character 统一社会信用代码 (GB 32100-2015)."""

    TOPIC = "company.registered"
    code: str
    name: str

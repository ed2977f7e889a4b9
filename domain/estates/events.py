"""小区"""

from domain.base import CreatedEvent, DomainEvent


class EstateRegistered(CreatedEvent):
    """小区已登记: kind is commercial 商品房 | relocation 动迁安置 | old 老旧 | other 其他; `unit` is the town's code."""

    TOPIC = "estate.registered"
    name: str
    unit: str
    kind: str
    community: str | None = None  # 12-digit code of the 社区（村）
    aliases: list[str] | None = None
    households: int | None = None
    company: str | None = None


class EstateCompanyChanged(DomainEvent):
    """小区物业服务企业已变更: `company` absent = without a company; `manager` 项目负责人 is a person's id."""

    TOPIC = "estate.company_changed"
    since_on: str
    company: str | None = None
    manager: str | None = None

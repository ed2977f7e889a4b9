"""批量导入"""

from domain.base import CreatedEvent, DomainEvent


class ImportStarted(CreatedEvent):
    """导入已开始: which file (its SHA-256, never its name), how it was read, how many rows it has."""

    TOPIC = "import.started"
    kind: str  # tips | ledger
    source: str
    file_sha256: str
    mapping_sha256: str
    rows: int


class ImportFinished(DomainEvent):
    """导入已完成: rows taken in, already there, and refused; their sum is the number of rows."""

    TOPIC = "import.finished"
    registered: int
    repeated: int
    refused: int


class ImportWithdrawn(DomainEvent):
    """导入已撤回: it should not have been; tips withdrawn, and tips kept because somebody works on them already."""

    TOPIC = "import.withdrawn"
    reason: str
    withdrawn: int
    kept: int

"""People and their accounts. No name, phone, account or staff number is ever here: they lie in the vault."""

from domain.base import CreatedEvent, DomainEvent


class PersonNamed(CreatedEvent):
    """人员已登记: one natural person; `name_commit` is a salted commitment of the name (docs/format.md §10.7)."""

    TOPIC = "person.named"
    name_commit: str


class OfficialEnrolled(CreatedEvent):
    """工作人员已登记: an account of a person. Two accounts of one person are one person for four eyes."""

    TOPIC = "official.enrolled"
    person: str


class OfficialRetired(DomainEvent):
    """工作人员已停用"""

    TOPIC = "official.retired"
    reason: str


class RoleGranted(DomainEvent):
    """角色已授予: a role for a unit; a substitute's with whose it is, its last day (ISO, Shanghai), and why."""

    TOPIC = "role.granted"
    role: str
    unit: str
    substitute_for: str | None = None
    until: str | None = None
    reason: str | None = None


class RoleWithdrawn(DomainEvent):
    """角色已收回"""

    TOPIC = "role.withdrawn"
    role: str
    unit: str
    reason: str


class KeyEnrolled(DomainEvent):
    """签名密钥已登记: `pub` is the raw public key, base64; valid from the next position."""

    TOPIC = "key.enrolled"
    keyid: str
    alg: str
    pub: str


class KeyRotated(DomainEvent):
    """签名密钥已更换: `old` ends with this very event."""

    TOPIC = "key.rotated"
    old: str
    keyid: str
    alg: str
    pub: str


class KeyRevoked(DomainEvent):
    """签名密钥已吊销"""

    TOPIC = "key.revoked"
    keyid: str
    reason: str


class SecondFactorEnrolled(DomainEvent):
    """动态验证码已启用: by the person; weighty acts ask a code from then on. `kind`: totp (RFC 6238)."""

    TOPIC = "second_factor.enrolled"
    official: str
    kind: str


class SecondFactorRemoved(DomainEvent):
    """动态验证码已停用: by the person, or by an administrator of roles."""

    TOPIC = "second_factor.removed"
    official: str
    reason: str


class SecondFactorRecoveryRenewed(DomainEvent):
    """恢复码已更换: by the person; the earlier ones are worth nothing from then on."""

    TOPIC = "second_factor.recovery_renewed"
    official: str


class CredentialSet(DomainEvent):
    """登录口令已设置: by the person."""

    TOPIC = "credential.set"


class CredentialReset(DomainEvent):
    """登录口令已重置: by an administrator; alerts the person and the commission."""

    TOPIC = "credential.reset"
    reason: str

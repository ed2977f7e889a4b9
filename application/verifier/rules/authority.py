"""Who may do what, judged from the log alone. 权限核验 Pure.

One fold over rules, officials, roles and keys, used by the writer under the head lock, by `verify` offline and by `fsck`.
An event at index n is judged by the state after n-1, so a rotation may be signed by the key that it ends.

The rules in force come from `rules.adopted`, for each type an object (docs/format.md §4):
    {"roles": [...], "unit": "own" | "partner" | "sides" | "any", "others": [roles], "moves_unit": true, …} and what
life_cycles.py says of `life`, `from`, `to`, `part`, `names`.
`own` means: the unit that the stream belongs to, which is `data.unit` of its opening event (else the unit that opened it)
until an event of a type with `moves_unit` names another; a unit also owns what belongs to units whose codes begin with
its own, so the city's desk owns the towns' matters. `partner` is the unit that an event with `names_partner` named, `sides`
either of them. `others`: the only roles that act on another's account. Unlisted types are refused.
"""

from __future__ import annotations

from base64 import b64encode
from copy import copy, deepcopy
from functools import lru_cache
from typing import Any, NamedTuple

from application.verifier.rules.event_schema import NO_END, Reason, day_in_shanghai, malformed, malformed_key
from application.verifier.rules.life_cycles import NOBODY, Rules, Stream, grown
from application.verifier.rules.rights_register import SERVICE, TOPICS, Register

OF_OFFICIALS = TOPICS - {"official.enrolled", "rules.adopted", "log.frozen"}


BEGINS = frozenset[str]()  # the states that a type starts from that begins its stream
TOLD = {
    "moves_unit": "unit",
    "names_partner": "partner",
    "recuses": "recused",
}  # the member of `data` that such a rule needs


class Permit(NamedTuple):
    """What still has to be asked of an event by somebody who may write its type in this role, with this key, for good.

    `starts_from`: None for any state of the life; `apart`: the parts that whoever writes it may not have taken.
    """

    own_account: bool
    sides: str
    life: str | None
    starts_from: frozenset[str] | None
    apart: tuple[str, ...]
    names: dict[str, str]

    @classmethod
    def of(cls, rule: dict[str, Any], role: str, rules: Rules) -> Permit:
        starts_from = rule.get("from")
        return cls(
            role not in rule.get("others", (role,)),
            "any" if role in rule.get("anywhere", ()) else rule["unit"],
            rule.get("life"),
            None if starts_from is None else frozenset(starts_from),
            rules.apart.get(rule.get("part", ""), ()),
            rule.get("names", {}),
        )


@lru_cache(maxsize=4_096)
def _alone(person: str) -> frozenset[str]:
    """One set for each person, shared by all streams."""
    return frozenset({person})


class Authority(Register):
    """The state after the events admitted so far; `size` of them."""

    def __init__(self) -> None:
        super().__init__()
        self.size = 0
        self.recorded_at = ""
        self.streams: dict[str, Stream] = {}
        self._permits: dict[tuple[str, str, str, str, str], Permit] = {}  # until somebody's rights change

    # What is asked

    def judge(self, payload: dict[str, Any], keyid: str) -> Reason | None:
        """None if the next event may be this one, signed by this key; else the first reason why not."""
        return malformed(payload) or self.judge_formed(payload, keyid)

    def judge_formed(self, payload: dict[str, Any], keyid: str) -> Reason | None:
        """As `judge`, of a payload that is known not to be malformed."""
        if (reason := self._order(payload)) is not None:
            return reason
        return self._genesis(payload, keyid) if self.size < 2 else self._right(payload, keyid)

    def _order(self, payload: dict[str, Any]) -> Reason | None:
        if self.frozen:
            return Reason("EVENT_AUTHORITY", f"日志已于第 {self.frozen} 条冻结，其后不得再有记录")
        if self.size and payload["log"] != self.log:
            return Reason("EVENT_LOG", f"属于另一日志：{payload['log']}")
        if payload["seq"] != self.size:
            return Reason("EVENT_ORDER", f"顺序号应为 {self.size}，实为 {payload['seq']}")
        stream = self.streams.get(payload["stream"])
        due = stream.version + 1 if stream else 1
        if payload["version"] != due:
            return Reason("EVENT_ORDER", f"此事项的版本应为 {due}，实为 {payload['version']}")
        if payload["recorded_at"] < self.recorded_at:
            return Reason("EVENT_TIME", f"记录时间早于前一条：{payload['recorded_at']}")
        return None

    def _genesis(self, payload: dict[str, Any], key: str) -> Reason | None:
        if payload["type"] != ("rules.adopted" if self.size else "log.opened"):
            return Reason("EVENT_AUTHORITY", "日志须以 log.opened、rules.adopted 开头")
        if self.size:
            return self._signed(payload["actor"], key)
        data = payload["data"]
        if data.get("origin") != payload["log"] or data.get("mode") not in ("production", "training"):
            return Reason("EVENT_LOG", "首条的日志名称或模式不符")
        for part in ("administrator", "service"):
            if (reason := malformed_key(data.get(part, {}))) is not None:
                return reason
        if data["administrator"]["keyid"] != key or data["administrator"].get("official") != payload["actor"]:
            return Reason("EVENT_SIGNATURE", "首条须由首任管理员签名")
        return None

    def _right(self, payload: dict[str, Any], key: str) -> Reason | None:
        """The same people do the same things again and again: who may for good is asked once, until somebody's rights change."""
        actor, role, unit, kind = payload["actor"], payload["role"], payload["unit"], payload["type"]
        permit = self._permits.get((actor, role, unit, kind, key))
        if permit is None:
            if (reason := self._may(payload, key)) is not None:
                return reason
            rule = self.rules[kind]
            permit = Permit.of(rule, role, self.in_force)
            if not TOLD.keys() & rule.keys() and self.until.get((actor, role, unit), NO_END) == NO_END:
                self._permits[actor, role, unit, kind, key] = permit
        stream = self.streams.get(payload["stream"])
        if permit.own_account and payload["stream"] != actor:
            return Reason("EVENT_AUTHORITY", f"角色 {role} 只能为本人的账号办理 {kind}")
        reason = self._outside(payload, permit, stream)
        if reason is None and permit.life is not None:
            reason = self._out_of_turn(payload, permit.life, permit.starts_from, stream)
        if reason is None and stream is not None and (permit.apart or permit.names):
            reason = self._not_apart(payload, permit, stream)
        return self._bookkeeping(payload) if reason is None and kind in TOPICS else reason

    def _outside(self, payload: dict[str, Any], permit: Permit, stream: Stream | None) -> Reason | None:
        """Whether the matter is another unit's, or this one is out of it."""
        unit, sides = payload["unit"], permit.sides
        if sides != "any":
            own: str = stream.unit if stream else payload["data"].get("unit", unit)
            partner = stream.partner if stream and sides != "own" else ""
            if not (own.startswith(unit) and sides != "partner") and not (partner and partner.startswith(unit)):
                return Reason("EVENT_AUTHORITY", f"不属于本单位：{unit}")
        if stream is not None and any(map(unit.startswith, stream.recused)):
            return Reason("EVENT_SEPARATION", f"该单位已回避此事项：{unit}")
        return None

    def _out_of_turn(
        self, payload: dict[str, Any], life: str, starts_from: frozenset[str] | None, stream: Stream | None
    ) -> Reason | None:
        """Whether the matter is not where this may be done."""
        kind, rules = payload["type"], self.in_force
        state = None if stream is None else stream.state(life, rules)
        if starts_from == BEGINS:
            return None if stream is None else Reason("EVENT_STATE", f"{kind} 只能是一个事项的首条")
        if state is None:
            return Reason("EVENT_STATE", f"{kind} 之前没有此事项的开始")
        if starts_from is None or state in starts_from:
            return None
        now, due = rules.word(life, state), dict.fromkeys(rules.word(life, one) for one in rules.types[kind]["from"])
        return Reason("EVENT_STATE", f"此事项现为“{now}”，{kind} 须在“{'”“'.join(due)}”时办理")

    def _not_apart(self, payload: dict[str, Any], permit: Permit, stream: Stream) -> Reason | None:
        """Whether one person would take two parts that stand apart, by whatever account."""
        kind, rules = payload["type"], self.in_force
        if permit.apart:
            persons = self.persons_of(payload)
            for part in permit.apart:
                if persons & stream.parts.get(part, NOBODY):
                    return Reason("EVENT_SEPARATION", f"同一人在本轮已是{rules.parts[part]}，不得再办理 {kind}")
        for member, named in permit.names.items():
            for part in rules.apart.get(named, ()):
                if payload["data"].get(member) in stream.parts.get(part, NOBODY):
                    return Reason(
                        "EVENT_SEPARATION", f"所定{rules.parts[named]}在本轮已是{rules.parts[part]}，两者不得为同一人"
                    )
        return None

    def _may(self, payload: dict[str, Any], key: str) -> Reason | None:
        """Whether the rules let this person, in this role and with this key, write such an event at all."""
        actor, role, unit, kind = payload["actor"], payload["role"], payload["unit"], payload["type"]
        rule = self.rules.get(kind)
        if rule is None:
            return Reason(
                "EVENT_AUTHORITY", f"日志现行的权限规则未列此类事件（{kind}），不能记录；请联系系统管理员采用新版规则"
            )
        if (reason := self._signed(actor, key)) is not None:
            return reason
        for switch, member in TOLD.items():
            if rule.get(switch) and not (type(told := payload["data"].get(member)) is str and told):
                return Reason("EVENT_FORMAT", f"缺少成员或类型不符：data.{member}")
        if role not in rule["roles"]:
            return Reason("EVENT_AUTHORITY", f"角色 {role} 不得办理 {kind}")
        if not self._holds(actor, role, unit):
            return Reason("EVENT_AUTHORITY", f"未授予该角色：{role}@{unit}")
        last = self.until.get((actor, role, unit), NO_END)
        if last != NO_END and day_in_shanghai(payload["recorded_at"]) > last:
            return Reason("EVENT_AUTHORITY", f"该角色的期限已于 {last} 届满：{role}@{unit}")
        return None

    def _signed(self, actor: str, key: str) -> Reason | None:
        owner = actor if actor in self.roles else SERVICE
        known = self.keys.get(key)
        if known is None:
            return Reason("EVENT_KEY", f"密钥未登记：{key}")
        if known.owner != owner:
            return Reason("EVENT_SIGNATURE", f"不是 {actor} 的密钥：{key}")
        if self.keys_in_force.get(owner) != key:
            return Reason("EVENT_KEY", f"密钥已停用：{key}")
        return None

    def _holds(self, actor: str, role: str, unit: str) -> bool:
        if actor in self.roles:
            return (role, unit) in self.roles[actor] and actor not in self.retired
        return role == actor.partition(":")[0] and role in ("system", "public")

    def _bookkeeping(self, payload: dict[str, Any]) -> Reason | None:
        """What an event about roles and keys must satisfy besides, or the directory would contradict itself."""
        kind, data, owner = payload["type"], payload["data"], payload["stream"]
        if kind in OF_OFFICIALS and owner not in self.roles:
            return Reason("EVENT_AUTHORITY", "不是已登记的工作人员")
        if kind == "official.enrolled" and owner in self.persons:
            return Reason("EVENT_AUTHORITY", "已登记的工作人员不得改为另一人")
        if kind == "role.granted":
            return self._exclusive(owner, data["role"])
        return self._key_bookkeeping(kind, owner, data)

    def _key_bookkeeping(self, kind: str, owner: str, data: dict[str, Any]) -> Reason | None:
        if kind in ("key.enrolled", "key.rotated"):
            in_force = self.keys_in_force.get(owner)
            if (reason := malformed_key(data)) is not None:
                return reason
            if data["keyid"] in self.keys:
                return Reason("EVENT_KEY", f"密钥已登记过：{data['keyid']}")
            if in_force != data.get("old"):
                return Reason("EVENT_KEY", f"须先停用现行密钥：{in_force}" if in_force else "没有可更换的密钥")
        if kind == "key.revoked" and self.keys_in_force.get(owner) != data["keyid"]:
            return Reason("EVENT_KEY", f"不是现行密钥：{data['keyid']}")
        return None

    def _exclusive(self, official: str, role: str) -> Reason | None:
        held = {held for account in self.accounts(official) for held, _ in self.roles.get(account, ())}
        for pair in self.exclusive_roles:
            if role in pair and held & (set(pair) - {role}):
                return Reason("EVENT_SEPARATION", f"同一人不得兼任：{'、'.join(pair)}")
        return None

    # What is remembered

    def admit(self, payload: dict[str, Any]) -> None:
        """Remember an event that was judged right."""
        self.learn(payload)
        stream = payload["stream"]
        self.streams[stream] = self.grown(self.streams.get(stream), payload)
        self.size = payload["seq"] + 1
        self.recorded_at = payload["recorded_at"]

    def grown(self, stream: Stream | None, payload: dict[str, Any]) -> Stream:
        """The stream with one event more; a writer recalls a stream by folding its payloads with this."""
        return grown(stream, payload, self.rules_at(payload["seq"]), self.persons_of(payload))

    def persons_of(self, payload: dict[str, Any]) -> frozenset[str]:
        """Who answers for the event: its author, and whom they stood in for; nobody where the public or a job wrote it."""
        person = self.persons.get(payload["actor"])
        if person is None:
            return NOBODY
        whose = self.stood_in_for(payload)
        return _alone(person) if whose is None else frozenset({person, whose})

    def learn(self, payload: dict[str, Any]) -> None:
        if payload["type"] in TOPICS:
            self._permits = {}
            super().learn(payload)

    def without_streams(self) -> Authority:
        """A copy to go back to; what is known of the streams stays with this one."""
        lone = copy(self)
        lone.streams, lone._permits = {}, {}
        return deepcopy(lone)


def key_directory(authority: Authority) -> dict[str, dict[str, Any]]:
    """The content of keys.json: {keyid: {alg, owner, use, pub, from_index, until_index}}."""
    return {
        keyid: {
            "alg": key.alg,
            "owner": key.owner,
            "use": "service" if key.owner == SERVICE else "official",
            "pub": b64encode(key.public).decode(),
            "from_index": key.from_index,
            "until_index": key.until_index,
        }
        for keyid, key in authority.keys.items()
    }

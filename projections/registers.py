"""登记册: what everything else refers to: units, officials with their roles, estates, companies, catalogue, calendar, scores.

Ids only: people's names lie in the vault. Units, companies and adopted versions are public by nature; estates and officials are
seen within the scope.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from domain.recorded import Recorded
from projections.engine.fold import ReadModel, Rows, Table, day
from projections.query.as_of import alive
from projections.query.open_problem import OPEN
from projections.query.page import Page, containing, fetch, fetch_page
from projections.query.scope import Scope


class Unit(NamedTuple):
    code: str
    name: str
    kind: str
    short_name: str


class Official(NamedTuple):
    """工作人员: `person` is the natural person; two accounts may share one."""

    person: str
    retired: bool


class Role(NamedTuple):
    official: str
    role: str
    unit: str


class Estate(NamedTuple):
    name: str
    unit: str
    kind: str
    community: str | None
    aliases: str | None  # one to a line
    households: int | None
    company: str | None
    manager: str | None
    company_since_on: date | None


class Company(NamedTuple):
    code: str
    name: str


class Import(NamedTuple):
    """批量导入: `registered` and so on are None until it is finished, `withdrawn` and `kept` until it is withdrawn."""

    kind: str
    source: str
    file_sha256: str
    rows: int
    unit: str
    started_on: date
    actor: str
    registered: int | None = None
    repeated: int | None = None
    refused: int | None = None
    withdrawn_on: date | None = None
    withdrawn: int | None = None
    kept: int | None = None


def _unit_registered(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.put(data["code"], Unit(data["code"], data["name"], data["kind"], data["short_name"]))


def _log_opened(rows: Rows, recorded: Recorded) -> None:
    """The first administrator's account: what person it is of is said by no event."""
    official = recorded.data["administrator"]["official"]
    rows.put(official, Official(official, False))
    rows.put(f"{official} administrator {recorded.unit}", Role(official, "administrator", recorded.unit))


def _official_enrolled(rows: Rows, recorded: Recorded) -> None:
    rows.put(recorded.stream, Official(recorded.data["person"], False))


def _official_retired(rows: Rows, recorded: Recorded) -> None:
    rows.change(Official, recorded.stream, retired=True)


def _role_granted(rows: Rows, recorded: Recorded) -> None:
    role, unit = recorded.data["role"], recorded.data["unit"]
    rows.put(f"{recorded.stream} {role} {unit}", Role(recorded.stream, role, unit))


def _role_withdrawn(rows: Rows, recorded: Recorded) -> None:
    rows.drop(Role, f"{recorded.stream} {recorded.data['role']} {recorded.data['unit']}")


def _estate_registered(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    aliases = "\n".join(data.get("aliases", ()))
    rows.put(
        recorded.stream,
        Estate(
            data["name"], data["unit"], data["kind"], data.get("community"), aliases, data.get("households"),
            data.get("company"), None, None,
        ),
    )  # fmt: skip


def _estate_company_changed(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.change(
        Estate,
        recorded.stream,
        company=data.get("company"),
        manager=data.get("manager"),
        company_since_on=day(data["since_on"]),
    )


def _company_registered(rows: Rows, recorded: Recorded) -> None:
    rows.put(recorded.stream, Company(recorded.data["code"], recorded.data["name"]))


def _import_started(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.put(
        recorded.stream,
        Import(
            data["kind"], data["source"], data["file_sha256"], data["rows"], recorded.unit,
            date.fromisoformat(recorded.on), recorded.actor,
        ),
    )  # fmt: skip


def _import_finished(rows: Rows, recorded: Recorded) -> None:
    data = recorded.data
    rows.change(
        Import, recorded.stream, registered=data["registered"], repeated=data["repeated"], refused=data["refused"]
    )


def _import_withdrawn(rows: Rows, recorded: Recorded) -> None:
    data, on = recorded.data, date.fromisoformat(recorded.on)
    rows.change(Import, recorded.stream, withdrawn_on=on, withdrawn=data["withdrawn"], kept=data["kept"])


REGISTERS = ReadModel(
    "registers",
    2,
    (
        Table("unit", Unit),
        Table("official", Official),
        Table("role", Role, ("official",)),
        Table("estate", Estate, ("unit", "company")),
        Table("company", Company),
        Table("import", Import),
    ),
    {
        "log.opened": _log_opened,
        "unit.registered": _unit_registered,
        "official.enrolled": _official_enrolled,
        "official.retired": _official_retired,
        "role.granted": _role_granted,
        "role.withdrawn": _role_withdrawn,
        "estate.registered": _estate_registered,
        "estate.company_changed": _estate_company_changed,
        "company.registered": _company_registered,
        "import.started": _import_started,
        "import.finished": _import_finished,
        "import.withdrawn": _import_withdrawn,
    },
)


def units(cursor: Any, scope: Scope, *, kind: str | None = None, at: int | None = None) -> list[Unit]:
    """Units in the scope in the order of their codes; kind is city | town | department | commission."""
    query = f"""SELECT code, name, kind, short_name FROM read.unit u
        WHERE {alive(at, "u")} AND {scope.sql("u.code")} AND (%(kind)s IS NULL OR kind = %(kind)s) ORDER BY code"""
    return fetch(cursor, query, {"kind": kind, **scope.bound}, Unit)


class OfficialItem(NamedTuple):
    """`roles`: (role, unit) pairs that the scope covers."""

    id: str
    person: str
    retired: bool
    roles: tuple[tuple[str, str], ...]


def officials(
    cursor: Any, scope: Scope, *, role: str | None = None, unit: str | None = None, at: int | None = None
) -> list[OfficialItem]:
    """Accounts that hold a role in the scope (of this kind, for this very unit if asked); without retired ones."""
    query = f"""SELECT o.key, o.person, o.retired, array_agg(r.role ORDER BY r.role, r.unit),
            array_agg(r.unit ORDER BY r.role, r.unit)
        FROM read.official o JOIN read.role r ON r.official = o.key AND {alive(at, "r")}
        WHERE {alive(at, "o")} AND NOT o.retired AND {scope.sql("r.unit")}
            AND (%(role)s IS NULL OR r.role = %(role)s) AND (%(unit)s IS NULL OR r.unit = %(unit)s)
        GROUP BY o.key, o.person, o.retired ORDER BY o.key"""

    def make(id: str, person: str, retired: bool, roles: list[str], units: list[str]) -> OfficialItem:
        return OfficialItem(id, person, retired, tuple(zip(roles, units, strict=True)))

    return fetch(cursor, query, {"role": role, "unit": unit, **scope.bound}, make)


class EstateItem(NamedTuple):
    id: str
    name: str
    unit: str
    unit_name: str | None
    kind: str
    community: str | None
    aliases: tuple[str, ...]
    households: int | None
    company: str | None
    company_name: str | None
    manager: str | None
    company_since_on: date | None
    open_problems: int


def _estates(scope: Scope, at: int | None, condition: str) -> str:
    return f"""SELECT e.key, e.name, e.unit, u.short_name, e.kind, e.community, e.aliases, e.households, e.company, c.name,
            e.manager, e.company_since_on, (SELECT count(*) FROM read.problem p WHERE p.estate = e.key AND {alive(at, "p")}
                AND {scope.sql("p.unit")} AND {OPEN})
        FROM read.estate e
        LEFT JOIN read.unit u ON u.key = e.unit AND {alive(at, "u")}
        LEFT JOIN read.company c ON c.key = e.company AND {alive(at, "c")}
        WHERE {alive(at, "e")} AND {scope.sql("e.unit")} AND {condition} ORDER BY e.unit, e.name, e.key"""


def _estate_item(*columns: Any) -> EstateItem:
    item = EstateItem(*columns)
    return item._replace(aliases=tuple((columns[6] or "").splitlines()))


def estates(
    cursor: Any,
    scope: Scope,
    *,
    unit: str | None = None,
    company: str | None = None,
    text: str | None = None,
    page: int = 1,
    size: int = 20,
    at: int | None = None,
) -> Page[EstateItem]:
    """小区 by unit and name; `text` is looked for in names and aliases."""
    condition = """(%(unit)s IS NULL OR e.unit ^@ %(unit)s) AND (%(company)s IS NULL OR e.company = %(company)s)
        AND (%(text)s IS NULL OR e.name LIKE %(text)s OR e.aliases LIKE %(text)s)"""
    bound = {"unit": unit, "company": company, "text": containing(text) if text else None, **scope.bound}
    return fetch_page(cursor, _estates(scope, at, condition), bound, _estate_item, page=page, size=size)


def estate(cursor: Any, scope: Scope, id: str, *, at: int | None = None) -> EstateItem | None:
    found = fetch(cursor, _estates(scope, at, "e.key = %(id)s"), {"id": str(id), **scope.bound}, _estate_item)
    return found[0] if found else None


def imports(cursor: Any, scope: Scope, *, at: int | None = None) -> list[tuple[str, Import]]:
    """(id, batch) of the units in the scope, the newest first."""
    query = f"""SELECT key, {", ".join(Import._fields)} FROM read.import i
        WHERE {alive(at, "i")} AND {scope.sql("i.unit")} ORDER BY started_on DESC, key"""
    return fetch(cursor, query, dict(scope.bound), lambda key, *columns: (key, Import(*columns)))


class Batch(NamedTuple):
    """Where an imported tip stood: in which row of which file."""

    id: str
    source: str
    file_sha256: str
    started_on: date
    row: int


def batch_of(cursor: Any, scope: Scope, tip: str, *, at: int | None = None) -> Batch | None:
    """The batch that brought this tip in, if one did: whoever may see the tip may know it."""
    query = f"""SELECT i.key, i.source, i.file_sha256, i.started_on, (h.data::json #>> '{{import,row}}')::int
        FROM read.tip t JOIN read.happening h ON h.stream = t.key AND h.version = 1
        JOIN read.import i ON i.key = h.data::json #>> '{{import,batch}}' AND {alive(at, "i")}
        WHERE t.key = %(tip)s AND {alive(at, "t")} AND {scope.sql("t.unit")}"""
    found = fetch(cursor, query, {"tip": tip, **scope.bound}, Batch)
    return found[0] if found else None

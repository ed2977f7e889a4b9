"""证据包的页面: the page and the cover of a pack, written from its entries alone, so that a verifier writes them again. Pure.

The bytes are compared with the pack's own page. Whoever changes what is written here raises FORMAT; packs of another one are
refused with a sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from html import escape as escaped
from typing import Any, NamedTuple

from application.verifier.formats.checkpoint import Checkpoint
from application.verifier.pack.dossier import Dossier, Item, is_official
from application.verifier.pack.terms import LABELS, ROLES, TOPICS
from application.verifier.rules.event_schema import SHANGHAI

FORMAT = 4  # of packs; 1 held a cover and lists that nobody could check, 2 said nothing of a training log
PRODUCTION = "production"
TRAINING = ("性质", "演练日志：其中的一切都不是正式记录")
SOME, ALL = "证据包", "全部日志"
PUBLIC, SYSTEM = {"public": "社会公众"}, "本系统"
PROVED = {
    SOME: "核验通过的，证明：所附各条都在此检查点所含的日志中，各由日志登记在其办理人名下的密钥签署；所附佐证材料就是条目所列的原件；各事项自第 1 版起没有缺版。",
    ALL: "核验通过的，证明：所列条目与检查点一字不差：没有改动、删去、插入或调换。",
}  # fmt: skip
NOT_PROVED = "不证明：所记内容属实，如实记下的假话仍是假话；没有漏记，见证之前服务器可以不记某事；本人亲为，工作人员登录期间服务器可以其名义办理。"
COLUMNS = ("第几条", "时间", "事件", "办理人", "条目哈希（SHA-256，叶哈希）")


class Row(NamedTuple):
    """One entry: `said` are its members, each with its label."""

    position: int
    at: str
    what: str
    who: str
    about: str
    leaf: str
    said: Sequence[tuple[str, str]]


class Cover(NamedTuple):
    """What stands on it: `facts` are pairs, `files` the names in the pack with their SHA-256."""

    title: str
    facts: Sequence[tuple[str, str]]
    rows: Sequence[Row] = ()
    files: Sequence[tuple[str, str]] = ()


def of_entries(checkpoint: Checkpoint, made: Dossier, files: Mapping[str, str]) -> Cover:
    """`files` by digest: the name of each piece of evidence that lies in the pack."""
    facts = [
        *_facts(checkpoint, made.mode),
        *((f"事项 {_called(made, id)}", f"第 1 版至第 {n} 版") for id, n in made.matters.items()),
    ]
    rows = [_row(made, item) for item in made.told]
    return Cover(SOME, facts, rows, [(name, digest) for digest, name in sorted(files.items())])


def of_log(checkpoint: Checkpoint, mode: str) -> Cover:
    """`mode` as the first entry says it."""
    return Cover(ALL, _facts(checkpoint, mode))


def _facts(checkpoint: Checkpoint, mode: str) -> list[tuple[str, str]]:
    """On paper nothing else tells a training log from a real one."""
    told = [("日志", checkpoint.origin), *[TRAINING] * (mode != PRODUCTION)]
    return [*told, ("检查点", f"共 {checkpoint.size} 条"), ("根哈希", checkpoint.root.hex())]


def _row(made: Dossier, item: Item) -> Row:
    payload = item.payload
    at = datetime.fromisoformat(payload["recorded_at"]).astimezone(SHANGHAI)
    extra = {name: payload[name] for name in ("occurred_on", "backfilled") if name in payload}
    said = [
        pair for name, value in (extra | payload["data"]).items() for pair in _said(made, LABELS.get(name, name), value)
    ]
    what, about = TOPICS.get(payload["type"], payload["type"]), _called(made, payload["stream"])
    return Row(item.index + 1, f"{at:%Y-%m-%d %H:%M:%S}", what, _who(made, payload), about, item.leaf, said)


def _who(made: Dossier, payload: Mapping[str, Any]) -> str:
    actor = payload["actor"]
    if not is_official(actor):
        return PUBLIC.get(actor, f"{SYSTEM}（{actor}）")
    unit = made.called(payload["unit"]) or payload["unit"]
    return f"{unit} {ROLES.get(payload['role'], payload['role'])} {made.called(actor) or actor}"


def _called(made: Dossier, stream: str) -> str:
    """By its number and title where its first event here tells them, else by its id."""
    first = next(item.payload for item in made.told if item.payload["stream"] == stream)
    told = [first["data"].get(name) for name in ("number", "title", "name")]
    known = [text for text in told if type(text) is str] or [made.called(stream) or ""]
    return " ".join(filter(None, [*known, f"〔{stream}〕"]))


def _said(made: Dossier, label: str, value: Any) -> Iterator[tuple[str, str]]:
    """One line for each text, number or list of such; what has a name is called by it too."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _said(made, f"{label}·{LABELS.get(name, name)}", member)
    elif isinstance(value, list) and any(isinstance(each, dict | list) for each in value):
        for number, each in enumerate(value, 1):
            yield from _said(made, f"{label}{number}", each)
    else:
        yield label, "、".join(_shown(made, each) for each in (value if isinstance(value, list) else [value]))


def _shown(made: Dossier, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    called = made.called(value) if isinstance(value, str) else None
    return f"{called}〔{value}〕" if called else str(value)


def html(cover: Cover) -> bytes:
    """A page without script or address, for the screen and for paper; every text is escaped."""
    return "\n".join([*_head(cover), *_body(cover), "</main>", "</body>", "</html>", ""]).encode()


def escape(text: str) -> str:
    """Also without what turns or hides the text around it."""
    return escaped(plain(text))


def plain(text: str) -> str:
    """What somebody else wrote, without what would move a terminal's cursor."""
    return "".join(one if one.isprintable() or one == "\n" else "\N{REPLACEMENT CHARACTER}" for one in text)


def _head(cover: Cover) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="zh-CN">'
    yield '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{escape(cover.title)} · {escape(cover.facts[0][1])}</title></head>"
    yield "<body>"
    yield "<main>"
    yield f"<h1>{escape(cover.title)}</h1>"


def _body(cover: Cover) -> Iterator[str]:
    yield "<dl>"
    yield from (f"<dt>{escape(label)}</dt><dd>{escape(text)}</dd>" for label, text in cover.facts)
    yield "</dl>"
    if cover.rows:
        yield "<h2>所附条目</h2>"
    for row in cover.rows:
        yield f"<h3>第 {row.position} 条　{escape(row.what)}</h3>"
        yield f"<p>{row.at}（北京时间）　{escape(row.who)}　{escape(row.about)}</p>"
        yield "<ul>"
        yield from (f"<li>{escape(label)}：{escape(text)}</li>" for label, text in row.said)
        yield "</ul>"
        yield f"<p>条目哈希：<code>{row.leaf}</code></p>"
    if cover.files:
        yield "<h2>所附佐证材料</h2>"
        yield "<ul>"
        yield from (
            f"<li><code>{escape(name)}</code>　SHA-256 <code>{digest}</code></li>" for name, digest in cover.files
        )
        yield "</ul>"
    yield "<h2>证明什么，不证明什么</h2>"
    yield from (f"<p>{escape(text)}</p>" for text in said(cover))


def text(cover: Cover) -> str:
    """The same for a terminal or a printer without a browser; what would move a cursor is shown as a sign."""
    lines = [cover.title, "", *(f"{label}：{value}" for label, value in cover.facts)]
    for row in cover.rows:
        lines += ["", f"第 {row.position} 条　{row.what}　{row.at}（北京时间）", f"  {row.who}　{row.about}"]
        lines += [f"  {label}：{value}" for label, value in row.said]
        lines.append(f"  条目哈希：{row.leaf}")
    lines += ["", *(f"佐证材料：{name}　SHA-256 {digest}" for name, digest in cover.files), "", *said(cover)]
    return "\n".join(map(plain, lines))


def said(cover: Cover) -> list[str]:
    """What the verdict proves, if there is one: paper proves nothing by itself."""
    return [
        PROVED[cover.title],
        NOT_PROVED,
        "本页由核验程序据包中的条目写成，其本身不是证据：以条目、证明和检查点为准，核验方法见 README.txt。",
    ]

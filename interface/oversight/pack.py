"""证据包: a zip that proves itself offline: entries, proofs, checkpoint, keys, evidence, a list of hashes, a page for people.

With the log's key from paper every entry in it can be verified for ever, with this program or with any that reads C2SP proofs.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from application.failures import CouldNot
from application.trail.checkpoint import Checkpoint
from domain.errors import NotFound
from interface.cli.verifier import archive
from interface.oversight.parts import Overseen
from interface.oversight.published import Published
from interface.web.format import moment
from interface.web.locales import N_

TEMPLATES = Path(__file__).with_name("templates") / "pack"
SUFFIXES = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp", "application/pdf": ".pdf"}
BESIDE = ("log.vkey", "keys.json")
VERIFIER, COVER = "xiaohao-verify.pyz", "cover.pdf"


class Pack:
    """A zip that remembers the hash of everything put into it."""

    def __init__(self, file: IO[bytes], origin: str) -> None:
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)
        self.origin, self.hashes = origin, dict[str, str]()

    def put(self, name: str, content: bytes) -> None:
        self.hashes[name] = sha256(content).hexdigest()
        self._zip.writestr(_info(name), content)

    def page(self, name: str, **members: Any) -> None:
        environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=name.endswith(".html"),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.put(name, environment.get_template(name).render(origin=self.origin, **members).encode())

    def finish(self, **members: Any) -> None:
        """The verifier, and the lists of hashes: one for programs, one for `sha256sum -c`."""
        self.put(VERIFIER, archive())
        manifest = {"log": self.origin, **members, "files": self.hashes}
        self._zip.writestr(_info("manifest.json"), json.dumps(manifest, ensure_ascii=False, indent=1).encode())
        lines = "".join(f"{digest}  {name}\n" for name, digest in self.hashes.items())
        self._zip.writestr(_info("SHA256SUMS"), lines.encode())
        self._zip.close()


def _info(name: str) -> ZipInfo:
    info = ZipInfo(name)  # the same content makes the same zip: its own time is that of the checkpoint
    info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
    return info


def of_matter(file: IO[bytes], overseen: Overseen, told: list[dict[str, Any]]) -> list[int]:
    """The pack of these events (interface/oversight/sentences.py); returns the positions that are proved in it.

    Raises NotFound while nothing of it is published.
    """
    published, pack = Published(overseen.home), Pack(file, overseen.origin)
    proved = []
    for one in told:
        if (entry := published.entry(one["position"])) is not None:
            pack.put(f"entries/{one['position']}.entry", entry)
            pack.put(f"proofs/{one['position']}.tlog-proof", published.proof(one["position"]))
            proved.append(one["position"])
    if not proved:
        raise NotFound(N_("此事项尚未发布，暂无可核验的内容；请在一分钟后再取"))
    _put_beside(pack, published)
    files = {member["sha256"]: _evidence(pack, overseen, member) for one in told for member in one["evidence"]}
    shown = {"events": told, "proved": proved, "files": files, "made_at": moment(datetime.now(UTC))}
    pack.page("index.html", **shown, size=published.size)
    about = "；".join(dict.fromkeys(one["about"] for one in told))
    entries = [
        (str(one["position"]), one["at"], one["what"], one["who"], one["leaf_hash"])
        for one in told
        if one["position"] in proved
    ]
    evidence = [(name or "（原件已不在保密库）", digest) for digest, name in files.items()]
    _put_cover(pack, published, "证据包", ("事项", about), entries=entries, files=evidence)
    pack.page("README.txt", first=proved[0])
    pack.finish(positions=proved, size=published.size)
    return proved


def _put_cover(pack: Pack, published: Published, title: str, what: tuple[str, str], **listed: Any) -> None:
    """The sheet to print; `listed` as in its Sheet."""
    from interface.oversight.cover import Sheet, pdf  # a service that starts need not wait for it

    note = published.note
    facts = [
        what,
        ("日志", pack.origin),
        ("检查点", f"共 {published.size} 条"),
        ("根哈希", Checkpoint.parse(note.text).root.hex()),
        ("签署", "、".join(line.name for line in note.lines)),
        ("制作时间", f"{moment(datetime.now(UTC))}（北京时间）"),
    ]
    pack.put(COVER, pdf(Sheet(title, facts, **listed), pack.origin))


def _put_beside(pack: Pack, published: Published) -> None:
    """The checkpoint that all of it is proved by, and the keys."""
    pack.put("checkpoint", published.note.to_bytes())
    trail = published.home.trail
    for name in (*BESIDE, f"checkpoints/{published.size}"):
        if (trail / name).is_file():
            pack.put(name, (trail / name).read_bytes())


def _evidence(pack: Pack, overseen: Overseen, member: dict[str, Any]) -> str | None:
    """The name of the file in the pack; None if the vault no longer has what the event names."""
    name = f"files/{member['sha256']}{SUFFIXES.get(member['media_type'], '')}"
    if name in pack.hashes:
        return name
    try:
        _media_type, content = overseen.vault.file(member["sha256"])
    except NotFound:
        return None
    pack.put(name, content)
    return name


def of_log(file: IO[bytes], overseen: Overseen) -> int:
    """The whole published folder, to be verified by `xiaohao verify`; returns its size."""
    published, pack = Published(overseen.home), Pack(file, overseen.origin)
    if published.note is None:
        raise CouldNot(f"couldn't bundle: nothing is published in {overseen.home.trail}")
    for path in sorted(overseen.home.trail.rglob("*")):
        if path.is_file() and not path.name.endswith(".tmp"):
            pack.put(f"trail/{path.relative_to(overseen.home.trail).as_posix()}", path.read_bytes())
    pack.page("log.html", size=published.size, made_at=moment(datetime.now(UTC)))
    _put_cover(pack, published, "全部日志", ("内容", "所发布的全部条目"))
    pack.page("README-log.txt", size=published.size)
    pack.finish(size=published.size)
    return published.size

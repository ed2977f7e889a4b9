"""`xiaohao verifier`: the verifier as one file to hand over; it needs Python and cryptography, uses PyNaCl where that is,
and needs nothing of ours. 核验工具"""

from __future__ import annotations

import ast
import io
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import click

import interface
from application.platform.failures import OperatorError
from application.platform.home import write_whole
from interface.cli.options import as_json
from interface.cli.strict import Once
from interface.cli.verdict import verdict

ROOT = Path(interface.__file__).parent.parent
FIRST = {"interface/cli/log/standalone.py", "interface/cli/commission/program.py"}
SHEBANG = b"#!/usr/bin/env python3\n"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever and wherever it is made
STARTER = b'''"""Verifies a published log, offline. Source: the other files in this archive, as they stand in the service."""
import sys

try:
    if sys.argv[1:2] in (["witness"], ["lead-key"], ["lead"], ["opening"]):
        from interface.cli.commission.program import main
    else:
        from interface.cli.log.standalone import main
except ImportError as error:
    sys.exit(f"xiaohao-verify needs Python 3.11 or newer and cryptography 48 or newer; all but verifying needs Linux: {error}")

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''


@click.command(cls=Once)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), default="xiaohao-verify.pyz")
@as_json
def verifier(output: Path) -> None:
    """Write the verifier as one file, and print the SHA-256 that goes on paper."""
    content = archive()
    try:
        write_whole(output, content)
        output.chmod(0o755)
    except OSError as error:
        raise OperatorError(f"couldn't write {output}: {error.strerror}") from None
    digest = sha256(content).hexdigest()
    verdict(True, f"{output} SHA-256 {digest}", file=str(output), sha256=digest, files=sorted(sources()))


def archive() -> bytes:
    """The same bytes from the same sources: names in order, one date, nothing compressed."""
    files = {name: (ROOT / name).read_bytes() for name in sources()} | {"__main__.py": STARTER}
    made = io.BytesIO()
    made.write(SHEBANG)
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as out:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, EPOCH)
            member.create_system, member.external_attr = 3, 0o100644 << 16
            out.writestr(member, files[name])
    return made.getvalue()


def sources() -> set[str]:
    """The files that are started, and whatever of ours they lead to."""
    found, left = set[str](), set(FIRST)
    while left:
        name = left.pop()
        found.add(name)
        left |= {each for each in _leads_to(name) if (ROOT / each).exists()} - found
    return found | {f"{parent}/__init__.py" for name in found for parent in _packages(name)}


def _leads_to(name: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / name).read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield f"{node.module.replace('.', '/')}.py"
        elif isinstance(node, ast.Import):
            yield from (f"{alias.name.replace('.', '/')}.py" for alias in node.names)


def _packages(name: str) -> list[str]:
    folders = [parent.as_posix() for parent in Path(name).parents]
    return [folder for folder in folders if (ROOT / folder / "__init__.py").exists() and folder != "."]

"""核验说明: the README of an evidence pack. A verifier writes it again and compares: it tells people what to believe. Pure."""

from __future__ import annotations

BOTH = """\
   没有安装 xiaohao 的电脑，装有 Python 和 cryptography 即可，用纸面交接过 SHA-256 的 xiaohao-verify.pyz（包中没有，也不要用随包另给的程序）：
       python xiaohao-verify.pyz PACK.zip --vkey KEY
   解开后在本文件夹中，把 PACK.zip 换成一个点：
       python xiaohao-verify.pyz . --vkey KEY
   手边没有公钥时可省去 --vkey KEY，结论会列出本包自带的公钥，须逐字与纸面核对；不同则结论不算数。
"""
ENTRIES = """\
证据包核验说明（日志：{origin}）

1. 一条命令核验全部（不需要联网，也不必解开压缩包；PACK.zip 换成本包的文件名，KEY 换成纸面交接的日志公钥）：
       xiaohao verify PACK.zip --vkey KEY
{both}2. 它核对：清单、每个文件的哈希、检查点的签名、每一条的存在证明与签名、密钥和姓名出自日志、佐证材料就是条目所列的原件、各事项从第 1 版起没有缺版；index.html、keys.json 和本说明由它据条目重写一遍并逐字节比对。包中只有这些文件，多一个少一个都不通过。
3. 打印封面：
       xiaohao verify PACK.zip --vkey KEY --print -o cover.html
4. 单独核验一条（C2SP tlog-proof，别的程序也能读）：
       xiaohao verify --proof proofs/{first}.tlog-proof --entry entries/{first}.entry --vkey KEY
5. 条目是 DSSE 信封（JSON），payload 一项用 base64 解码即为事件原文；keys.json 列出包中条目所登记的公钥和起始位置（从 0 数起），此后有无更换、吊销须核验整本日志。

To verify everything offline: xiaohao verify PACK.zip --vkey KEY, with the log's key from paper. Without xiaohao:
python xiaohao-verify.pyz PACK.zip --vkey KEY, with the file whose SHA-256 is on paper; in the unpacked folder, a dot for PACK.zip.
"""
LOG = """\
全部日志核验说明（日志：{origin}，共 {size} 条）

1. 一条命令核验全部（不需要联网，也不必解开压缩包；PACK.zip 换成本包的文件名，KEY 换成纸面交接的日志公钥）：
       xiaohao verify PACK.zip --vkey KEY
{both}2. 有以前保存的检查点时加 --old FILE，有纸面的创世哈希时加 --genesis HEX，有见证策略时以 --policy FILE 代替 --vkey KEY，结论更强。

To verify offline: xiaohao verify PACK.zip --vkey KEY, with the log's key from paper; --old, --genesis and --policy make it stronger.
"""


def of_entries(origin: str, first: int) -> bytes:
    """`first` is the position of the first entry that the pack is about."""
    return ENTRIES.format(origin=origin, first=first, both=BOTH).encode()


def of_log(origin: str, size: int) -> bytes:
    return LOG.format(origin=origin, size=size, both=BOTH).encode()

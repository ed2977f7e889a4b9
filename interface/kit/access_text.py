"""What was read and why, in words, at both doors: the record of readings holds codes. 查阅表述"""

from __future__ import annotations

from flask_babel import gettext

from interface.i18n.locales import N_
from interface.kit.labels import word

# By the last part of the listing's code.
LISTS = {
    "ledger": N_("问题台账"),
    "tips": N_("问题线索"),
    "companies": N_("物业企业"),
    "estates": N_("住宅小区"),
    "deductions": N_("信用扣分"),
    "weekly": N_("统计分析"),
    "monthly": N_("统计分析"),
    "figure_rows": N_("统计分析"),
    "file": N_("人员与权限"),
    "keys_file": N_("签名密钥"),
}
WHOLE = {
    "lead": N_("下载检举线索的密封信"),
    "pack": N_("下载证据包"),
    "entry": N_("下载日志条目"),
    "access": N_("查阅记录"),
}
REASONS = {
    "screen": N_("研判"),
    "verify": N_("核查"),
    "answer": N_("答复"),
    "review": N_("复核"),
    "all": N_("全部"),
    "search": N_("搜索线索原文"),
    "import": N_("导入线索"),
    "letter": N_("阅办检举线索"),
    "oversight": N_("监督"),
}


def read(what: str) -> str:
    kind, _, rest = what.partition("/")
    match kind:
        case "tip":
            fields = rest.partition("/")[2].split("+")
            return "、".join(word(name, "disclosed") for name in fields)
        case "tips" if rest.startswith("compare/"):
            return gettext("导入时核对了 %(n)s 条线索的原文", n=rest.rpartition("/")[2])
        case "tips":
            return gettext("搜索了 %(n)s 条线索的原文", n=rest.rpartition("/")[2])
        case "export":
            listing, _, file = rest.rpartition("/")
            name = listing.rpartition(".")[2]
            return gettext("导出 %(list)s", list=f"{gettext(LISTS.get(name, name))} {file}")
    return gettext(WHOLE[kind]) if kind in WHOLE else what


def reason(why: str) -> str:
    if why.startswith("disclosure/"):
        return gettext("经批准打开身份")
    return gettext(REASONS[why]) if why in REASONS else why

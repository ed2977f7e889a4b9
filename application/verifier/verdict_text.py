"""What a verdict says to people beside its faults, in 中文 and English: what was proved and what was not. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from application.verifier.messages_en import english
from application.verifier.rules.time_bounds import clock_face

LANGUAGES = ("zh", "en")

NO_WITNESS = "未核对见证人签名"
NOT_YET_WITNESSED = "最新的检查点见证还不足"
NO_SIGNATURES = "未核验各条目的签名与权限"
NO_KEYS = "未将目录中的 keys.json、log.vkey 与日志比对"
NO_GENESIS = "事件密钥取自被检日志自身（未给创世哈希）"
NO_OLD = "未与此前的检查点比对"
NO_PROMISER = "未核验承诺本身的签名：签发它的服务密钥写在整本日志里"
EXTRA = "证明文件带有附加内容（extra），它不受任何签名保护，未采用"
NO_RIGHTS = "未核验签署人的权限"
SIMULATED = "训练日志使用模拟时钟，未将记录时间与见证时间比对"
ONE_SIDED = "没有见证人是在发布时当即见证的，记录时间只核对了上限"
UNBOUNDED = "没有可用的见证时间，记录时间未与见证时间比对"
NO_DIRECTORY = "目录中没有 keys.json，未比对"
NO_VKEY = "目录中没有 log.vkey，或者其中没有公钥；日志的公钥只能从纸面取得"
OTHER_KEYS = "目录中有由其他密钥签署的早期检查点，未采用"
NO_ENDS = "未核对签名密钥此前有无更换或吊销：须核验整本日志"
NO_LATER = "未核对各事项此后有无新的版本、有无其他相关事项：须核验整本日志"
BEHIND = "checkpoint 文件落后于目录中更新的检查点，按后者核验"

NOTES = {
    NO_WITNESS: "cosignatures of witnesses were not checked",
    NOT_YET_WITNESSED: "not enough witnesses have signed the newest checkpoint yet",
    NO_SIGNATURES: "signatures and rights of the single entries were not checked",
    NO_KEYS: "keys.json and log.vkey in the folder were not compared with the log",
    NO_GENESIS: "the officials' keys come from the log itself: no hash of the first entry was given",
    NO_OLD: "the log was not compared with a checkpoint seen before",
    NO_PROMISER: "the promise's own signature was not verified: the service's key that made it stands in the whole log",
    EXTRA: "the proof brings extra data, which nothing proves; it was not used",
    NO_RIGHTS: "the signer's right to this act was not checked",
    SIMULATED: "this is a training log with a simulated clock: its times were not compared with those of witnesses",
    ONE_SIDED: "no witness signed when the log had just been published: recorded times were bounded from above only",
    UNBOUNDED: "no witness's time could be used: recorded times were not compared with those of witnesses",
    NO_VKEY: "there is no log.vkey in the folder, or no key in it: the log's key comes from paper only",
    NO_DIRECTORY: "there is no keys.json in the folder to compare with",
    NO_ENDS: "whether a signing key had been replaced or revoked before was not checked: verify the whole log",
    NO_LATER: "whether these matters have later versions, or others belong to them, was not checked: verify the whole log",
    BEHIND: "the file checkpoint is behind a newer one in the folder, which was verified instead",
    OTHER_KEYS: "the folder holds earlier checkpoints signed with other keys; they were passed over",
}

STRENGTHS = {"强": "strong", "中": "medium", "弱": "weak"}

KEPT = (
    "所列条目与检查点一字不差：没有改动、删去、插入或调换",
    "every entry is exactly what the checkpoint commits to: nothing altered, removed, inserted or swapped",
)
RIGHTFUL = (
    "每一条都由当时有权、无须回避的人（或系统）签署，次序与版本连续；每件事项都按规则逐步办理，同一人未兼任须分开的环节",
    "each was signed by somebody who had the right to it at that point, in unbroken order; every matter took the steps that "
    "the rules prescribe, and nobody took two parts that must be different persons'",
)
GROWN = (
    "您此前见到的日志完整保留在其中，此后只增不改",
    "the log that you saw before is contained in it unchanged; since then it only grew",
)
WITNESSED = (
    "见证人看到的是同一份日志，服务器无法再对别人出示另一份",
    "the witnesses saw this same log; the server can no longer show another one to somebody else",
)
ONE_PROVED = ("该条目在此检查点所含的日志中", "this entry stands in the log of this checkpoint")
BOUND = (
    "所给的承诺说的就是这一条：内容指纹与收件日期一致",
    "the promises given are about this very entry: its commitments and its day of receipt",
)
PACKED = (
    "所附各条都在此检查点所含的日志中，各由日志登记在其办理人名下的密钥签署；所附佐证材料就是条目所列的原件，所附姓名、网页和说明都出自条目",
    "every entry in the pack stands in the log of this checkpoint, signed with a key that the log enrolled for whoever acted; "
    "the files of evidence are those that the entries list, and names, page and leaflet come from the entries",
)
VERSIONS = (
    "所附各事项自第 1 版起没有缺版",
    "of each matter in the pack no version is missing, from the first one on",
)
NOT_PROVED = (
    ("所记内容属实：如实记下的假话仍是假话", "that what was recorded is true: a lie logged truthfully stays a lie"),
    (
        "没有漏记：见证之前，服务器可以不记某事",
        "that nothing is missing: until an act is witnessed the server can drop it",
    ),
    (
        "附件是否重复使用、文字是否照抄举报内容：只由服务器在记录时检查，不能离线判断",
        "whether evidence was used before, and whether words were copied from a tip: the server alone checks that when it records",
    ),
    (
        "本人亲为：工作人员登录期间，服务器可以其名义办理，也可以登记人员、在屏幕上显示与日志不同的内容",
        "that the person did it: while an official is signed in the server can act in that name; "
        "it can also enrol officials and show screens that differ from the log",
    ),
)


MODES = {
    "production": ("正式日志", "a production log"),
    "training": (
        "演练日志：其中的一切都不是正式记录，时间也可以是模拟的",
        "A TRAINING LOG: nothing in it is an official record, and its times may be simulated",
    ),
    "": (
        "未见首条，不知是正式日志还是演练日志",
        "its first entry was not at hand: whether it is a training log is not known",
    ),
}


def log(origin: str, mode: tuple[str, str]) -> tuple[str, str]:
    return f"日志：{origin}（{mode[0]}）", f"Log: {origin} ({mode[1]})"


def checkpoint(size: int, signed_at: int | None) -> tuple[str, str]:
    if signed_at is None:
        return (
            f"检查点：{size} 条，日志的签名不带时间",
            f"Checkpoint: {size} entries, the log's signature bears no time",
        )
    at = clock_face(signed_at)
    return f"检查点：{size} 条，日志签署于 {at}", f"Checkpoint: {size} entries, signed by the log at {at}"


def witness(name: str, time: int) -> tuple[str, str]:
    return f"见证：{name}，{clock_face(time)}", f"Witness: {name}, at {clock_face(time)}"


def continues(origin: str, size: int) -> tuple[str, str]:
    if not origin:
        return (
            "接续：首条写明接续另一本日志，但所写的检查点不能读取",
            "Continues: the first entry names another log, by a checkpoint that can't be read",
        )
    return (
        f"接续：{origin}（至第 {size} 条冻结），那本日志须另行核验",
        f"Continues: {origin} (frozen at {size} entries); that log is to be verified by itself",
    )


def earlier(size: int) -> tuple[str, str]:
    return f"此前检查点：{size} 条", f"Earlier checkpoint: {size} entries"


ASKED = {
    "log": ("所答的问题：整本日志", "The question answered: the whole log"),
    "pack": (
        "所答的问题：证据包中所附的各条（不是整本日志）",
        "The question answered: the entries in this pack, not the whole log",
    ),
    "entry": ("所答的问题：这一条（不是整本日志）", "The question answered: this one entry, not the whole log"),
}


def asked(question: str, language: str) -> str:
    return ASKED[question][LANGUAGES.index(language)]


def promises(kept: int, still: int) -> tuple[str, str]:
    return (
        f"所给的 {kept + still} 份收件承诺：{kept} 份已兑现，各恰有一条登记；{still} 份还没有到期",
        f"of the {kept + still} promises given to reporters {kept} were kept, each by exactly one entry; {still} are not due yet",
    )


def note(text: str, language: str) -> str:
    return text if language == "zh" else NOTES.get(text) or english(text)


def each(pairs: Iterable[tuple[str, str]], language: str) -> list[str]:
    return [pair[LANGUAGES.index(language)] for pair in pairs]

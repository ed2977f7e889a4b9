"""The English of what a verifier finds and of what the log's own rules refuse: each 中文 sentence with its places. Pure.

A sentence is recognised by its fixed words; what stands in its places may be such a sentence itself.
"""

from __future__ import annotations

import re
from functools import cache

SENTENCES = {
    # the folder and its checkpoints
    "没有 checkpoint 文件": "there is no file called checkpoint in the folder",
    "检查点不是由所给密钥签署": "the checkpoint was not signed with any of the keys that you gave",
    "检查点已损坏或被改动（{}）": "the checkpoint was damaged or altered ({})",
    "检查点签署于 {}，距本机时钟 {} 已超过所给时限：请核对本机时钟，或取一份新的": "the log signed its checkpoint at {}, longer ago than you allow by this computer's clock {}: check that clock, or take a new copy",
    "日志的签名不带时间，无从知道新旧：请同时给出日志的 ML-DSA-44 公钥": "the log's signature bears no time, so its age is not known: give the log's ML-DSA-44 key too",
    "签署时间 {} 晚于本机时钟 {}，不能采用：请先核对本机时钟再核验；本机无误的，是签署一方的时钟快了": "a signature says {}, which is later than this computer's clock {} and can't count: check that clock, then verify again; if it is right, the signer's clock ran ahead",
    "见证人 {} 对第 {} 条处检查点的签署时间 {} 早于日志自己的签署时间 {}，两边必有一台时钟不准：此时间未采用，不说明任何人有错": "the witness {} says that it signed the checkpoint of {} entries at {}, before the log itself signed it at {}: one of the two clocks was wrong; that time was not used, and accuses nobody",
    "有签署时间（{}）晚于本机时钟（{}），一律不计；请先核对本机时钟": "a signature says a time ({}) that is later than this computer's clock ({}); none such counts; check that clock first",
    "所给的日志公钥签署时不带时间，见证时间无从核对，未用于核对记录时间；请同时给出日志的 ML-DSA-44 公钥": "the log's key that you gave signs no time, so nothing could be held against the witnesses' times and they bounded nothing; give the log's ML-DSA-44 key too",
    "日志公钥取自所核验的文件夹自身（{}），请逐字与纸面核对": "the log's key comes from the very folder that is verified ({}): compare it with paper, digit by digit",
    "所给的日志公钥中有 {} 个不是这本日志的，未采用：{}": "{} of the log's keys that you gave are not this log's and were not used: {}",
    "策略中有本程序不认识的密钥种类，不作数：{}": "the policy names keys of a kind that this program does not know; they don't count: {}",
    "所给的此前检查点（{} 条）既不比这一份短，也不早于它一天，不增加核验强度": "the earlier checkpoint that you gave ({} entries) is neither shorter than this one nor signed a day before it: it makes the verdict no stronger",
    "第 {} 条改了权限规则：此后各条按新规则核验": "entry {} changed the rules: whatever follows is judged by the new ones",
    "第 {} 条由本人给自己授予：{}": "by entry {} somebody gave this to themselves: {}",
    "角色 {}": "the role {}",
    "密钥": "a key",
    "此类条目另有 {} 条": "there are {} more entries of this kind",
    "第 {} 条处的检查点见证不足": "not enough witnesses stand behind the checkpoint of {} entries",
    "第 {} 条处的检查点见证已过期，本机时钟 {}：请核对本机时钟，或取一份新的重新见证": "the witnesses signed the checkpoint of {} entries longer ago than you allow by this computer's clock {}: check that clock, or take a new copy and have it cosigned",
    "{}；目录中见证充分的最新检查点为 {} 条": "{}; the newest one that enough of them signed has {}",
    "checkpoints/{} 是另一条数的检查点": "checkpoints/{} is the checkpoint of another number of entries",
    "checkpoints/{}：{}": "checkpoints/{}: {}",
    "所给的此前检查点不可用：{}": "the earlier checkpoint that you gave can't be used: {}",
    "所给的此前检查点不可用：不是由所给密钥签署": "the earlier checkpoint that you gave can't be used: none of the keys that you gave signed it",
    "此前已见到 {} 条，现只有 {} 条": "{} entries were seen before, now there are only {}: the log was cut",
    "同为 {} 条，根哈希却与此前见到的不同": "there are two versions of the log with {} entries: the root is not the one seen before",
    "与此前看到的第 {} 条检查点不一致": "the first {} entries are not those that were seen before: history was rewritten",
    "未发现篡改，但核验强度为{}，不足所要求的强": "nothing altered was found, but the verdict is {} and you asked for strong",
    "缺少条目文件 {}": "the file of entries {} is missing",
    "条目文件 {} 的条数或长度不对": "the file of entries {} holds too few, too many or other bytes",
    "内容与哈希不符，已被改动": "it was altered: it does not fit its hash",
    "缺少哈希文件 {}": "the file of hashes {} is missing",
    "哈希文件 {} 的长度不对": "the file of hashes {} has a wrong length",
    "哈希文件 {} 与条目不符": "the file of hashes {} does not fit the entries",
    "各条目算出的根哈希与检查点不符": "the entries do not lead to the root in the checkpoint",
    "证明文件已损坏，或与条目、检查点不符（{}）": "the proof is damaged, or does not fit the entry or the checkpoint ({})",
    "证明所附的检查点见证不足": "not enough witnesses stand behind the checkpoint of the proof",
    "证明所附的检查点见证不足，或见证已过期": "not enough witnesses stand behind the checkpoint of the proof, or they signed too long ago",
    "该条目不是线索登记，承诺与它无关": "this entry registers no tip, so no promise is about it",
    "{} 是另一本日志的承诺：{}": "{} is a promise of another log: {}",
    "{} 承诺的不是这一条：内容指纹或收件日期不同": "{} is not about this entry: its commitments or its day of receipt are others",
    "这是证据包的文件夹，不是日志目录；如是全部日志，日志在其中的 trail 文件夹": "this is the folder of an evidence pack, not of a log; if it holds a whole log, that lies in its folder trail",
    "keys.json 中有 {} 个密钥的起止在检查点以后，未核对": "of {} keys in keys.json the beginning or end lies behind the checkpoint and was not checked",
    "检查点上以日志名义的签名有 {} 行不是日志的密钥所签": "{} lines under the checkpoint bear the log's name but are not signed with its keys",
    "检查点上有策略以外的签名行，未核对：{}": "lines under the checkpoint are of nobody whom the policy names and were not checked: {}",
    "条目文件 {} 与同一处的另一份不符": "the file of entries {} says something else than another copy of the same entries",
    "目录中有链接或特殊文件：{}": "what lies in the folder is no plain file: {}",
    "目录中有只差大小写的文件名：{}": "two names in the folder differ in capital letters only: {}",
    "既有证据包的清单（{}），又有日志目录的文件；只能是其中一种，请重新拷贝或另取一份": "there is the list of an evidence pack ({}) and files of a log's folder: it can be one of them only; copy it again, or take another one",
    "目录中有不属于日志的文件 {} 个，未核对：{}": "{} files in the folder are no part of a log and were not checked: {}",
    "目录中有 {} 个文件含有检查点以外的内容，未核对：{}": "{} files in the folder hold more than the checkpoint covers, which was not checked: {}",
    "log.vkey 中有日志没有写明的公钥：{}": "log.vkey holds a key that the log does not name: {}",
    # an evidence pack
    "压缩包已损坏：{}": "the zip is damaged: {}",
    "压缩包展开后有 {} 字节，过大": "the zip would unpack to {} bytes, which is too much",
    "压缩包中有加密的或以其他方式压缩的文件：{}": "a file in the zip is encrypted or compressed in another way: {}",
    "包中有链接或特殊文件：{}": "what lies in the pack is no plain file: {}",
    "包中有过大的文件：{}": "a file in the pack is too large: {}",
    "包中有过大的文件，或其长度与所写不符：{}": "a file in the pack is too large, or its size is not what the zip says: {}",
    "压缩包已损坏或不完整": "the zip is damaged or cut off",
    "压缩包前后或各部分之间有多余的内容": "there is something in front of the zip, behind it or between its parts",
    "压缩包的文件列表中有注释、附加字段或空隙": "the list in the zip has comments, extra fields or gaps",
    "压缩包中文件头与列表不一致：{}": "what stands in front of a file in the zip is not what its list says: {}",
    "{}；如压缩包是另行打包的，请解开后核验文件夹": "{}; if somebody packed it again, unpack it and verify the folder",
    "包中有不规范的文件名：{}": "a file in the pack has a name that no pack has: {}",
    "包中有重复的文件名：{}": "two files in the pack have the same name: {}",
    "包中缺少 {}": "the pack lacks {}",
    "包中有清单以外的文件：{}": "a file in the pack is on no list: {}",
    "{} 与清单所列的哈希不符，已被替换或改动": "{} was swapped or altered: it does not fit its hash on the list",
    "{} 与 {} 不符": "{} says something else than {}",
    "{} 不是规范的公钥：{}": "{} holds what is no key of a log: {}",
    "{} 不是规范的清单：{}": "{} is no well-formed list: {}",
    "{} 所写的日志或条数与检查点不符": "{} names another log or another number of entries than the checkpoint",
    "包中有证据包不应有的文件：{}，没有什么能证明它，不要采信": "there is a file in the pack that no pack has, {}: nothing proves it, so don't believe it",
    "这是旧版程序制作的证据包，其中的封面和密钥清单无从核对；请从系统重新下载一份": "an older program made this pack, with a cover and a list of keys that nobody can check; download it again",
    "这是其他版本的程序制作的证据包；请用同一版本的核验程序，或从系统重新下载一份": "another version of the program made this pack; verify it with that version, or download it again",
    "随附的条目只能是说明密钥、人员和名称的，这条是 {}": "what supports the entries of a pack is about keys, people and names only, this one is {}",
    "包中没有登记此密钥的条目：{}": "no entry in the pack enrolls this key: {}",
    "事项 {} 缺第 {} 版：包中不得漏掉一条": "of the matter {} version {} is missing: a pack leaves nothing out",
    "names.json 中的姓名与日志中的承诺值不符：{}": "a name in names.json is not what the log committed to: {}",
    "keys.json 与包中登记密钥的条目不符": "keys.json says something else than the entries that enrolled the keys",
    "{} 与条目不符：它不是据条目写成的": "{} does not fit the entries: it was not written from them",
    "{} 不是规范的 JSON：{}": "{} is not well-formed JSON: {}",
    "proofs/{} 中有证明以外的内容": "proofs/{} holds more than a proof",
    "{} 不属于包中的检查点": "{} does not belong to the checkpoint of the pack",
    "proofs/{} 是第 {} 条的证明": "proofs/{} is the proof of entry {}",
    "{} 不是任何一条所列的佐证材料": "{} is no evidence that an entry of the pack lists",
    "条目所列的佐证材料有 {} 份不在包中": "{} files of evidence that the entries list are not in the pack",
    "日志公钥取自证据包自身（未给 --vkey），请逐字与纸面核对：{}": "the log's key comes from the pack itself, since you gave no --vkey; compare it with the one on paper: {}",
    # what was promised to reporters
    "{} 不是本日志的服务签发的承诺": "{} is no promise of this log's service",
    "{} 的承诺在日志中有 {} 条，应恰有一条": "the promise {} stands in the log {} times, not once",
    "{} 的承诺没有兑现：{} 收件，日志中没有": "the promise {} was broken: received on {}, and the log does not have it",
    # the beginning, and the log's own keys
    "日志为空，没有首条": "the log is empty: it has no first entry",
    "首条与所给创世哈希不符": "it is not the first entry whose hash you hold",
    "首条没有写明所给的日志公钥 {}，此后也没有更换为它": "it does not name the log's key {} that you gave, and no later entry says that it took over",
    "日志密钥的更换没有旧密钥的有效签名": "a key of the log was replaced without a valid signature of the old one",
    "更换的不是本日志的密钥": "the key that was replaced is not this log's",
    "keys.json 不是规范的 JSON：{}": "keys.json is not well-formed JSON: {}",
    "keys.json 与日志不符：{}": "keys.json says of a key what the log does not: {}",
    "日志须以 log.opened、rules.adopted 开头": "a log begins with log.opened and rules.adopted",
    "首条的日志名称或模式不符": "the first entry names another log or no known mode",
    "首条须由首任管理员签名": "the first entry must be signed by the first administrator",
    # the form of an entry
    "须恰有一个签名，实有 {} 个": "an entry has exactly one signature, this one {}",
    "不是规范的信封：{}": "not a well-formed envelope: {}",
    "内容不是规范的 JSON：{}": "its content is not well-formed JSON: {}",
    "缺少成员或类型不符：{}": "a member is missing or not of its kind: {}",
    "类型不符：{}": "a member is not of its kind: {}",
    "不认识的成员：{}": "unknown member: {}",
    "不认识的版本：{}": "unknown version: {}",
    "不是规范的 UUID：{}": "not a well-formed UUID: {}",
    "不是规范的时间：{}": "not a well-formed time: {}",
    "不是规范的日期：{}": "not a well-formed day: {}",
    "规则不规范：{}": "malformed rule: {}",
    "规则不规范：{} 的 {}": "malformed rule: {}, its member {}",
    "规则语言为第 {} 级，本程序只认识第 {} 级，自此条起不能判断；请用新版核验程序": "the rules are written in a language of level {}, this program knows level {}: from this entry on it can't judge; use a newer verifier",
    "日志的格式为第 {} 版，本程序只认识第 {} 版": "the log is of format {}, this program knows format {}",
    "密钥编号与公钥不符": "the key's id does not belong to its public key",
    "公钥不可用：不是 Ed25519 公钥，或阶数过小，任何人都能冒签": "the public key can't be used: it is no Ed25519 key, or its order is so small that anybody could sign under it",
    # order and time
    "日志已于第 {} 条冻结，其后不得再有记录": "the log was frozen with entry {}: nothing may follow",
    "属于另一日志：{}": "it belongs to another log: {}",
    "顺序号应为 {}，实为 {}": "its number should be {}, it is {}",
    "此事项的版本应为 {}，实为 {}": "the next version of its matter is {}, this one says {}",
    "同一次办理的各条须前后相连：{}": "the entries of one command must stand next to one another: {}",
    "事件编号重复：{}": "an event of this id stands in the log already: {}",
    "记录时间早于前一条：{}": "it says that it was recorded before the entry in front of it: {}",
    "记录时间 {} 晚于首次见证的时间": "it says that it was recorded at {}, but witnesses had seen it before",
    "记录时间 {} 早于见证人看到较短日志的时间": "it says that it was recorded at {}, but witnesses later saw the log without it",
    # signature and rights
    "签名与内容不符": "the signature does not fit the content",
    "密钥未登记：{}": "the key was not enrolled: {}",
    "密钥已停用：{}": "the key is no longer in force: {}",
    "密钥已登记过：{}": "the key was enrolled before: {}",
    "不是 {} 的密钥：{}": "not a key of {}: {}",
    "不是现行密钥：{}": "not the key in force: {}",
    "须先停用现行密钥：{}": "the key in force must be revoked first: {}",
    "没有可更换的密钥": "there is no key to replace",
    "日志现行的权限规则未列此类事件（{}），不能记录；请联系系统管理员采用新版规则": "the rules in force don't list this kind of event ({}), so it can't be recorded; ask the administrator to adopt newer rules",
    "角色 {} 不得办理 {}": "the role {} may not do {}",
    "角色 {} 只能为本人的账号办理 {}": "the role {} does {} for one's own account only",
    "未授予该角色：{}": "the role was not granted: {}",
    "该角色的期限已于 {} 届满：{}": "the role ended on {}: {}",
    "不属于本单位：{}": "the matter is not of this unit: {}",
    "同一人在本轮已是{}，不得再办理 {}": "the same person has already been {} in this round and may not also do {}",
    "所定{}在本轮已是{}，两者不得为同一人": "whoever is named {} has already been {} in this round; they must be two persons",
    "该单位已回避此事项：{}": "this unit is recused from the matter: {}",
    "{} 只能是一个事项的首条": "{} can only begin a matter",
    "{} 之前没有此事项的开始": "there is no such matter before this {}",
    "此事项现为“{}”，{} 须在“{}”时办理": "the matter is “{}” now; {} may be done only when it is “{}”",
    "同一人不得兼任：{}": "one person may not hold both roles: {}",
    "不是已登记的工作人员": "not an enrolled official",
    "已登记的工作人员不得改为另一人": "an enrolled official can't become another person",
    # a whole verdict
    "核验不通过：{} [{}]": "NOT VERIFIED: {} [{}]",
    "核验不通过：第 {} 条：{} [{}]": "NOT VERIFIED: entry {}: {} [{}]",
    "强": "strong",
    "中": "medium",
    "弱": "weak",
}  # fmt: skip


NESTED = 3  # sentences within sentences; whatever an attacker wrote into an entry nests no deeper


def english(sentence: str, left: int = NESTED) -> str:
    """The sentence in English; as it is where it is none of ours."""
    for pattern, template in _patterns() if left else ():
        if found := pattern.fullmatch(sentence):
            return template.format(*(english(words, left - 1) for words in found.groups()))
    return sentence


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """Those with the most fixed words first: they are not to be taken for places of shorter ones."""
    ordered = sorted(SENTENCES, key=lambda sentence: -len(sentence.replace("{}", "")))
    return [
        (re.compile("(.*?)".join(map(re.escape, sentence.split("{}"))), re.DOTALL), SENTENCES[sentence])
        for sentence in ordered
    ]

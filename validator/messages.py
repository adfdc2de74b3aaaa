"""Every sentence the program says about an input, in Chinese and English, one entry per problem code.

A sentence is lower case, has no final stop, fits one line and says what was found, then what was expected. What the
user wrote stands in backticks in English and in “ ” in Chinese. Both languages use the same placeholders. Advice may
have several lines, of which the first whose placeholders all have a value is shown: an empty `nearest` drops its
"did you mean".
"""

import errno
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from types import MappingProxyType

LANGUAGES = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Message:
    """The sentence of one problem code.

    Attributes:
        zh: sentence in Chinese.
        en: sentence in English.
        help_zh: advice in Chinese, "" for none; alternatives in lines, see above.
        help_en: advice in English.
        types: placeholders whose value is a key of `TYPE_WORDS`, or several joined by " | ", shown in the language.
    """

    zh: str
    en: str
    help_zh: str = ""
    help_en: str = ""
    types: tuple[str, ...] = ()

    def text(self, lang: str) -> str:
        """Return the sentence in `lang`, "zh" or "en"."""
        return self.zh if lang == "zh" else self.en

    def help(self, lang: str) -> list[str]:
        """Return the alternatives of the advice in `lang`, best first."""
        return (self.help_zh if lang == "zh" else self.help_en).splitlines()

    @staticmethod
    def placeholders(template: str) -> frozenset[str]:
        """Return the names of the placeholders in a sentence."""
        return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


LABELS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "zh": {"help": "提示", "at": "位置", "warning": "警告"},
        "en": {"help": "help", "at": "at", "warning": "warning"},
    }
)
"""Words around a message."""

TYPE_WORDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "object": ("键值对", "a mapping"),
        "dict": ("键值对", "a mapping"),
        "array": ("列表", "a list"),
        "list": ("列表", "a list"),
        "string": ("文本", "text"),
        "str": ("文本", "text"),
        "text": ("文本", "text"),
        "enum": ("代码", "a code"),
        "integer": ("整数", "a whole number"),
        "int": ("整数", "a whole number"),
        "number": ("数字", "a number"),
        "boolean": ("是否值（true 或 false）", "true or false"),
        "bool": ("是否值（true 或 false）", "true or false"),
        "null": ("空值", "nothing"),
        "time": ("时间", "a time"),
        "entity": ("对象", "an entity"),
        "occurrence": ("事件", "an event"),
        "record": ("记录", "a record"),
    }
)
"""Kinds of values as policy staff call them: (Chinese, English)."""
UNPACKING_REASONS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "unexpected end": ("没有结束就断了", "they end too early"),
        "header|method|descriptor": ("开头不是这种压缩数据", "such data do not begin like this"),
        "check": ("校验不符", "the checksum does not match"),
        "": ("内容有误", "they are not what was packed"),
    }
)
"""What a word in the error of a library that unpacks data (zlib, zstandard) means; the last one has no such word."""
SYSTEM_REASONS: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        errno.EACCES: ("没有权限", "it is not permitted"),
        errno.EAGAIN: ("系统资源不足", "the system has no room for it"),
        errno.EBADF: ("已经关闭", "it is closed"),
        errno.EDQUOT: ("超出磁盘配额", "the disk quota is used up"),
        errno.EFBIG: ("文件太大", "the file would be too large"),
        errno.EIO: ("读写设备出错", "the device failed"),
        errno.EISDIR: ("这是文件夹", "it is a folder"),
        errno.ELOOP: ("链接绕成了圈", "the links go in a circle"),
        errno.EMFILE: ("打开的文件太多", "too many files are open"),
        errno.ENAMETOOLONG: ("名称太长", "the name is too long"),
        errno.ENODEV: ("没有这个设备", "there is no such device"),
        errno.ENOENT: ("没有可以写入的文件夹", "there is no folder to write in"),
        errno.ENOMEM: ("内存不足", "there is not enough memory"),
        errno.ENOSPC: ("磁盘空间不足", "no space is left on the disk"),
        errno.ENOTDIR: ("路径中间有一段不是文件夹", "a part of the path is no folder"),
        errno.ENXIO: ("没有这个设备", "there is no such device"),
        errno.EPERM: ("没有权限", "it is not permitted"),
        errno.EROFS: ("文件系统只能读", "the file system can only be read"),
    }
)
"""Why the system refused, by its number: (Chinese, English). The words of the system itself are English."""
LIST_OF = "list of "
"""Begins the word for a list: `list of number`."""


def type_words(text: str, lang: str) -> str:
    """Return kinds of values, such as "string | array", in `lang`; a word that isn't a kind stays as it is."""
    return {"zh": "或", "en": " or "}[lang].join(_type_word(word, lang) for word in text.split(" | "))


def _type_word(word: str, lang: str) -> str:
    if word.startswith(LIST_OF):
        member = _type_word(word.removeprefix(LIST_OF), lang)
        return f"列表（每项是{member}）" if lang == "zh" else f"a list (each {member})"
    return TYPE_WORDS[word][0 if lang == "zh" else 1] if word in TYPE_WORDS else word


MESSAGES: dict[str, Message] = {
    # -- source: files and encodings ---------------------------------------------------------------------------------
    "no-such-file": Message(
        zh="找不到文件或文件夹",
        en="there is no such file or folder",
        help_zh="检查路径是否写对，当前文件夹是否正确",
        help_en="check the spelling of the path and the current folder",
    ),
    "no-permission": Message(
        zh="没有读取权限",
        en="reading is not permitted",
        help_zh="请文件的所有者开放读取权限",
        help_en="ask the owner of the file for permission to read it",
    ),
    "wrong-argument": Message(
        zh="参数“{argument}”是 {found}，应为{expected}",
        en="the argument `{argument}` is {found}, expected {expected}",
    ),
    "unreadable": Message(zh="无法读取：{reason}", en="can't be read: {reason}"),
    "not-a-regular-file": Message(
        zh="这不是普通文件（可能是管道、设备或文件夹），应为普通文件",
        en="this is no ordinary file but a pipe, a device or a folder, expected an ordinary file",
        help_zh="先把内容保存成文件，或用 - 从标准输入读取",
        help_en="save the content to a file first, or read it from standard input with -",
    ),
    "read-twice": Message(
        zh="这里的内容要读两遍，应为普通文件",
        en="what stands here is read twice, expected an ordinary file",
        help_zh="先把内容保存成文件",
        help_en="save it to a file first",
    ),
    "file-too-large": Message(
        zh="文件超过 {limit} 字节",
        en="the file is larger than {limit} bytes",
        help_zh="把内容拆成几个文件",
        help_en="divide the content among several files",
    ),
    "not-utf-8": Message(
        zh="编码不是 UTF-8（字节 {byte}），应为 UTF-8",
        en="the text is not UTF-8 (byte {byte}), expected UTF-8",
        help_zh="内容是压缩过的，文件名应以 {suffix} 结尾\n"
        "这是 {archive} 压缩包，或者 Word、Excel 文件：先解开，或者另存为文本文件\n"
        "在编辑器里另存为 UTF-8，或转换：iconv -f {encoding} -t UTF-8 原文件 > 新文件",
        help_en="the content is packed, its name should end in {suffix}\n"
        "this is a {archive} archive, or a file of Word or Excel: unpack it, or save it as text\n"
        "save it as UTF-8 in the editor, or convert it: iconv -f {encoding} -t UTF-8 OLD > NEW",
    ),
    # -- strict_yaml: what stands in the text ------------------------------------------------------------------------
    "invisible-character": Message(
        zh="此处有看不见的字符“{found}”，应只用可见字符",
        en="an invisible character `{found}` stands here, expected visible characters only",
        help_zh="删去它；从网页或 Word 粘贴的文字常带有这种字符",
        help_en="delete it; text pasted from a web page or a word processor often carries such characters",
    ),
    "tab-character": Message(
        zh="此处是制表符（Tab），应为空格",
        en="a tab stands here, expected spaces",
        help_zh="用空格缩进；可在编辑器里设置“用空格代替 Tab”",
        help_en="indent with spaces; editors can insert spaces for the tab key",
    ),
    "empty-document": Message(
        zh="文件没有内容，应为键值对",
        en="the file has no content, expected a mapping",
    ),
    "second-document": Message(
        zh="此处开始了第二个文档，每个文件只能有一个",
        en="a second document starts here, expected one document in a file",
        help_zh="删去 --- 或 ... 这一行，或另存为单独的文件",
        help_en="remove the line with --- or ..., or move what follows to a file of its own",
    ),
    "yaml-directive": Message(
        zh="此处是 YAML 指令（以 % 开头），应直接写内容",
        en="a YAML directive (a line that begins with %) stands here, expected plain content",
        help_zh="删去这一行",
        help_en="remove this line",
    ),
    "yaml-anchor": Message(
        zh="此处有锚点“&{name}”，规则文件不用锚点",
        en="an anchor `&{name}` stands here, expected content without anchors",
        help_zh="把内容逐处写明；若是以 & 开头的文字，请加引号",
        help_en="write the content out where it is needed; quote a text that begins with &",
    ),
    "yaml-alias": Message(
        zh="此处有引用“*{name}”，规则文件不用引用",
        en="an alias `*{name}` stands here, expected content without aliases",
        help_zh="把内容逐处写明；若是以 * 开头的文字，请加引号",
        help_en="write the content out where it is needed; quote a text that begins with *",
    ),
    "yaml-tag": Message(
        zh="此处有标签“{name}”，规则文件不用标签",
        en="a tag `{name}` stands here, expected content without tags",
        help_zh="删去标签；若是以 ! 开头的文字，请加引号",
        help_en="remove the tag; quote a text that begins with !",
    ),
    "merge-key": Message(
        zh="此处是合并键“<<”，规则文件不用合并",
        en="a merge key `<<` stands here, expected content without merging",
        help_zh="把内容逐处写明",
        help_en="write the content out where it is needed",
    ),
    "duplicate-key": Message(
        zh="键“{name}”重复，第 {first} 行已有",
        en="the key `{name}` stands here again, the first one is on line {first}",
        help_zh="删去其中一个，或把两处内容合并",
        help_en="remove one of them, or join their contents",
    ),
    "key-not-text": Message(
        zh="键“{name}”不是文本，键应为文本",
        en="the key `{name}` is no text, expected a text as key",
        help_zh="若就是要用它作键，请加引号：'{name}'",
        help_en="quote it if it is meant as it stands: '{name}'",
    ),
    "key-not-simple": Message(
        zh="此处用列表或键值对作键，键应为文本",
        en="a list or a mapping stands here as a key, expected a text as key",
        help_zh="检查括号；以 [ 或 {{ 开头的文字要加引号",
        help_en="check the brackets; quote a text that begins with [ or {{",
    ),
    "ambiguous-word": Message(
        zh="“{text}”写法不明确：可能是{meaning}，也可能是文本",
        en="`{text}` is ambiguous: it may be {meaning} or a text",
        help_zh="写成 {plain}，或加引号：'{text}'",
        help_en="write {plain}, or quote it: '{text}'",
    ),
    "ambiguous-number": Message(
        zh="“{text}”写法不明确，数字应只写十进制数字，如 12 或 0.5",
        en="`{text}` is ambiguous, expected a number in plain decimal digits such as 12 or 0.5",
        help_zh="若是编号等文字，请加引号：'{text}'",
        help_en="quote it if it is a text, such as an identifier: '{text}'",
    ),
    "unquoted-clock": Message(
        zh="“{text}”没有加引号，时刻或比例应加引号",
        en="`{text}` is not quoted, expected a clock time or a ratio in quotes",
        help_zh="加引号：'{text}'",
        help_en="quote it: '{text}'",
    ),
    "too-many-digits": Message(
        zh="数字“{text}”有 {found} 位，最多 {limit} 位",
        en="the number `{text}` has {found} digits, expected at most {limit}",
        help_zh="若是编号，请加引号作为文本",
        help_en="quote it as a text if it is an identifier",
    ),
    "text-too-long": Message(
        zh="文本有 {found} 个字符，最多 {limit} 个",
        en="the text has {found} characters, expected at most {limit}",
    ),
    "too-deep": Message(
        zh="嵌套超过 {limit} 层",
        en="nested deeper than {limit} levels",
        help_zh="检查括号与缩进",
        help_en="check the brackets and the indentation",
    ),
    "too-many-values": Message(
        zh="内容超过 {limit} 项",
        en="more than {limit} values",
        help_zh="把内容拆成几个文件",
        help_en="divide the content among several files",
    ),
    "too-many-problems": Message(
        zh="问题超过 {limit} 个，只列出前面的",
        en="more than {limit} problems, only the first are shown",
    ),
    # -- strict_yaml: syntax -----------------------------------------------------------------------------------------
    "yaml-syntax": Message(
        zh="YAML 语法错误：{reason}",
        en="not YAML: {reason}",
        help_zh="检查这一行和上一行的缩进、冒号与引号",
        help_en="check indentation, colons and quotes in this line and the one before",
    ),
    "yaml-colon": Message(
        zh="此处的冒号不应出现，一行只能有一个键",
        en="this colon can't stand here, expected one key on a line",
        help_zh="文字里有“: ”时要给整段文字加引号；也可能是缩进不对，或上一行的引号、括号没有结束",
        help_en="quote a text that has a colon and a space in it; or the indentation is wrong, or a quote or "
        "bracket of the line before is open",
    ),
    "yaml-second-colon": Message(
        zh="此处的冒号不应出现，括号里一个键只有一个值",
        en="a colon is not expected here, a key in brackets has one value",
        help_zh="文字里有“: ”时要给整段文字加引号；也可能是前面缺逗号",
        help_en="quote a text that contains ': '; or a comma is missing before the key",
    ),
    "yaml-lone-key": Message(
        zh="“{name}”后面没有冒号和值，花括号里应为“键: 值”",
        en="`{name}` has no colon and no value, expected 'key: value' in braces",
        help_zh="前面的逗号若属于文字，给整段文字加引号",
        help_en="if the comma before it belongs to a text, quote the whole text",
    ),
    "yaml-colon-alone": Message(
        zh="此处的冒号后面既没有空格也没有值，应为“键: 值”",
        en="neither a space nor a value follows this colon, expected `key: value`",
        help_zh="在冒号后写空格和值；冒号属于文字时给整段文字加引号",
        help_en="write a space and the value after the colon; quote the whole text if the colon belongs to it",
    ),
    "yaml-no-colon": Message(
        zh="这一行没有冒号，应为“键: 值”",
        en="this line has no colon, expected `key: value`",
        help_zh="在键后面写半角冒号和一个空格；列表项前写“- ”；长文字的后续行要比键缩进更多",
        help_en="write a colon and a space after the key, `- ` before a list item; indent the later lines of a long "
        "text more than its key",
    ),
    "yaml-fullwidth-colon": Message(
        zh="此处是全角冒号“：”，应为半角冒号加空格“: ”",
        en="a full-width colon `：` stands here, expected a colon and a space `: `",
        help_zh="切换到英文输入法输入冒号，后面加一个空格",
        help_en="type the colon with the English keyboard layout and a space after it",
    ),
    "yaml-fullwidth-space": Message(
        zh="此处是全角空格，应为半角空格",
        en="a full-width or no-break space stands here, expected an ordinary space",
        help_zh="切换到英文输入法输入空格",
        help_en="type the space with the English keyboard layout",
    ),
    "yaml-fullwidth-quote": Message(
        zh="此处是中文引号，YAML 的引号应为半角 ' 或 \"",
        en="a curly or full-width quote stands here, expected ' or \" as quotes of YAML",
        help_zh="切换到英文输入法输入引号",
        help_en="type the quote with the English keyboard layout",
    ),
    "fullwidth-sign": Message(
        zh="此处是全角的 {found} ，应写半角的 {expected}",
        en="the full-width `{found}` stands here, expected the half-width `{expected}`",
        help_zh="切换到英文输入法输入",
        help_en="type it with the English keyboard layout",
    ),
    "yaml-dash": Message(
        zh="此处是“{found}”，列表的每一项应以半角“-”加一个空格开头",
        en="`{found}` stands here, expected a half-width `-` and a space before each item of a list",
        help_zh="写成“- ”：切换到英文输入法输入减号，后面加一个空格",
        help_en="write `- `: type the minus with the English keyboard layout and a space after it",
    ),
    "yaml-no-dash": Message(
        zh="键“{name}”重复，它是这一项的第一个键（第 {first} 行），新的一项前面应有“- ”",
        en="the key `{name}` stands here again, the first of its item (line {first}), expected `- ` before a new item",
        help_zh="在“{name}”前面写“- ”，与上一项的“-”对齐；若不是新的一项，删去其中一个",
        help_en="write `- ` before `{name}`, below the `-` of the item above; remove one if this is no new item",
    ),
    "yaml-bad-start": Message(
        zh="值以“{found}”开头，没有引号的文字不能这样开头",
        en="a value begins with `{found}`, expected quotes around such a text",
        help_zh="给整段文字加引号",
        help_en="quote the whole text",
    ),
    "yaml-indentation": Message(
        zh="缩进与上文不一致",
        en="the indentation does not fit the lines above",
        help_zh="同一层的键要对齐，列表的每一项以“- ”开头并对齐",
        help_en="align the keys of one level; begin each item of a list with `- ` and align them",
    ),
    "yaml-after-value": Message(
        zh="值已经结束，后面又有“{found}”",
        en="`{found}` follows a value that is complete, expected the end of the line",
        help_zh="引号和括号要包住整个值；文字里有引号时用另一种引号括起整段文字",
        help_en="put quotes and brackets around the whole value; quote a text that has quotes with the other kind",
    ),
    "yaml-open-quote": Message(
        zh="此处的引号没有结束",
        en="the quote that begins here is never closed",
        help_zh="补上结束的引号；单引号内的单引号要写两个",
        help_en="close the quote; write a single quote twice inside single quotes",
    ),
    "yaml-quote-runs-on": Message(
        zh="此处的引号在这一行没有结束，后面的内容到第 {line} 行第 {column} 列读不通",
        en="the quote that begins here is not closed on its line, and the text can't be read at line {line}, column "
        "{column}",
        help_zh="在这一行补上结束的引号；文字确实有几行时，检查第 {line} 行的引号",
        help_en="close the quote on this line; if the text has several lines, check the quotes of line {line}",
    ),
    "yaml-open-bracket": Message(
        zh="此处的括号没有结束，或各项之间缺逗号",
        en="the bracket that begins here is never closed, or a comma is missing between its items",
        help_zh="补上括号或逗号；括号内含 [ ] {{ }} , 的文字要加引号",
        help_en="add the bracket or the comma; quote a text with [ ] {{ }} or , inside brackets",
    ),
    "yaml-escape": Message(
        zh="双引号内的反斜杠写法不对",
        en="a backslash inside double quotes is followed by something unknown",
        help_zh="改用单引号，或把反斜杠写成两个",
        help_en="use single quotes, or write the backslash twice",
    ),
    # -- strict_yaml: schema -----------------------------------------------------------------------------------------
    "unknown-key": Message(
        zh="没有“{name}”这个键",
        en="there is no key `{name}` here",
        help_zh="是不是“{nearest}”？\n可用的键：{words}",
        help_en="did you mean `{nearest}`?\nkeys that may stand here: {words}",
    ),
    "too-far-out": Message(
        zh="“{name}”应写在“{owner}”里面，这里缩进不够",
        en="`{name}` belongs in `{owner}`, it is not indented enough",
        help_zh="把“{owner}”的内容都比“{owner}”多缩进两格",
        help_en="indent the content of `{owner}` by two blanks more than `{owner}`",
    ),
    "too-far-in": Message(
        zh="“{name}”属于外面一层，这里缩进太多",
        en="`{name}` belongs outside, it is indented too far",
        help_zh="减少缩进，与外面一层的其他键对齐",
        help_en="indent it like the other keys of the mapping around",
    ),
    "key-not-here": Message(
        zh="键“{name}”不能与这里的其他键同用",
        en="the key `{name}` does not go with the other keys here",
    ),
    "missing-key": Message(
        zh="缺少键“{name}”",
        en="the key `{name}` is missing",
        help_zh="{expected}",
        help_en="{expected}",
    ),
    "missing-one-key": Message(
        zh="缺少下列键之一：{words}",
        en="one of these keys is missing: {words}",
    ),
    "key-needs-key": Message(
        zh="有键“{name}”时还要有“{needed}”",
        en="the key `{name}` needs the key `{needed}` beside it",
    ),
    "unknown-word": Message(
        zh="不认识“{name}”，应为：{words}",
        en="`{name}` is unknown here, expected one of: {words}",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "wrong-type": Message(
        zh="此处是{found}，应为{expected}",
        en="{found} stands here, expected {expected}",
        help_zh="写法：{form}",
        help_en="how it is written: {form}",
        types=("found", "expected"),
    ),
    "missing-space": Message(
        zh="“{text}”是文本，应为键值对：冒号后要有空格",
        en="`{text}` is a text, expected a mapping: a space is missing after the colon",
        help_zh="在冒号后加一个空格",
        help_en="put a space after the colon",
    ),
    "wrong-form": Message(
        zh="“{text}”的形式不对，应为：{expected}",
        en="`{text}` has the wrong form, expected: {expected}",
        help_zh="是不是“{nearest}”？\n几项写成列表：[{items}]",
        help_en="did you mean `{nearest}`?\nwrite several as a list: [{items}]",
    ),
    "wrong-key-form": Message(
        zh="键“{text}”的形式不对，应为：{expected}",
        en="the key `{text}` has the wrong form, expected: {expected}",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "too-few-items": Message(
        zh="只有 {found} 项，至少要有 {limit} 项",
        en="{found} items, expected at least {limit}",
    ),
    "too-many-items": Message(
        zh="有 {found} 项，最多 {limit} 项",
        en="{found} items, expected at most {limit}",
    ),
    "too-few-keys": Message(
        zh="只有 {found} 个键，至少要有 {limit} 个",
        en="{found} keys, expected at least {limit}",
    ),
    "too-many-keys": Message(
        zh="有 {found} 个键，最多 {limit} 个",
        en="{found} keys, expected at most {limit}",
    ),
    "repeated-item": Message(
        zh="列表里重复出现“{text}”，每项只写一次",
        en="`{text}` stands in the list again, expected each item once",
    ),
    "text-too-short": Message(
        zh="文本有 {found} 个字符，至少要有 {limit} 个",
        en="the text has {found} characters, expected at least {limit}",
    ),
    "number-too-small": Message(
        zh="{found} 太小，至少为 {limit}",
        en="{found} is too small, expected at least {limit}",
    ),
    "number-too-large": Message(
        zh="{found} 太大，至多为 {limit}",
        en="{found} is too large, expected at most {limit}",
    ),
    "not-allowed": Message(
        zh="此处的内容不合规定（{rule}）",
        en="this does not fit the schema ({rule})",
    ),
    # -- strict_json -------------------------------------------------------------------------------------------------
    "not-json": Message(
        zh="不能写成 JSON：{reason}",
        en="can't be written as JSON: {reason}",
    ),
    "json-empty": Message(
        zh="没有内容，应为 JSON",
        en="there is no content, expected JSON",
    ),
    "json-value": Message(
        zh="此处是“{found}”，应为 JSON 值",
        en="`{found}` stands here, expected a JSON value",
        help_zh="文本要加双引号；空值写 null，是否写 true 或 false；最后一项后面不能有逗号",
        help_en="put texts in double quotes; write null, true or false for nothing, yes or no; no comma may follow the "
        "last item",
    ),
    "json-key": Message(
        zh="此处是“{found}”，应为双引号括起的键",
        en="`{found}` stands here, expected a key in double quotes",
        help_zh="键要用半角双引号括起；最后一项后面不能有逗号",
        help_en="put keys in double quotes; no comma may follow the last item",
    ),
    "json-colon": Message(
        zh="此处是“{found}”，键后面应为冒号",
        en="`{found}` stands here, expected a colon after the key",
    ),
    "json-comma": Message(
        zh="此处是“{found}”，应为逗号或“{closing}”",
        en="`{found}` stands here, expected a comma or `{closing}`",
    ),
    "json-end": Message(
        zh="内容到此中断，应有“{closing}”",
        en="the text ends here, expected `{closing}`",
        help_zh="文件可能没有写完或传输中断",
        help_en="the file may be cut short",
    ),
    "json-open-text": Message(
        zh="此处的双引号没有结束",
        en="the double quote that begins here is never closed",
    ),
    "json-control": Message(
        zh="文本内有控制字符“{found}”，应写成转义",
        en="a control character `{found}` stands in a text, expected an escape",
        help_zh="换行写成 \\n，制表符写成 \\t",
        help_en="write \\n for a line end and \\t for a tab",
    ),
    "json-escape": Message(
        zh="“{found}”不是 JSON 的转义",
        en="`{found}` is no escape of JSON",
        help_zh="反斜杠本身要写成两个",
        help_en="write a backslash itself twice",
    ),
    "json-surrogate": Message(
        zh="“{found}”是半个字符（孤立的代理项），应成对出现",
        en="`{found}` is half a character (a lone surrogate), expected a pair",
    ),
    "json-number": Message(
        zh="“{text}”不是 JSON 的数字写法",
        en="`{text}` is not how JSON writes a number",
        help_zh="不写前导零、正号或孤立的小数点，如 12、0.5；编号请加双引号",
        help_en="no leading zero, plus sign or bare point, such as 12 or 0.5; put identifiers in double quotes",
    ),
    "json-not-finite": Message(
        zh="“{text}”不是数字，应为有限的数",
        en="`{text}` is no number, expected a finite number",
        help_zh="没有数据时写 null 或略去这个键",
        help_en="write null or leave the key out when there is no figure",
    ),
    "number-out-of-range": Message(
        zh="数字“{text}”的指数太大，绝对值至多 {limit}",
        en="the power of ten of `{text}` is too large, expected at most {limit}",
    ),
    "json-rest": Message(
        zh="JSON 已结束，后面还有“{found}”",
        en="the JSON ends before `{found}`, expected nothing more",
        help_zh="一个文件只放一个对象或一个数组；一行一条的文件用扩展名 .ndjson",
        help_en="put one object or one array in a file; name a file with one record a line .ndjson",
    ),
    # -- intake ------------------------------------------------------------------------------------------------------
    "linked-folder": Message(
        zh="这是指向文件夹的链接，不跟随，里面的文件没有读",
        en="this is a link to a folder, which is not followed: nothing in it was read",
        help_zh="要读里面的文件，把链接本身写在命令里；不要读的，移到别处",
        help_en="to read what is in it name the link itself on the command line; if it is not to be read, move it away",
    ),
    "no-records-here": Message(
        zh="文件夹里没有案件文件（.json、.ndjson、.jsonl）",
        en="the folder has no record files (.json, .ndjson, .jsonl)",
    ),
    "line-too-long": Message(
        zh="这一行超过 {limit} 字节",
        en="this line is longer than {limit} bytes",
        help_zh="检查各条记录之间是否缺少换行",
        help_en="check whether line ends are missing between the records",
    ),
    "document-too-large": Message(
        zh="文件超过 {limit} 字节",
        en="the document is larger than {limit} bytes",
        help_zh="改成一行一条记录的 .ndjson，这种文件没有总长限制",
        help_en="write one record a line to an .ndjson file; such files have no total limit",
    ),
    "no-process": Message(
        zh="系统不让再启动进程：{reason}",
        en="the system starts no other process: {reason}",
        help_zh="不写 -j，在一个进程里判断",
        help_en="leave -j out and judge in one process",
    ),
    "worker-lost": Message(
        zh="判断这条记录的进程两次意外终止，记录未判断",
        en="the process that judged this record died twice, the record is not judged",
        help_zh="单独检查这条记录，看内存是否足够",
        help_en="judge the record alone and see whether there is memory enough",
    ),
    "packed-data-broken": Message(
        zh="压缩数据损坏或不完整：{reason}；此处以后的记录读不出来",
        en="the packed data are damaged or cut off: {reason}; the records from here on can't be read",
        help_zh="用 gzip -t 或 zstd -t 检查，重新取得完整的文件",
        help_en="test the file with gzip -t or zstd -t and get a whole copy of it",
    ),
    "needs-extra": Message(
        zh="{suffix} 需要软件包 {package}，这里没有安装",
        en="{suffix} needs the package {package}, which is not installed",
        help_zh="安装：pip install 'zhijian-validator[{extra}]'",
        help_en="install it: pip install 'zhijian-validator[{extra}]'",
    ),
    "record-not-object": Message(
        zh="这条记录是{found}，应为 JSON 对象",
        en="this record is {found}, expected a JSON object",
        types=("found",),
    ),
    # -- vocabulary --------------------------------------------------------------------------------------------------
    "declared-twice": Message(
        zh="“{name}”声明了两次，应只声明一次",
        en="`{name}` is declared twice, expected once",
        help_zh="另一处在 {other}；要改那里的，把那个文件复制到自己的文件夹里改，文件名不变；"
        "不是同一个词的，改成不同的名称\n"
        "删去其中一个，或改成不同的名称",
        help_en="the other one is in {other}: to change that, copy the file to your folder under its name; "
        "or take another name\n"
        "remove one of them or give it another name",
    ),
    "not-a-name": Message(
        zh="“{name}”不能作名称，应由字母、数字和下划线组成，且不是保留字",
        en="`{name}` can't be a name, expected letters, digits and underscores that are no reserved word",
    ),
    "unknown-entity": Message(
        zh="没有名为“{name}”的对象种类",
        en="there is no entity kind `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-type": Message(
        zh="没有名为“{name}”的类型",
        en="there is no type `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-codes": Message(
        zh="没有名为“{name}”的代码表",
        en="there is no code list `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-variable": Message(
        zh="没有名为“{name}”的状态变量",
        en="there is no variable `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-attribute": Message(
        zh="{base} 没有属性“{name}”",
        en="{base} has no attribute `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
        types=("base",),
    ),
    "unknown-code": Message(
        zh="没有代码“{name}”，应为：{words}",
        en="there is no code `{name}`, expected one of: {words}",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-name": Message(
        zh="不认识名称“{name}”",
        en="the name `{name}` is declared nowhere",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-event": Message(
        zh="没有事件“{name}”",
        en="there is no event type `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-parameter": Message(
        zh="没有参数“{name}”",
        en="there is no parameter `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-table": Message(
        zh="没有外部表“{name}”",
        en="there is no table `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-remedy": Message(
        zh="没有一般救济“{name}”",
        en="there is no general remedy `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-actor": Message(
        zh="actors 没有声明“{name}”",
        en="`actors` does not declare `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "unknown-norm": Message(
        zh="没有规则“{name}”",
        en="there is no norm record `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "not-set-by-events": Message(
        zh="“{name}”不由事件改变（source 不是 events）",
        en="`{name}` is not changed by events (its source is not `events`)",
        help_zh="把该变量的 source 改为 events，或删去这一行 sets",
        help_en="make its source `events` or remove this line of `sets`",
    ),
    "sets-out-of-reach": Message(
        zh="事件“{event}”不涉及“{kind}”，改不了“{name}”",
        en="the event `{event}` refers to no `{kind}`, so it can't change `{name}`",
        help_zh="在 refers_to 里写明涉及的对象；对其他对象的后果用 is 变量",
        help_en="name what it refers to in `refers_to`; a consequence for other entities is an `is` variable",
    ),
    "entity-nowhere": Message(
        zh="“{name}”既不是一种记录，也没写在哪些记录里，应有 record: true 或 inside",
        en="`{name}` is no record type and lives inside of none, expected `record: true` or `inside`",
    ),
    "no-record-type": Message(
        zh="“{name}”不是一种记录，应为：{words}",
        en="`{name}` is no record type, expected one of: {words}",
    ),
    "computed-from-itself": Message(
        zh="“{name}”最终由它自己推算，应无循环",
        en="`{name}` is computed from itself, expected no loop",
    ),
    # -- expression --------------------------------------------------------------------------------------------------
    "expression-too-long": Message(
        zh="表达式长 {length} 个字符，最多 {limit} 个",
        en="the expression has {length} characters, expected at most {limit}",
        help_zh="把条件拆成 all_of 的几项，或在词汇表里声明一个 is 变量",
        help_en="divide it among the parts of an `all_of`, or declare an `is` variable in the vocabulary",
    ),
    "bad-expression": Message(
        zh="表达式在“{found}”处读不通",
        en="the expression can't be read at `{found}`",
        help_zh="检查括号、引号是否成对，and/or/not 与比较符号是否写全",
        help_en="check brackets, quotes, `and`/`or`/`not` and the comparison signs",
    ),
    "wrong-sign": Message(
        zh="表达式里没有“{found}”，应写“{expected}”",
        en="an expression has no `{found}`, write `{expected}`",
    ),
    "unit-in-number": Message(
        zh="数字后面有“{found}”，应只写数字",
        en="`{found}` follows a number, expected digits only",
        help_zh="金额写成元，如十万元写 100000；比例写成小数，如百分之十写 0.1",
        help_en="write 100000 for 10万 and 0.1 for 10%",
    ),
    "day-without-quotes": Message(
        zh="日期“{found}”没有加引号",
        en="the day `{found}` is not quoted",
        help_zh='写成 "{expected}"',
        help_en='write "{expected}"',
    ),
    "comma-outside-list": Message(
        zh="“{found}”里有逗号，逗号只用于列表和函数",
        en="`{found}` has a comma, which belongs in lists and functions only",
        help_zh="几项写成列表，如 in [a, b]；数字里不写逗号",
        help_en="write several as a list, as in [a, b]; numbers have no commas",
    ),
    "code-without-list": Message(
        zh="in 后面应为列表，“{found}”只是一项",
        en="`in` takes a list, `{found}` is one item",
        help_zh="写成 in [{found}] 或 == {found}",
        help_en="write in [{found}] or == {found}",
    ),
    "event-in-expression": Message(
        zh="“{name}”是事件，不能写在表达式里",
        en="`{name}` is an event, which an expression can't name so",
        help_zh="事件写成 {{event: {name}}}；表示状态的写是非变量，如 case.closed",
        help_en="write {{event: {name}}} for an event, or a boolean variable such as case.closed for a state",
    ),
    "entity-not-at-hand": Message(
        zh="“{name}”不是这里涉及的对象，可用的有：{words}",
        en="this is not about one `{name}`, there are: {words}",
        help_zh="写 subject 或 for_each 里的对象，或有关事件所涉及的对象",
        help_en="name the subject, the kind of for_each, or a kind to which the event refers",
    ),
    "not-in-expressions": Message(
        zh="表达式里不能用“{found}”",
        en="`{found}` is not allowed in an expression",
        help_zh="可用：and or not、== != < <= > >=、in、+ - *、列表、路径和规定的函数",
        help_en="allowed are: and or not, == != < <= > >=, in, + - *, lists, paths and the functions of the language",
    ),
    "chained-comparison": Message(
        zh="一次写了几个比较，应每次只比较两项",
        en="several comparisons in a row, expected one of two sides",
        help_zh="写成 a <= b and b <= c",
        help_en="write a <= b and b <= c",
    ),
    "boolean-stands-alone": Message(
        zh="“{found}”：是非值不与 true/false 比较，应单独写",
        en="`{found}`: a boolean is not compared with true or false, expected it to stand alone",
        help_zh="写 {path} 或 not {path}\n单独写，如 request.urgent 或 not request.urgent",
        help_en="write {path} or not {path}\nlet it stand alone, such as request.urgent or not request.urgent",
    ),
    "not-comparable": Message(
        zh="{left} 与 {right} 不能用 {operator} 比较",
        en="{left} and {right} can't be compared by {operator}",
        types=("left", "right"),
    ),
    "wrong-expression-type": Message(
        zh="此处是{found}，应为{expected}",
        en="{found} stands here, expected {expected}",
        types=("found", "expected"),
    ),
    "code-without-quotes": Message(
        zh="代码“{found}”加了引号，应不加引号",
        en="the code `{found}` is in quotes, expected none",
    ),
    "mixed-list": Message(
        zh="列表里既有{expected}又有{found}，应为同一种",
        en="the list mixes {expected} and {found}, expected one kind",
        types=("found", "expected"),
    ),
    "no-trigger-here": Message(
        zh="此处没有触发事件，不能用 trigger",
        en="there is no triggering event here, so no `trigger`",
    ),
    "unknown-function": Message(
        zh="没有函数“{name}”",
        en="there is no function `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "wrong-arguments": Message(
        zh="函数 {name} 的参数个数不对，应为 {expected} 个",
        en="the function `{name}` has the wrong number of arguments, expected {expected}",
    ),
    "path-expected": Message(
        zh="{name}() 里应为一个路径，如 asset.value",
        en="`{name}()` takes a path such as asset.value",
    ),
    "generator-expected": Message(
        zh="{name}() 里应为“某项 for 变量 in 列表”的形式",
        en="`{name}()` takes the form `item for x in list`",
    ),
    "bad-generator": Message(
        zh="{name}() 里只能有一个 for 和至多一个 if",
        en="`{name}()` takes one `for` and at most one `if`",
    ),
    "nested-too-deep": Message(
        zh="for 嵌套超过两层",
        en="generators are nested more than twice",
        help_zh="把内层写成词汇表里的 is 变量",
        help_en="declare the inner one as an `is` variable in the vocabulary",
    ),
    # -- binding -----------------------------------------------------------------------------------------------------
    "trigger-has-no-end": Message(
        zh="触发是事件，没有终点，“until: trigger ends”只用于 state 触发",
        en="the trigger is an event and has no end, `until: trigger ends` goes with a `state` trigger only",
    ),
    "unit-does-not-fit": Message(
        zh="参数 {name} 的单位是“{unit}”，期限需要时间单位",
        en="the unit of {name} is `{unit}`, expected a unit of time",
    ),
    "parameter-no-figure": Message(
        zh="参数 {name} 的单位是“{unit}”，表达式里只能用数值的参数",
        en="the unit of {name} is `{unit}`, expected a parameter with a figure",
    ),
    "ground-not-named": Message(
        zh="“{name}”不是有标签的变量，应为变量名，或写成 when/ground",
        en="`{name}` is no labelled variable, expected the name of one, or when/ground",
    ),
    "negation-in-reach": Message(
        zh="有期限的规则里写了 no_event，“在期限内不发生”没有意义",
        en="`no_event` stands in a record with a period, where a negated happening has no sensible meaning",
        help_zh="拆成两条：一条 until（禁止期间），一条期限",
        help_en="divide the norm: one record with `until` (the hold), one with the period",
    ),
    "event-in-hold": Message(
        zh="until 的规则里写了 event，“期间一直发生”没有意义",
        en="`event` stands in a record with `until`, where a required happening has no sensible meaning",
        help_zh="拆成两条：一条期限（应当发生），一条 until（不得发生，用 no_event）",
        help_en="divide the norm: one record with a period, one with `until` and `no_event`",
    ),
    "window-outside-reach": Message(
        zh="window 只用于有期限的规则",
        en="`window` goes with a period only",
    ),
    "within-last-outside-at": Message(
        zh="within_last 只用于 at trigger 的规则",
        en="`within_last` goes with `at trigger` only",
    ),
    "absence-excuses": Message(
        zh="有期限的规则里，unless 的 no_event 在触发时就成立，总是豁免",
        en="`no_event` in `unless` of a record with a period holds from the trigger on and always excuses",
        help_zh="写明使义务免除的事件：event，或者一个是非变量",
        help_en="write what happens that excuses: an `event`, or a boolean variable",
    ),
    "for-each-of-itself": Message(
        zh="for_each 写的“{name}”就是 subject，应为另一种对象",
        en="`for_each` names the subject `{name}`, expected a second entity kind",
        help_zh="删去 for_each：每个 subject 本来就各有一个期限；筛选条件写在 trigger 的 where 里",
        help_en="remove `for_each`: each subject has its own clock anyway; a filter goes into `where` of the trigger",
    ),
    "for-each-elsewhere": Message(
        zh="“{record}”记录里没有“{name}”，for_each 永远找不到",
        en="no record `{record}` holds a `{name}`, so `for_each` finds nothing",
        help_zh="可用的对象种类：{words}",
        help_en="kinds that such a record holds: {words}",
    ),
    "event-elsewhere": Message(
        zh="“{record}”记录里不会有事件“{name}”：它必须涉及 {words} 之一",
        en="no record `{record}` has the event `{name}`: it is about one of {words}",
    ),
    "check-does-not-fit": Message(
        zh="check 写的是 {found}，按内容应为 {expected}",
        en="check says {found}, by its content expected {expected}",
    ),
    "declaratory-asks-only": Message(
        zh="宣示性规范只能提问：trigger {{state: always}}、deadline none、allowed_states 含 review、remedy none",
        en="a declaratory norm only asks: trigger {{state: always}}, deadline none, a review, remedy none",
    ),
    "counts-other-subject": Message(
        zh="{name} 的 subject 或 for_each 不同，不能合并计数",
        en="{name} has another subject or for_each, so it can't be counted together",
    ),
    "series-needs-event": Message(
        zh="every 的规则里 allowed_states 应为一个 event",
        en="a record with `every` takes a plain `event` in allowed_states",
    ),
    "unknown-owner": Message(
        zh="没有联系或属性“{name}”可以说明记录归谁，可用的有：{words}",
        en="no link or attribute `{name}` says whose a record is, there are: {words}",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "no-waivers": Message(
        zh="这里应当是 waivers 列表",
        en="expected a list `waivers` here",
        help_zh="格式见 zhijian schema waivers，文件是 waivers: 加列表",
        help_en="see `zhijian schema waivers` for an entry; the file is `waivers:` and a list",
    ),
    "waiver-twice": Message(
        zh="豁免“{id}”写了两次",
        en="the waiver `{id}` stands twice",
        help_zh="文号不能重复",
        help_en="give each a number of its own",
    ),
    "waiver-ends-before": Message(
        zh="豁免“{id}”的截止日早于起始日",
        en="the waiver `{id}` expires before it was granted",
    ),
    "waiver-unknown-norm": Message(
        zh="豁免“{id}”所指的规则“{name}”不存在",
        en="the waiver `{id}` names the norm `{name}`, which there isn't",
    ),
    "waiver-orphaned": Message(
        zh="豁免“{id}”所指的记录“{name}”不在这批记录里",
        en="the waiver `{id}` names the record `{name}`, which is not among these",
    ),
    "waiver-expired": Message(
        zh="豁免“{id}”已于 {day} 到期，不再适用",
        en="the waiver `{id}` expired on {day} and no longer counts",
    ),
    "waiver-not-yet": Message(
        zh="豁免“{id}”自 {day} 起才适用",
        en="the waiver `{id}` counts from {day} on only",
    ),
    "waiver-unused": Message(
        zh="豁免“{id}”没有用到：所指的记录没有相应的违规",
        en="the waiver `{id}` was not needed: its records have no such breach",
    ),
    "no-findings-header": Message(
        zh="第一行不是 header，这不是 check --output-format ndjson 写的文件",
        en="the first line is no header: this is no file of `check --output-format ndjson`",
    ),
    "findings-cut-off": Message(
        zh="文件没有 summary，后面的行丢了",
        en="the file has no summary: lines are missing at its end",
    ),
    "no-seal": Message(
        zh="summary 没有 seal，无从核对",
        en="the summary has no seal to check against",
    ),
    "seal-broken": Message(
        zh="内容与 seal 不符：有行被改动、删除、增加或者调换",
        en="the content does not agree with its seal: lines were changed, removed, added or moved",
    ),
    "seal-not-last": Message(
        zh="summary 之后还有行",
        en="there are lines after the summary",
    ),
    "one-event": Message(
        zh="这里有 {count} 个事件，应当是一个",
        en="there are {count} events here, expected one",
    ),
    "no-such-paragraph": Message(
        zh="本条 text 没有第 {found} 款，只有 {last} 款",
        en="the text of this article has no paragraph {found}, only {last}",
    ),
    "no-such-sentence": Message(
        zh="该款没有第 {found} 句，只有 {last} 句",
        en="this paragraph has no sentence {found}, only {last}",
        help_zh="句以“。”为界，从 1 数起",
        help_en="sentences end with a full stop and are counted from 1",
    ),
    "words-not-in-text": Message(
        zh="所引的字句不在条文（text）的这一句里",
        en="these words do not stand in that sentence of the article's `text`",
        help_zh="是不是“{nearest}”？\n"
        "条文的字句自 {since} 起改了的，新条文另写一个文件，text 写新的，旧文件保留；没有改的，照抄原文中连续的字句\n"
        "照抄原文中连续的字句，并核对第几款第几句",
        help_en="did you mean `{nearest}`?\n"
        "if the article was amended from {since}, give its new text a file of its own and keep the old one; "
        "else copy words that stand together there\n"
        "copy words that stand together there, and check paragraph and sentence",
    ),
    "lead-without-clock": Message(
        zh="lead 和 by: trigger.due 只与 clock_of 触发同用",
        en="`lead` and `by: trigger.due` go with a `clock_of` trigger only",
    ),
    "chain-other-subject": Message(
        zh="上游规则 {name} 的对象是 {subject}，本规则的 subject 应与之相同，或为该记录本身",
        en="the upstream norm {name} is about {subject}, expected the same subject here, or the record itself",
    ),
    "clock-of-no-clock": Message(
        zh="上游规则 {name} 没有期限，clock_of 无从起算",
        en="the upstream norm {name} has no clock for `clock_of`",
    ),
    "breach-of-no-deadline": Message(
        zh="上游规则 {name} 没有期限（deadline: none），从不违规，breach_of 不会触发",
        en="the upstream norm {name} has no deadline and is never breached, so `breach_of` opens nothing",
    ),
    "breach-counted-twice": Message(
        zh="any_of 里既有 event 又有 breach_of，应写 one_per: breach_id，否则同一违规计两次",
        en="`any_of` has an event and a `breach_of`, expected `one_per: breach_id`, else one breach counts twice",
        help_zh="在 any_of 下面、与它对齐写 one_per: breach_id；事件也要有属性 breach_id",
        help_en="write `one_per: breach_id` below `any_of`, aligned with it; the event needs an attribute `breach_id`",
    ),
    "chain-loops": Message(
        zh="规则链成环：{path}",
        en="the chain of norms feeds itself: {path}",
    ),
    "permission-outside-at": Message(
        zh="{name} 是许可，deadline 宜为 at trigger（只在行使时判断，不行使从不违规）",
        en="{name} is a permission, its deadline is better `at trigger` (judged when used, never for not being used)",
    ),
    "one-per-in-hold": Message(
        zh="{name}：until 的规则会自动合并重复触发，不必写 one_per",
        en="{name}: a hold joins repeated triggers by itself, `one_per` is not needed",
    ),
    "forbidden-forever": Message(
        zh="{name}：no_event 且 until: forever，案件不结束就一直挂着",
        en="{name}: `no_event` with `until: forever` stays open as long as there is no end",
    ),
    "stops-no-clock": Message(
        zh="{name}：suspended_while 只对期间（如 5个工作日）和 every 起作用，这里没有期间可停",
        en="{name}: `suspended_while` stops a period or `every`, and there is none here",
    ),
    "versions-leave-gap": Message(
        zh="{name} 自 {start} 至 {end} 没有有效的版本，这期间开始的事项不判断",
        en="{name} has no version in force from {start} until {end}, so what begins then is not judged",
        help_zh="前一版本的 to 应为后一版本 from 的前一日；确实停止适用过的，不必改",
        help_en="the earlier version ends the day before the later one begins, unless it was out of force indeed",
    ),
    "ended-but-named": Message(
        zh="{name} 有效至 {end}，{words} 仍然指向它，此后不再因它开始",
        en="{name} is in force until {end}, and {words} still follow it: nothing will begin by it any more",
        help_zh="有规则取代它的，把取代者的编号加在 {words} 的 clock_of、breach_of 里",
        help_en="if another norm took its place, add that to `clock_of` or `breach_of` in {words}",
    ),
    "own-law-in-force": Message(
        zh="{name} 出自另一文件，没有写 effective 的 from，就从 {start} 起适用",
        en="{name} is of another document and has no `from` in `effective`, so it is applied from {start}",
        help_zh="写明该文件施行之日，如 effective: {{from: 2025-03-01}}",
        help_en="write the day from which that document is in force, such as `effective: {{from: 2025-03-01}}`",
    ),
    "few-examples": Message(
        zh="{name} 只有 {count} 个示例，至少应有合规、违规、尚无定论各一",
        en="{name} has {count} examples, expected at least one compliant, one violated, one open",
    ),
    "known-outside-content": Message(
        zh="{name}：known() 会把缺少的数据当作否，宜只用于内容和核对类规则",
        en="{name}: `known()` turns a missing fact into false, better only in content and audit norms",
    ),
    "count-instead-of-event": Message(
        zh="{name}：len(events.x) >= 1 宜写成 event: x",
        en="{name}: `len(events.x) >= 1` is better written `event: x`",
    ),
    "versions-overlap": Message(
        zh="编号“{name}”与 {path} 第 {first} 行的规则相同，两者施行时间又重叠",
        en="the id `{name}` is that of the norm at {path} line {first}, and both are in force at once",
        help_zh="reaches_back 使一个版本也适用于另一个版本时（至 {back}）开始的事项；删去它，或者删去另一个版本\n"
        "是新旧两个版本的，旧版本的 effective 写 to: {last}，即新版本生效的前一日；旧版本在随程序安装的文件里的，"
        "先把那个文件复制到自己的文件夹\n"
        "两个 {twice} 都读了；要用改过的代替随程序安装的，只写改过的文件或文件夹，不再写原来的\n"
        "要代替那个文件，把这个文件改名为 {file}；是新旧两个版本的，用 effective 写明施行时间，不要重叠\n"
        "两条规则要用不同的编号；若是同一条规则的两个版本，用 effective 写明施行时间，不要重叠",
        help_en="with `reaches_back` one version takes what began under the other (until {back}); leave one out\n"
        "of two versions the old one has `to: {last}` in `effective`, the day before the new one begins; "
        "if it stands in a shipped file, copy that to your folder first\n"
        "both files {twice} were read; name only your own, it takes the place of the shipped one of its name\n"
        "to replace that file call this one {file}; two versions of a norm each have their own time with `effective`\n"
        "give two norms different ids; for two versions of one norm give each its own time with `effective`",
    ),
    "effective-ends-before": Message(
        zh="有效期间的终止日 {to} 早于起始日 {start}，这条规则永远不适用",
        en="the last day in force, {to}, is before the first, {start}, so this norm never applies",
        help_zh="核对 effective 的 from 和 to；没写 from 时自规则集的发布日期起",
        help_en="check `from` and `to` of `effective`; without `from` the first day is the date of issue",
    ),
    "id-of-other-article": Message(
        zh="编号“{name}”是第 {found} 条的编号，而本文件的 article 是 {article}",
        en="the id `{name}` is one of article {found}, while `article` of this file is {article}",
        help_zh="编号里的条数应与 article 相同，改正写错的一个",
        help_en="the number in the id must be that of `article`, correct the one that is wrong",
    ),
    "no-policies": Message(
        zh="文件夹里没有规则文件（.yaml）",
        en="the folder has no policy files (.yaml)",
        help_zh="扩展名应为小写的 .yaml 或 .yml；以 parameters. 开头的是参数取值，用 --parameters 指定",
        help_en="names end in .yaml or .yml; what begins with parameters. has values, name it with --parameters",
    ),
    "record-types-copied": Message(
        zh="这个文件声明了记录种类，这些规则因此自成一套，与随程序安装的规则无关，少了那里的 {count} 处",
        en="this file declares types of records, so the rules stand alone and miss the shipped ones in {count} places",
        help_zh="删去这个照抄的文件，其余的文件就加在随程序安装的规则上；"
        "新的对象另写一个文件，名称不同，不写 record: true",
        help_en="delete this copy, and the other files are added to the shipped rules; declare new kinds in a file of "
        "another name, without `record: true`",
    ),
    "figures-for-rules": Message(
        zh="这个文件只有参数或外部表的取值，不是规则文件",
        en="the file only has values of parameters or tables, it is no policy file",
        help_zh="取值文件用 --parameters 指定；zhijian norms --parameters 文件 可以检查它",
        help_en="name a file of values with --parameters; zhijian norms --parameters FILE checks it",
    ),
    "rules-for-figures": Message(
        zh="这是条文文件，不是参数文件",
        en="this is an article, expected a file of parameters",
        help_zh="条文用 -p 指定；参数文件以 parameters: 开头，写法见 policies/parameters.demo.yaml",
        help_en="name articles with -p; one of parameters begins with parameters:, see policies/parameters.demo.yaml",
    ),
    "not-a-mapping": Message(
        zh="文件的最外层不是键值对",
        en="the outermost value of the file is no mapping",
    ),
    "parameter-not-whole": Message(
        zh="参数 {name} 的值“{found}”不是非负整数，期限需要整数",
        en="the value `{found}` of the parameter {name} is no whole number from 0, as a period needs",
        help_zh="只写半角数字，单位由参数规定：2 就是{two}；不再有数值的写 unset",
        help_en="write digits only, the parameter has the unit: 2 means {two}; `unset`: there is none any more",
    ),
    "parameter-is-text": Message(
        zh="参数 {name} 的值“{found}”是文本，应为数字",
        en="the value `{found}` of the parameter {name} is a text, expected a number",
        help_zh="写成 {meant}：半角数字，不加引号",
        help_en="write {meant}: ordinary digits without quotes",
    ),
    "parameter-not-number": Message(
        zh="参数 {name} 的值是“{found}”，应为数字",
        en="the value of the parameter {name} is `{found}`, expected a number",
        help_zh="只写半角数字；比例写成小数，如百分之十写 0.1；不再有数值的写 unset",
        help_en="write digits only; a ratio is a decimal, such as 0.1 for ten percent; `unset`: there is none any more",
    ),
    # -- timeline: records -------------------------------------------------------------------------------------------
    "missing-record-type": Message(
        zh="缺少 record_type，应为：{words}",
        en="record_type is missing, expected one of: {words}",
    ),
    "unknown-record-type": Message(
        zh="没有记录类型“{name}”，应为：{words}",
        en="there is no record type `{name}`, expected one of: {words}",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "missing-id": Message(zh="缺少 id", en="the id is missing"),
    "bad-id": Message(zh="id 应为非空文本", en="the id is not a non-empty text"),
    "id-twice": Message(
        zh="id “{name}”重复（先前在 {first}）",
        en="the id `{name}` is given twice (first at {first})",
    ),
    "missing-type": Message(zh="事件缺少 type", en="the event has no type"),
    "missing-at": Message(
        zh="事件 {name} 缺少发生时间 at",
        en="the event {name} has no time `at`",
        help_zh="不知道时间就写 unknown，只知道月份就写 2022-03",
        help_en="write unknown if nobody knows, 2022-03 if only the month is known",
    ),
    "missing-reference": Message(
        zh="事件 {event} 没有说明所指的 {name}",
        en="the event {event} does not say which {name} it is about",
    ),
    "two-references": Message(
        zh="对 {name} 给了两个不同的引用",
        en="two different references to {name}",
    ),
    "dangling-id": Message(
        zh="记录里没有 id 为“{name}”的 {kind}",
        en="the record has no {kind} with the id `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "computed-fact": Message(
        zh="{name} 由系统推算，不能写入",
        en="{name} is computed and can't be given",
        help_zh="事件推出的状态，其初始值写在 states 里",
        help_en="the start value of a state that events change goes into `states`",
    ),
    "out-of-bounds": Message(
        zh="{found} 超出范围（{low} 至 {high}）",
        en="{found} is out of bounds ({low} to {high})",
    ),
    "too-many-events": Message(
        zh="有 {found} 个事件，最多 {limit} 个",
        en="the record has {found} events, expected at most {limit}",
    ),
    "too-much-work": Message(
        zh="判断这条记录要超过 {limit} 步，没有判断",
        en="judging this record takes more than {limit} steps, so that it was not judged",
        help_zh="检查事件是否大量重复录入、是否漏写所指的当事人或财产；确实如此的，分成几条记录",
        help_en="look for events entered many times over, or without the party or property that they are about; "
        "if it is right as it is, divide it",
    ),
    "repeated-event": Message(
        zh="事件 {name} 与前面一个完全相同，按一次计；确是两次请各给 id",
        en="the event {name} equals an earlier one and counts once; give both an id if they are two",
    ),
    # -- command line ------------------------------------------------------------------------------------------------
    "bad-as-of": Message(
        zh="--as-of “{found}”不是日期或时间",
        en="--as-of `{found}` is no date or time",
        help_zh="是不是“{nearest}”？\n例：2024-01-01 或 2024-01-01T10:00:00+08:00",
        help_en="did you mean `{nearest}`?\nfor example 2024-01-01 or 2024-01-01T10:00:00+08:00",
    ),
    "unknown-selection": Message(
        zh="--select “{name}”没有对应的规则",
        en="--select `{name}` matches no norm",
        help_zh="是不是“{nearest}”？\n写规则的编号，如 A13.1，或整条的，如 A13",
        help_en="did you mean `{nearest}`?\nwrite the id of a norm, such as A13.1, or of an article, such as A13",
    ),
    "record-not-found": Message(
        zh="输入里没有 id 为“{name}”的记录",
        en="the input has no record with the id `{name}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "which-record": Message(
        zh="输入里有 {count} 条记录，没有指明是哪一条",
        en="the input has {count} records and nothing says which is meant",
        help_zh="用 --id 指明，例如 --id “{first}”",
        help_en="say so with --id, for example --id `{first}`",
    ),
    "no-input": Message(
        zh="没有给出案件文件",
        en="no record files are given",
        help_zh="写上文件或文件夹，或用 - 从标准输入读取",
        help_en="name files or folders, or - to read standard input",
    ),
    "stdin-twice": Message(
        zh="标准输入只能读一次，这里要用它 {count} 次",
        en="standard input can be read once, here it would be needed {count} times",
        help_zh="没有写案件文件的，案件也从标准输入读；把其中一个保存成文件",
        help_en="without record files the records too are read from it; save one of them to a file",
    ),
    "input-twice": Message(
        zh="这里的案件在“{other}”里已经读过，会判断两次、计两次",
        en="what is here is read from `{other}` too, and would be judged and counted twice",
        help_zh="只写其中一个",
        help_en="name one of the two",
    ),
    "output-is-format": Message(
        zh="“{name}”是输出格式，-o 后面应为文件",
        en="`{name}` is an output format, expected a file after -o",
        help_zh="格式写作 --output-format {name}；文件确实叫这个名字，就写 ./{name}",
        help_en="write --output-format {name}, or ./{name} if the file has this name",
    ),
    "report-form": Message(
        zh="“{name}”的后缀不是报告的格式",
        en="the suffix of `{name}` is no form of a report",
        help_zh="可用的后缀：{words}",
        help_en="use one of {words}",
    ),
    "output-form": Message(
        zh="这个命令不写 {suffix} 文件",
        en="this command writes no {suffix} files",
        help_zh="可用的格式见 --help；要写成文本，加 --output-format text",
        help_en="--help names the forms that there are; for text add --output-format text",
    ),
    "letter-form": Message(
        zh="“{name}”的后缀不是文书的格式",
        en="the suffix of `{name}` is no form of a letter",
        help_zh="可用的后缀：{words}；没有后缀的是 Markdown",
        help_en="use one of {words}; without a suffix it is Markdown",
    ),
    "report-option": Message(
        zh="{option} 只用于一件记录的报告，结论文件已经判断过",
        en="{option} is for the page of one record; these findings have been judged already",
    ),
    "not-findings": Message(
        zh="这不是 check 写的结论文件：第一行应当是 header",
        en="this is no file of findings: its first line should be a header",
        help_zh="用 zhijian check … --output-format ndjson -o 文件 写一份",
        help_en="write one with zhijian check ... --output-format ndjson -o FILE",
    ),
    "findings-line": Message(
        zh="这一行不是 check 写的结论、拒绝或总计",
        en="this line is no finding, refusal or summary as check writes them",
    ),
    "findings-twice": Message(
        zh="文件里又有一行 header 或 summary：好像是几次判断的结果接在一起",
        en="another header or summary: several runs seem to have been put together",
    ),
    "findings-other-moment": Message(
        zh="这项结论的判断时点是 {found}，晚于文件开头的时点",
        en="this finding was made as of {found}, after the moment with which the file begins",
    ),
    "findings-cut": Message(
        zh="文件没有 summary 一行：后面的内容缺失",
        en="the file has no summary: its end is missing",
    ),
    "findings-disagree": Message(
        zh="summary 说有 {told} 项（{what}），文件里有 {found} 项",
        en="the summary says {told} ({what}), the file has {found}",
    ),
    "output-is-input": Message(
        zh="输出文件“{path}”同时是输入文件",
        en="the output file `{path}` is one of the input files",
        help_zh="换一个输出文件名",
        help_en="give the output another name",
    ),
    "output-twice": Message(
        zh="“{path}”既是结论的输出又是拒绝清单",
        en="`{path}` is both the output and the list of refused records",
        help_zh="给 --rejects 另一个文件名",
        help_en="give --rejects another name",
    ),
    "empty-path": Message(
        zh="这里是空的，应为文件或文件夹的路径",
        en="it is empty, expected the path of a file or folder",
        help_zh="看看脚本里的变量有没有值",
        help_en="see whether the variable of the script has a value",
    ),
    "option-needs": Message(
        zh="{option} 要与 {other} 一起使用",
        en="{option} goes with {other} only",
    ),
    "output-in-folder": Message(
        zh="输出文件“{path}”在 {option} 的文件夹“{folder}”里，那里只放运行自己的东西",
        en="the output file `{path}` is in the folder `{folder}` of {option}, which holds what runs need themselves",
        help_zh="把输出写到别的文件夹",
        help_en="write the output to another folder",
    ),
    "folder-in-input": Message(
        zh="{option} 的文件夹“{folder}”和“{path}”一个在另一个里面",
        en="the folder `{folder}` of {option} and `{path}` are one in the other",
        help_zh="给 {option} 一个单独的文件夹",
        help_en="give {option} a folder of its own",
    ),
    "checkpoint-foreign": Message(
        zh="这个文件夹里有别的文件（例如“{name}”），不是存放进度的文件夹",
        en="the folder holds other files (for example `{name}`) and is no checkpoint",
        help_zh="换一个空的或者还没有的文件夹",
        help_en="take a folder that is empty or not there yet",
    ),
    "checkpoint-exists": Message(
        zh="这个文件夹里有一次没有做完的运行",
        en="the folder holds a run that was not finished",
        help_zh="加 --resume 接着做；或换一个文件夹，或删去它重新做",
        help_en="add --resume to go on; or take another folder, or remove this one to begin again",
    ),
    "checkpoint-differs": Message(
        zh="这个文件夹里的运行与本次不同：{what}",
        en="the folder holds a run that differs from this one: {what}",
        help_zh="用原来的规则、时点和选项，或换一个文件夹重新做",
        help_en="use the rules, the moment and the options of that run, or begin again in another folder",
    ),
    "checkpoint-input": Message(
        zh="输入与中断前不同（{where}）",
        en="the input is not what it was before the run was stopped ({where})",
        help_zh="恢复原来的输入，或换一个文件夹重新做",
        help_en="bring the old input back, or begin again in another folder",
    ),
    "checkpoint-in-use": Message(
        zh="另一个运行正在使用这个文件夹",
        en="another run is using this folder",
        help_zh="等它结束，或换一个文件夹",
        help_en="wait until it ends, or take another folder",
    ),
    "keep-foreign": Message(
        zh="这个文件夹里有别的文件（例如“{name}”），不是保留结论的文件夹",
        en="the folder holds other files (for example `{name}`), not kept findings",
        help_zh="换一个空的或者还没有的文件夹",
        help_en="take a folder that is empty or not there yet",
    ),
    "keep-distrusted": Message(
        zh="这个文件夹或其中的文件属于其他用户，或者其他用户可以改动，不能据此下结论",
        en="the folder, or a file in it, belongs to another user or may be changed by others: it proves nothing",
        help_zh="文件夹和文件应属于本人，权限为 0700 和 0600；也可以换一个还没有的文件夹",
        help_en="they must be your own, with modes 0700 and 0600; or take a folder that is not there yet",
    ),
    "keep-unusable": Message(
        zh="保留的结论用不了，全部重新判断：{reason}",
        en="kept findings can't be used, all is judged anew: {reason}",
        help_zh="如果磁盘没有满，删去这个文件夹，它会重新生成",
        help_en="unless the disk is full, remove the folder: it is made again",
    ),
    "output-failed": Message(zh="写不出结果：{reason}", en="the result can't be written: {reason}"),
    "unknown-show": Message(
        zh="没有名为“{name}”的规则、事件、变量或参数",
        en="there is no norm, event, variable or parameter `{name}`",
        help_zh="是不是“{nearest}”？\n写规则的编号，如 A13.1，词汇的名称，或者其中文名称里的字词",
        help_en="did you mean `{nearest}`?\nwrite the id of a norm, such as A13.1, a word, or a part of its label",
    ),
    # -- cache -------------------------------------------------------------------------------------------------------
    "cache-distrusted": Message(
        zh="不使用缓存：是链接，或者属于其他用户，或者其他用户可以改动",
        en="the cache is not used: it is a link, belongs to another user, or another user may change it",
        help_zh="缓存文件夹应属于本人，权限为 0700；也可以用 ZHIJIAN_CACHE 指定另一个文件夹，或者设为 off",
        help_en="the folder must be your own, with mode 0700; ZHIJIAN_CACHE names another one, or is `off`",
    ),
    "cache-damaged": Message(
        zh="缓存残缺或者被改动过，不使用，重新生成",
        en="the kept program is cut off or changed, it is not used and made again",
    ),
    "cache-unusable": Message(zh="不使用缓存：{reason}", en="the cache is not used: {reason}"),
    # -- instant -----------------------------------------------------------------------------------------------------
    "time-format": Message(
        zh="“{found}”不是时间，应写成 2022-01-26T15:20:00+08:00、2022-01-26T15:20、2022-01-26、2022-01 或 2022",
        en="`{found}` is not a time, expected 2022-01-26T15:20:00+08:00, 2022-01-26T15:20, 2022-01-26, 2022-01 or 2022",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "time-type": Message(
        zh="“{found}”不是时间，应为带引号的文本，或含 not_before、not_after 的键值对",
        en="`{found}` is not a time, expected a text in quotes or a mapping with not_before and not_after",
        help_zh="完全不知道时写 unknown",
        help_en="write unknown when nothing is known",
    ),
    "time-date": Message(
        zh="“{found}”：历法上没有这一天",
        en="`{found}`: there is no such day in the calendar",
    ),
    "time-clock": Message(
        zh="“{found}”：没有这个钟点，应在 00:00:00 与 23:59:59 之间，或为 24:00",
        en="`{found}`: there is no such time of day, expected 00:00:00 to 23:59:59, or 24:00",
        help_zh="闰秒（:60）不属于民用时间，写成下一分钟的 00 秒",
        help_en="a leap second (:60) is no civil time; write second 00 of the next minute",
    ),
    "time-digits": Message(
        zh="“{found}”的秒后小数超过六位，最多精确到微秒",
        en="`{found}` has more than six digits after the second, expected microseconds at most",
    ),
    "time-offset": Message(
        zh="“{found}”：没有这个时差，应在 -14:00 与 +14:00 之间",
        en="`{found}`: there is no such offset, expected -14:00 to +14:00",
        help_zh="北京时间写 +08:00，或不写",
        help_en="Beijing time is +08:00, or no offset at all",
    ),
    "time-range": Message(
        zh="“{found}”换算成北京时间后不在公元 1 年至 9999 年之内",
        en="`{found}` is not in the years 0001 to 9999 of Beijing time",
    ),
    "time-keys": Message(
        zh="时间里有“{found}”，只能有 not_before 和 not_after，至少一个",
        en="a time has `{found}`, expected not_before and not_after only, at least one of them",
        help_zh="完全不知道时写 unknown",
        help_en="write unknown when nothing is known",
    ),
    "time-order": Message(
        zh="not_before“{not_before}”晚于 not_after“{not_after}”",
        en="not_before `{not_before}` is later than not_after `{not_after}`",
    ),
    # -- deadline ----------------------------------------------------------------------------------------------------
    "period-format": Message(
        zh="“{found}”不是期间，应为整数加单位",
        en="`{found}` is not a period, expected a whole number and a unit",
        help_zh="是不是“{nearest}”？\n例如 5个工作日、30日、24小时、30分钟、1个月、5年，或 5 working days",
        help_en="did you mean `{nearest}`?\n"
        "for example 5 working days, 30 days, 24 hours, 30 minutes, 1 month, 5 years, or 5个工作日",
    ),
    "period-negative": Message(
        zh="“{found}”：期间不能是负数",
        en="`{found}`: a period is not negative",
    ),
    "period-too-long": Message(
        zh="“{found}”太长，数字最多九位",
        en="`{found}` is too long, expected at most nine digits",
    ),
    # -- calendar ----------------------------------------------------------------------------------------------------
    "calendar-day-twice": Message(
        zh="“{found}”在这一段里前面已经写过",
        en="`{found}` was given before in this item",
        help_zh="一天要么放假要么上班，只写一次",
        help_en="a day is either off or worked; give it once",
    ),
    "calendar-year-twice": Message(
        zh="“{found}”年的放假安排写了两次",
        en="the notice of `{found}` is given twice",
        help_zh="把后来的调整并入同一段，在 source 里写明两份通知",
        help_en="merge a later amendment into the one item and name both notices in its source",
    ),
    "calendar-year-unfinished": Message(
        zh="“{found}”年的放假安排没有写到国庆节，这一年的日期仍为暂定",
        en="the notice of `{found}` does not reach National Day, so the dates of that year stay provisional",
        help_zh="把整份通知写进同一段；10 月 1 日写进 holidays 以后，这一年才算已经公布",
        help_en="give the whole notice in this item; the year is published once its holidays include 1 October",
    ),
    "calendar-ends-before-start": Message(
        zh="止日“{last}”早于起日“{first}”",
        en="the last day `{last}` is before the first day `{first}`",
    ),
    "calendar-rest-too-long": Message(
        zh="连续放假 {found} 天，最多 {most} 天",
        en="{found} days off in a row, expected at most {most}",
        help_zh="检查年份是否写错",
        help_en="check the year",
    ),
    "calendar-outside-year": Message(
        zh="“{found}”不在这一年的范围内，应在 {first} 与 {last} 之间",
        en="`{found}` is outside the year of this notice, expected {first} to {last}",
        help_zh="一年的安排可以写到上一年 12 月，再早的写进那一年",
        help_en="a notice may reach back into December of the year before; earlier days belong to that year",
    ),
    "calendar-workday-needless": Message(
        zh="“{found}”是周一至周五，没有放假，不需要写成调休上班",
        en="`{found}` is a weekday that nothing makes a day off, expected a weekend day or a holiday",
        help_zh="检查日期是否写错",
        help_en="check the date",
    ),
    # -- letters and templates --------------------------------------------------------------------------------------
    "unknown-letter": Message(
        zh="没有“{name}”这种文书，应为：{words}",
        en="there is no letter `{name}`, expected one of {words}",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "template-folder": Message(
        zh="没有这个文件夹",
        en="there is no such folder",
        help_zh="--template 后面写存放模板的文件夹",
        help_en="--template takes the folder of the templates",
    ),
    "template-none": Message(
        zh="这个文件夹里没有可用的模板，例如“{name}”",
        en="nothing in this folder has the name of a template, for example `{name}`",
        help_zh="文件名与 reports/ 里的相同的，代替那里的模板；见 reports/README.md",
        help_en="a file of the same name as one in reports/ takes its place; see reports/README.md",
    ),
    "template-name": Message(
        zh="没有“{name}”这个名称",
        en="there is no name `{name}`",
        help_zh="是不是“{nearest}”？\n可用的名称：{words}",
        help_en="did you mean `{nearest}`?\nthere are: {words}",
    ),
    "template-missing": Message(
        zh="没有“{name}”这个模板，或者它不在允许的文件夹里",
        en="there is no template `{name}`, or it is not in a permitted folder",
        help_zh="只能使用自己的模板文件夹和随程序提供的模板，不写 .. 和绝对路径",
        help_en="only the folder of the templates and the shipped ones can be used, without .. and absolute paths",
    ),
    "template-syntax": Message(
        zh="模板写法有误：{reason}",
        en="this is no Jinja: {reason}",
    ),
    "template-refused": Message(
        zh="模板里不允许这样做：{reason}",
        en="a template must not do this: {reason}",
        help_zh="模板只能读取给它的数据",
        help_en="a template can only read what it is given",
    ),
    "template-too-large": Message(
        zh="模板产生的文字或者数太大",
        en="the template makes too long a text or too large a number",
        help_zh="检查循环的次数和乘法",
        help_en="look at the loops and products",
    ),
    "template-too-deep": Message(
        zh="模板层层引用，没有尽头",
        en="the templates contain each other without end",
        help_zh="检查 include、extends 和宏是否引用自己",
        help_en="see whether an include, extends or macro leads to itself",
    ),
    "template-stopped": Message(
        zh="模板用时过长或者占用内存过多，已经停止（最多 {seconds} 秒）",
        en="the template took too long or too much memory and was stopped (at most {seconds} seconds)",
        help_zh="检查循环的次数",
        help_en="look at the loops",
    ),
    "template-no-word": Message(
        zh="不是 Word 文件（.docx）",
        en="this is no Word document (.docx)",
    ),
    "template-failed": Message(
        zh="这里无法计算：{reason}",
        en="this can't be worked out: {reason}",
    ),
    # -- calculator --------------------------------------------------------------------------------------------------
    "deadline-not-object": Message(
        zh="应为含 start 和 period 的 JSON 对象",
        en="expected a JSON object with start and period",
        help_zh='例如 {{"start": "2024-02-02", "period": "10个工作日"}}',
        help_en='for example {{"start": "2024-02-02", "period": "10 working days"}}',
    ),
    "deadline-key-missing": Message(
        zh="缺少“{key}”",
        en="`{key}` is missing",
        help_zh='例如 {{"start": "2024-02-02", "period": "10个工作日"}}',
        help_en='for example {{"start": "2024-02-02", "period": "10 working days"}}',
    ),
    "deadline-key-unknown": Message(
        zh="没有“{found}”这个键",
        en="there is no key `{found}`",
        help_zh="是不是“{nearest}”？",
        help_en="did you mean `{nearest}`?",
    ),
    "deadline-text": Message(
        zh="“{key}”的值应为文本",
        en="the value of `{key}` is not a text",
        help_zh="给值加上双引号",
        help_en="put the value in double quotes",
    ),
    "deadline-roll": Message(
        zh="roll 是“{found}”，应为 true 或 false",
        en="roll is `{found}`, expected true or false",
        help_zh="true：最后一天是休息日的顺延到下一个工作日；false：不顺延",
        help_en="true: a period that would end on a rest day ends on the next working day; false: it doesn't",
    ),
    "deadline-start-coarse": Message(
        zh="起算时间“{found}”不够具体，应为某一天或某一时刻",
        en="the start `{found}` is too coarse, expected a day or a time",
        help_zh="分别计算最早和最晚的可能日期",
        help_en="count from the earliest and from the latest possible day",
    ),
    "deadline-start-hour": Message(
        zh="以小时、分钟计算的期间需要起算时刻，“{found}”只有日期",
        en="a period of hours or minutes needs the time of day, `{found}` is only a day",
        help_zh="写成 {found}T15:20",
        help_en="write {found}T15:20",
    ),
    "deadline-beyond-9999": Message(
        zh="“{found}”算到了公元 9999 年以后",
        en="`{found}` ends after the year 9999",
    ),
}
"""The sentence of every problem code. A test compares it with the codes that the modules use."""

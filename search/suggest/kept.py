"""What no correction may replace: names, and words that say which part of the body, which illness, which drug.

Another one of the same kind is no better reading but another question: 宁远 is not 住院, 沪惠保 not 医惠保, 痛风 is
not 通风. Places are those of the gazetteer, at any level and by any name; insurance words those of the lexicon; of
jieba's dictionary those whose characters say that they are of the body, an illness or a drug. A product is told by its
pattern.
"""

from __future__ import annotations

import re
from itertools import pairwise

from ..model import Span
from ..text import Token, is_word, query_words
from ..text.lexicon import lexicon, places

_MOST_PARTS = 4
"""A name is looked for in so many words side by side."""
_BODY = "肝胆脾肺肾胃肠脑骨髓眼耳鼻喉咽舌牙齿颈肩腰腹胸臂肘腕腿膝脚踝肤乳腺膀胱宫卵巢胰"
_ILLNESS = "病炎癌瘤疮疹痛癣痔肿疟痨瘫痹瘙痒癫痫疝痢"
_MEDICAL_CHARACTERS = frozenset(_BODY + _ILLNESS)
_MEDICAL = re.compile(
    rf"[{_BODY}{_ILLNESS}]|心[脏肌律血绞梗]|冠心|血[压糖脂栓友]|症\Z|综合征|"
    r"(?:霉素|头孢|西林|沙星|沙坦|他汀|洛尔|地平|普利|双胍|格列|列汀|拉唑|康唑|替丁|替尼|单抗|胰岛|激素|疫苗|胶囊|阿司匹林|"
    r"布洛芬|米松|奈德|泼尼松|吗啡|肝素|维生素)|[药丸膏剂]\Z|(?<=..)[素肽唑胺酮酸钠芬]\Z"
)
"""Characters and endings of such words. The stems of drugs are those of the Chinese approved names (药品通用名)."""
_REGIONS = (
    "京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤桂琼川蜀贵黔云滇陕秦甘陇青藏宁蒙新疆港澳台"  # short for provinces
    "甬穗蓉榕鹭杭深汉郑昆筑邕"  # … and for cities
)
_PRODUCT = re.compile(
    rf"[\u4e00-\u9fff]?惠[\u4e00-\u9fff]{{0,2}}[保宝]|[{_REGIONS}](?![医社农职居低参劳生养])[\u4e00-\u9fffa-z][保康宝]"
)
"""The city products: 沪惠保, 惠蓉保, 京惠保, 穗岁康. Their names are made up: nothing tells a right one from a slip."""

_DENIAL = re.compile(
    "[不没未无别勿](?=[交缴报补办用能会要该必可去住看买上转开续够到满参退领给算付备扣享激绑存打出换查停断认管])"
)
"""What says that something is not done, before what people do about insurance."""


def kept_spans(bare: str) -> list[Span]:
    """Return the stretches of a folded query that are such names and words; not those of products."""
    words = query_words(bare)
    return [
        (group[0].start, group[-1].end)
        for first in range(len(words))
        for group in _groups(words[first : first + _MOST_PARTS])
        if _is_kept("".join(word.text for word in group))
    ]


def product_spans(bare: str) -> list[Span]:
    """Return the stretches of a folded query that look like the name of a city product."""
    return [match.span() for match in _PRODUCT.finditer(bare)]


def denials(bare: str) -> list[int]:
    """Return where a folded query says that something is not done: 不缴 may be 补缴, or the very opposite."""
    return [match.start() for match in _DENIAL.finditer(bare)]


def says_another(typed: str, word: str) -> bool:
    """Tell whether a word names a part of the body or an illness, and not the one that was typed (脚干, 乙肝)."""
    return bool(_MEDICAL.search(word)) and not (_MEDICAL_CHARACTERS & set(typed)) <= set(word)


def _groups(words: list[Token]) -> list[list[Token]]:
    """Return the words from the first on that stand side by side."""
    groups = [words[:length] for length in range(1, len(words) + 1)]
    return [group for group in groups if all(one.end == other.start for one, other in pairwise(group))]


def _is_kept(word: str) -> bool:
    if len(word) < 2:
        return False
    return word in places() or word in lexicon() or (is_word(word) and bool(_MEDICAL.search(word)))

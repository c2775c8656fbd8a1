"""Which way a text about care elsewhere looks: out of the place that it names, or into it.

北京医保在外地 is asked by those who are insured in 北京, 外地医保在北京 by all others: one is no answer to the other.
"""

from __future__ import annotations

import re

from ..model import Direction

_ELSEWHERE = "(?:外地|异地|外省|外市|省外|市外|跨省|[其别]他?的?省)"
_SCHEME = "(?:医保|社保|医疗保险|新农合|合作医疗|统筹)"
_OUT = re.compile(
    rf"[在去到往]了?{_ELSEWHERE}(?!的?(?:[交缴买]|参保))"  # 在外地看病, but not 在外地参保的
    rf"|{_SCHEME}[^是给,。?!]{{0,9}}{_ELSEWHERE}"  # 医保卡可以异地使用, but not 医保是外地的
    r"|出[省市]"
)
_INTO = re.compile(
    rf"[来进赴][京沪津渝粤](?!东|剧)|{_ELSEWHERE}的?(?:参保)?(?:人|户口|户籍|患者|病人)"
    # 异地医保 alone is also what the whole matter is called; not so 异地医保卡, 异地医保怎么在北京用.
    rf"|{_ELSEWHERE}的?[城乡镇居民职工农村]*{_SCHEME}(?:[卡码]|(?=[能可以怎么样如何]*[在到来去]))"
    rf"|从{_ELSEWHERE}|{_SCHEME}[卡码]?是{_ELSEWHERE}"
)


def direction(folded: str) -> Direction | None:
    """Return which way a folded title or query looks; None if it does not say."""
    if _OUT.search(folded):
        return "out"
    return "into" if _INTO.search(folded) else None

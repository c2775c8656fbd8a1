"""A small collection of known records for the tests of page, endpoint and browser, and an app that serves it."""

import json
from pathlib import Path

from flask import Flask

from webui import Settings, create_app

CITIES = {
    "黑河市": "黑龙江省",
    "哈尔滨市": "黑龙江省",
    "长春市": "吉林省",
    "沈阳市": "辽宁省",
    "烟台市": "山东省",
    "南京市": "江苏省",
    "杭州市": "浙江省",
    "广州市": "广东省",
    "成都市": "四川省",
    "昆明市": "云南省",
    "武汉市": "湖北省",
    "长沙市": "湖南省",
}
HOSTILE_TITLE = "<script>document.title='坏'</script>\"引号\"与&备案"
HOSTILE_TEXT = "登记时写<img src=x onerror=alert(1)>也只是字。</main>备案<!--后面-->还在。"

_CARD = """---
title: 医保卡丢了怎么办
date: 2025-05-01
province: []
city: []
insurance: []
topic: [医保卡与电子凭证]
source: 测试编辑部
url: https://example.org/card
---

卡丢了不要慌，分两步走。

## 先挂失

打12393电话挂失，当场生效。

- 说出姓名
- 说出证件号码

## 再补办

带身份证到窗口补办新卡。
"""


def records() -> list[dict[str, object]]:
    """12 articles on 缴费, one a city, one day apart; one of a province; a national one; a hostile one; a teaser."""
    paid = [
        {
            "id": f"pay/{number}",
            "title": f"{city.removesuffix('市')}居民医保缴费时间",
            "text": f"{city}城乡居民的集中缴费从九月开始。错过了时间要自己承担等待期。",
            "date": f"2025-01-{number:02}",
            "province": province,
            "city": city,
            "insurance": "居民医保",
            "topic": "参保缴费",
            "source": "测试编辑部",
        }
        for number, (city, province) in enumerate(CITIES.items(), start=1)
    ]
    none: dict[str, object] = {"province": [], "city": [], "insurance": []}
    return [
        *paid,
        {
            "id": "national",
            "title": "异地就医备案怎么办理",
            "text": "先备案再看病。备案可以在手机上办理。",
            "date": "2025-02-01",
            "topic": "异地就医",
            **none,
        },
        {
            "id": "heilongjiang",
            "title": "黑龙江住院起付线是多少",
            "text": "全省统一，医院等级不同，数字不同。",
            "date": "2024-12-01",
            "province": "黑龙江省",
            "city": [],
            "insurance": [],
            "topic": "住院",
        },
        {"id": "hostile", "title": HOSTILE_TITLE, "text": HOSTILE_TEXT, "topic": "其他", **none},
        {
            "id": "list.txt/1",
            "kind": "teaser",
            "title": "黑河补牙能报销吗",
            "text": "补牙属于治疗的部分可以报销。",
            "date": "2025-03-01",
            "province": "黑龙江省",
            "city": "黑河市",
            "insurance": ["职工医保", "居民医保"],
            "topic": "口腔",
        },
    ]


TOTAL = len(records()) + 1


LONG_TITLE = (
    "关于进一步做好城乡居民基本医疗保险参保缴费工作并同步调整门诊慢特病待遇享受期及异地就医直接结算备案流程的补充通知"
)
LONG_WORD = "A" * 120


def extremes() -> list[dict[str, object]]:
    """What strains a page: an article for every city there is, long titles without a break, and 300 kB in one piece."""
    from search import province_of, values

    everywhere = [
        {
            "id": f"in/{number}",
            "title": f"{city}缴费",
            "text": "按时缴费。",
            "province": province_of(city),
            "city": city,
        }
        for number, city in enumerate(values("city"))
    ]
    chapter = "参保人员应当按时缴费，逾期缴费的要承担等待期，缴费记录可以查询。" * 8
    facets = {"insurance": list(values("insurance"))[:5], "topic": list(values("topic"))[:3]}
    return [
        *everywhere,
        {"id": "title", "title": LONG_TITLE, "text": "通知。", "source": "自治州医疗保险经办中心" * 4, **facets},
        {"id": "word", "title": LONG_WORD, "text": "https://example.org/" + "x" * 300},
        {"id": "line", "title": "一行到底", "text": "没有标点的字" * 3000},
        {"id": "huge", "title": "全文缴费", "text": "\n\n".join(f"## 第{n}章 缴费\n\n{chapter}" for n in range(380))},
    ]


def build_index(folder: Path, made: list[dict[str, object]] | None = None) -> Path:
    """Write `made`, or else the records and the card, below `folder` and return a fresh index directory of them."""
    from search.indexing.build import reindex

    source = folder / "source"
    source.mkdir()
    lines = (json.dumps(record, ensure_ascii=False) for record in made or records())
    (source / "records.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if made is None:
        (source / "card.md").write_text(_CARD, encoding="utf-8")
    reindex([source], folder / "index")
    return folder / "index"


def make_app(folder: Path, made: list[dict[str, object]] | None = None) -> Flask:
    """Return an app that serves the records, or those that are `made`."""
    return create_app(Settings(index_dir=build_index(folder, made)))

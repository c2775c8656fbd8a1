"""Every Chinese sentence and label that the program puts on a page, by its code; templates keep their own layout words.

The sentences of the library (notes, refused parameters) stand in `search.messages`. Knows no value and no page.
"""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: Mapping[str, str] = {
    "site": "医保搜索",
    "site-description": "按省份、城市、险种和主题查找各地医保政策与办事问答",
    # Ways from a page to another.
    "home": "回到首页",
    "all-articles": "全部文章",
    "back-to-results": "返回搜索结果",
    "first-page": "看第 1 页",
    "last-page": "看最后一页（第 {last} 页）",
    # Errors that bring their own sentence along.
    "refused": "这样搜不了",
    "no-such-page": "没有这一页",
    # What was asked for, and how much there is.
    "found": "{what}的 {total} 篇",
    "found-all": "全部 {total} 篇",
    "found-rest": "{said}。按其余的词找到 {total} 篇",
    "total": "共 {total} 篇",
    "none": "没有找到",
    "not-found": "没有找到{what}的文章",
    "not-written": "这里还没有讲“{text}”的文章",
    "not-found-in-days": "没有找到文章",
    "empty": "这里还没有文章",
    "about": "关于“{text}”",
    "about-among": "“{filters}”中关于“{text}”",
    "applies-in": "适用于{place}",
    "from-to": "{first} 至 {last}",
    "from": "{first} 起",
    "to": "{last} 止",
    "range": "第 {first}–{last} 篇",
    # From when on an official text holds, and what came after it.
    "effective": "施行日期",
    "expires": "有效期至",
    "superseded-by": "有新版",
    "repealed-by": "已被废止，见",
    "took-place-of": "旧版",
    # How old an article is that does not say so.
    "aged": "{year} 年的，可能已变",
    # Order and days.
    "sort-relevance": "最相关",
    "sort-newest": "最新",
    "sort-oldest": "最早",
    "in-year": "{year}",
    "past-five-years": "近五年",
    "days-not-used": "日期条件没有用上。",
    "explain": "为什么这样排",
    "explain-no-more": "不再说明排序",
    # One place, or all that applies there.
    "place-alone": "只看{place}本地的",
    "place-and-wider": "也看{wider}",
    "wider-than-city": "{province}{whole}和全国通用的",
    "wider-than-municipality": "全国通用的",
    "whole-province": "全省",
    "whole-region": "全区",
    "this-city": "本市",
    "anywhere": "通用",
    # Filters.
    "facet-of": "{value}的{facet}",
    # Lines around the results.
    "text-cut": "文字太长，只按前 {most} 个字搜索。",
    "listed-apart": "相似的文章分开列出了。",
    "collapse": "合并相似的",
    "as-typed": "仍按输入的字搜",
    "of-place": "看{place}的文章",
    "did-you-mean": "您是不是要找：",
    "only": "只看：",
    "of-year": "{year} 年的",
    "document-number": "文号{number}",
    "also-searched": "也搜索了：{words}",
    "not-these": "不搜这些",
    # What a result does not hold.
    "lacks": "缺{words}",
    "only-part": "以下只含部分词",
    # What would bring more.
    "any-facet": "不限{facet}",
    "without": "去掉“{part}”",
    "only-filter": "只留“{part}”",
    "only-facet": "只留{facet}",
    "without-quotes": "去掉引号",
    "exclude-nothing": "不排除任何词",
    "any-text": "只按筛选条件看",
    "without-filters": "去掉全部筛选",
    "all-of-place": "看{place}的全部文章",
    # Why a result stands where it does.
    "why-word-in-title": "标题有{words}",
    "why-word-in-text": "正文有{words}",
    "why-alike": "字句与问题相近",
    "why-title-alike": "标题与问题相近",
    "why-facet": "讲的是{named}",
    "why-anywhere": "各地通用",
    "why-no-other-place": "不涉及别处",
    "why-no-other-insurance": "不涉及别的险种",
    "why-named": "就是这个名称",
    "why-cited": "别的文章引用它",
    "why-whole": "是全文",
    # The telephone.
    "hotline-number": "12393",
    "hotline-name": "医保服务热线",
    "answer-why": "答案按这些词选出：{words}",
    # One article.
    "teaser": "摘要",
    "original": "打开原文件（{kind}，{size}）",
    "original-of-no-kind": "打开原文件（{size}）",
    "pinned": "置顶",
    # Whether it helped.
    "lapsed": "{status}：下面写的不是现在的规定。",
    "thanks": "谢谢，已经记下",
    "back-to-article": "回到《{title}》",
    "reason-outdated": "过时了",
    "reason-unclear": "看不懂",
    "reason-elsewhere": "不是我这里的",
    "reason-lacking": "没有我要的",
    # The start page.
    "provinces": "{total} 个省份",
    "cities": "{total} 个城市",
    "newest": "最新 {day}",
    # Coverage.
    "coverage": "{where}收录情况",
    "coverage-of-country": "全部 {total} 篇。点数字看文章，点地名看各市。",
    "coverage-of-province": "{where} {total} 篇。点数字看文章。",
    "coverage-whole": "全国收录情况",
    # Two places side by side.
    "compare": "对比",
    "side-by-side": "并排对比",
    "compare-places": "{a} 与 {b}",
    "all-of-province": "{province}（全部）",
}

EXAMPLES = (
    "补牙能报销吗",
    "异地就医怎么备案",
    "医保断缴几个月有影响",
    "门诊慢特病怎么申请",
    "家庭共济怎么绑定",
    "生育津贴怎么算",
)
"""Questions that the start page offers where they have an answer."""

CALLING = ("电话", "热线", "12393", "人工", "客服", "拨打", "打给谁", "咨询谁", "投诉")
"""What a text has that asks for somebody to talk to."""

_MOVED = ("没有这一页", "地址可能写错了，或者文章已经更新。换个词搜一搜，也许就能找到。")
_LONG = ("地址太长", "请缩短要搜的文字，或少选几个条件。")
_AWAY = ("暂时不能搜索", "服务正在维护，请过一会儿再试。")
OVERLOADED = ("暂时搜不了", "搜索服务器这会儿没有回应，请过几秒再试一次。")
"""Heading and sentence where the cluster that holds the index does not answer."""
ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("这个请求看不懂", "请检查地址，或者重新搜索。"),
    403: ("这里不能看", "请从搜索页重新开始。"),
    404: _MOVED,
    405: ("不支持这种请求", "请从搜索页重新开始。"),
    408: ("等得太久了", "网络可能不太顺，请再试一次。"),
    410: _MOVED,
    413: ("发来的内容太大", "这里只查询，不收文件。请重新搜索。"),
    414: _LONG,
    429: ("请求太频繁", "请等一分钟再试。"),
    431: _LONG,
    500: ("出错了", "不是您的问题，我们这边出了差错。请稍后再试。"),
    502: _AWAY,
    503: _AWAY,
    504: _AWAY,
}
"""Heading and sentence of an error page, by status, also of those that only a limiter or a proxy in front brings."""


def say(code: str, **values: object) -> str:
    """Return the text of a code, its gaps filled with `values`. KeyError for an unknown code or a missing value."""
    return TEXTS[code].format_map(values)

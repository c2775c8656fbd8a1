"""The gazetteer and the place finder: counts, names, and the traps of Chinese place names."""

from __future__ import annotations

from collections import Counter

import pytest

from search.errors import UserError
from search.facets import classify, label, province_of, resolve, values
from search.gazetteer import find_places, place_names
from search.gazetteer.divisions import gazetteer
from search.model import UNSTATED, Article, Named
from search.text import fold

Local = tuple[tuple[str, ...], tuple[str, ...]]


def local(title: str, text: str = "") -> Local:
    """Provinces and cities of an article with this title and text."""
    facets = classify(Article(id="a", kind="article", title=title, text=text)).facets
    return facets["province"], facets["city"]


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_gazetteer_is_complete() -> None:
    levels = Counter(unit.level for unit in gazetteer().units)
    assert levels["province"] == 34
    assert levels["city"] == 333
    assert levels["county"] + levels["direct"] == 2847
    assert levels["pool"] == 2


def test_codes_are_unique_and_every_unit_lies_in_a_province() -> None:
    units = gazetteer().units
    provinces = {unit.official for unit in units if unit.level == "province"}
    assert len({unit.code for unit in units}) == len(units)
    assert {unit.province for unit in units} == provinces


def test_no_two_values_of_a_facet_share_a_label() -> None:
    for facet in ("province", "city"):
        labels = [label(facet, value) for value in values(facet)]
        assert len(labels) == len(set(labels))


def test_municipalities_and_special_regions_have_no_city() -> None:
    for province in ("北京市", "天津市", "上海市", "重庆市", "香港特别行政区", "澳门特别行政区"):
        assert province in values("province")
        assert province not in values("city")
        assert not [city for city in values("city") if province_of(city) == province]


def test_values_are_in_code_order() -> None:
    assert values("province")[:3] == ("北京市", "天津市", "河北省")
    assert values("city")[:2] == ("石家庄市", "唐山市")
    assert values("city")[-1] == "新疆生产建设兵团"


@pytest.mark.parametrize(
    ("value", "short"),
    [
        ("黑龙江省", "黑龙江"),
        ("新疆维吾尔自治区", "新疆"),
        ("香港特别行政区", "香港"),
        ("北京市", "北京"),
    ],
)
def test_province_labels(value: str, short: str) -> None:
    assert label("province", value) == short


@pytest.mark.parametrize(
    ("value", "short", "province"),
    [
        ("大兴安岭地区", "大兴安岭", "黑龙江省"),
        ("海北藏族自治州", "海北州", "青海省"),
        ("海南藏族自治州", "海南州", "青海省"),
        ("黔西南布依族苗族自治州", "黔西南州", "贵州省"),
        ("锡林郭勒盟", "锡林郭勒", "内蒙古自治区"),
        ("神农架林区", "神农架", "湖北省"),
        ("琼中黎族苗族自治县", "琼中", "海南省"),
        ("新疆生产建设兵团", "兵团", "新疆维吾尔自治区"),
    ],
)
def test_city_labels_and_provinces(value: str, short: str, province: str) -> None:
    assert label("city", value) == short
    assert province_of(value) == province


def test_labels_of_other_values_come_back_as_they_are() -> None:
    assert label("province", UNSTATED) == UNSTATED
    assert label("insurance", "职工医保") == "职工医保"


def test_place_names_carry_old_names_and_no_single_characters() -> None:
    names = place_names()
    assert {"襄樊", "昌都地区", "黑河市", "黑河", "思茅市", "呼兰县"} <= set(names)
    assert all(len(name) >= 2 for name in names)
    assert len(names) == len(set(names))


# --- resolve --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facet", "raw", "official"),
    [
        ("province", "黑龙江", "黑龙江省"),
        ("province", "黑龙江省", "黑龙江省"),
        ("province", "230000", "黑龙江省"),
        ("province", "黑龍江", "黑龙江省"),
        ("province", "内蒙", "内蒙古自治区"),
        ("province", " 未注明 ", UNSTATED),
        ("city", "黑河", "黑河市"),
        ("city", "231100", "黑河市"),
        ("city", "２３１１００", "黑河市"),
        ("city", "海北州", "海北藏族自治州"),
        ("city", "恩施", "恩施土家族苗族自治州"),
        ("city", "襄樊", "襄阳市"),
        ("city", "昌都地区", "昌都市"),
        ("city", "朝阳", "朝阳市"),
        ("city", "吉林", "吉林市"),
        ("city", "仙桃", "仙桃市"),
        ("city", "龙口市", "烟台市"),
        ("city", "晋宁", "昆明市"),
        ("city", "未注明", UNSTATED),
    ],
)
def test_resolve_gives_the_official_name(facet: str, raw: str, official: str) -> None:
    assert resolve(facet, raw) == official


@pytest.mark.parametrize(
    ("facet", "raw"),
    [
        ("province", "火星省"),
        ("province", "烟台市"),
        ("city", "北京"),
        ("city", "朝阳区"),
        ("city", "鼓楼区"),
        ("city", "999999"),
        ("city", ""),
        ("city", "<script>"),
        ("topic", "未注明"),
        ("colour", "红"),
    ],
)
def test_resolve_refuses_what_it_does_not_know(facet: str, raw: str) -> None:
    with pytest.raises(UserError) as caught:
        resolve(facet, raw)
    assert caught.value.field == facet
    assert caught.value.message
    assert caught.value.detail.isprintable()


# --- places in queries ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("补牙 黑河", [Named("city", "黑河市", "黑河", 3, 5)]),
        ("外省人来京看病", [Named("province", "北京市", "北京", 3, 5)]),
        ("现在京东买药", []),
        ("在津贴发放前", []),
        ("沈阳大病报销", [Named("city", "沈阳市", "沈阳", 0, 2)]),
        ("黑龙江黑河补牙", [Named("province", "黑龙江省", "黑龙江", 0, 3), Named("city", "黑河市", "黑河", 3, 5)]),
        ("晋宁 异地就医", [Named("city", "昆明市", "昆明", 0, 2, "晋宁")]),
        ("在昆山看病", [Named("city", "苏州市", "苏州", 1, 3, "昆山")]),
        ("北京朝阳区", [Named("province", "北京市", "北京", 0, 2), Named("province", "北京市", "北京", 2, 5, "朝阳")]),
        ("哈尔滨道外", [Named("city", "哈尔滨市", "哈尔滨", 0, 3), Named("city", "哈尔滨市", "哈尔滨", 3, 5, "道外")]),
        # A name that is a word too is the city where nothing contradicts; of its county inside it, and of others.
        *(
            (name, [Named("city", city, label, 0, len(name))])
            for name, city, label in (
                ("百色", "百色市", "百色"),
                ("普洱", "普洱市", "普洱"),
                ("凉山", "凉山彝族自治州", "凉山州"),
                ("山南看牙多少钱", "山南市", "山南"),
            )
            for name in [name[:2]]
        ),
        ("老家日照看牙", [Named("city", "日照市", "日照", 2, 4)]),
        ("日照时间长", []),
        (
            "无锡江阴 大庆",
            [
                Named("city", "无锡市", "无锡", 0, 2),
                Named("city", "无锡市", "无锡", 2, 4, "江阴"),
                Named("city", "大庆市", "大庆", 5, 7),
            ],
        ),
        ("大连中山", [Named("city", "大连市", "大连", 0, 2), Named("city", "大连市", "大连", 2, 4, "中山")]),
        # A part of another name is no place, but a place may follow a place.
        ("四川美食街看病", []),
        ("河南城", []),
        # Words that begin like a county, right after the province it is in.
        ("山东惠民保", [Named("province", "山东省", "山东", 0, 2)]),
        ("山东惠民政策", [Named("province", "山东省", "山东", 0, 2)]),
        ("山东惠民医保", [Named("province", "山东省", "山东", 0, 2), Named("city", "滨州市", "滨州", 2, 4, "惠民")]),
        ("重庆长寿补贴", [Named("province", "重庆市", "重庆", 0, 2)]),
        ("山东市中心", [Named("province", "山东省", "山东", 0, 2)]),
        ("湖北新村", []),
        ("北京城乡居民", [Named("province", "北京市", "北京", 0, 2)]),
        ("河南村医养老", [Named("province", "河南省", "河南", 0, 2)]),
        ("天津河南医保", [Named("province", "天津市", "天津", 0, 2), Named("province", "河南省", "河南", 2, 4)]),
        ("松花江西岸", []),
        # The one character of a province, before what belongs to it.
        ("渝医保", [Named("province", "重庆市", "重庆", 0, 1)]),
        ("在闽参保", []),
        ("新医保", []),
        ("烟台 烟台市", [Named("city", "烟台市", "烟台", 0, 2)]),
        ("瀋陽 醫保", [Named("city", "沈阳市", "沈阳", 0, 2)]),
        ("外地医保卡异地备案", []),
        ("和平 医保", []),
        ("合作医疗 公安 资源", []),
        ("", []),
        ("海", []),
        ("\ud800<b>💊", []),
    ],
)
def test_find_places(query: str, expected: list[Named]) -> None:
    assert find_places(fold(query)) == expected


# --- traps ----------------------------------------------------------------------------------------------------------

NOWHERE: Local = ((), ())


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        # one name, two levels
        ("吉林市补牙医保能报吗", (("吉林省",), ("吉林市",))),
        ("吉林省补牙医保能报吗", (("吉林省",), ())),
        ("吉林补牙医保能报吗", (("吉林省",), ())),
        ("2025吉林吉林补牙医保能报吗", (("吉林省",), ("吉林市",))),
        ("海南省异地就医备案", (("海南省",), ())),
        ("海南异地就医备案", (("海南省",), ())),
        ("海南州异地就医备案", (("青海省",), ("海南藏族自治州",))),
        ("青海海南医保断交多久", (("青海省",), ("海南藏族自治州",))),
        ("2025年青海海北医保断交多久", (("青海省",), ("海北藏族自治州",))),
        ("朝阳市居民医保缴费", (("辽宁省",), ("朝阳市",))),
        ("辽宁朝阳居民医保缴费", (("辽宁省",), ("朝阳市",))),
        ("北京朝阳居民医保缴费", (("北京市",), ())),
        ("北京市朝阳区居民医保缴费", (("北京市",), ())),
        ("长春市朝阳区居民医保缴费", (("吉林省",), ("长春市",))),
        ("朝阳区居民医保缴费", NOWHERE),
        ("天津河北医保互认", (("天津市", "河北省"), ())),
        ("天津市河北区医保局电话", (("天津市",), ())),
        # one name, several counties
        ("通州区医保局电话", NOWHERE),
        ("北京通州医保局电话", (("北京市",), ())),
        ("南通市通州区医保局电话", (("江苏省",), ("南通市",))),
        ("鼓楼区医保中心在哪", NOWHERE),
        ("南京鼓楼区医保中心在哪", (("江苏省",), ("南京市",))),
        ("徐州市鼓楼区医保中心在哪", (("江苏省",), ("徐州市",))),
        ("福州鼓楼医保中心在哪", (("福建省",), ("福州市",))),
        ("开封市鼓楼区医保中心在哪", (("河南省",), ("开封市",))),
        # everyday words
        ("和平使用医保", NOWHERE),
        ("长安医院医保", NOWHERE),
        ("新城建设", NOWHERE),
        ("东方人的饮食", NOWHERE),
        ("宝山挖到宝", NOWHERE),
        ("白云和蓝天", NOWHERE),
        ("城中村参保", NOWHERE),
        ("农村合作医疗怎么报销", NOWHERE),
        ("公安机关协查骗保", NOWHERE),
        ("天津和平区居民医保", (("天津市",), ())),
        ("东方市居民医保缴费", (("海南省",), ("东方市",))),
        ("海南东方居民医保缴费", (("海南省",), ("东方市",))),
        ("日照居民医保缴费时间", (("山东省",), ("日照市",))),
        ("每天日照多久合适", NOWHERE),
        ("药品开封后能放多久", NOWHERE),
        # names inside other words
        ("大连湾海鲜怎么吃", NOWHERE),
        ("大连医保电话", (("辽宁省",), ("大连市",))),
        ("医保定点医院怎么选", NOWHERE),
        ("为确保定点药店合规", NOWHERE),
        ("经营口腔诊所要什么证", NOWHERE),
        ("东西安置在哪里", NOWHERE),
        ("西安医保电话", (("陕西省",), ("西安市",))),
        ("海南通用医保卡", (("海南省",), ())),
        ("中山大学附属医院挂号", NOWHERE),
        ("南京路上的药店", NOWHERE),
        ("广东中山医保缴费基数", (("广东省",), ("中山市",))),
        ("吃三明治会胖吗", NOWHERE),
        ("全国31个省份和新疆生产建设兵团都支持医保码", NOWHERE),
        ("马鞍山医保电话", (("安徽省",), ("马鞍山市",))),
        ("乌海市海南区医保局电话", (("内蒙古自治区",), ("乌海市",))),
        # counties lift, units governed by a province do not
        ("龙口市城镇化率", (("山东省",), ("烟台市",))),
        ("昆山医保报销比例", (("江苏省",), ("苏州市",))),
        ("玛纳斯县居民医保", (("新疆维吾尔自治区",), ("昌吉回族自治州",))),
        ("仙桃市居民医保", (("湖北省",), ("仙桃市",))),
        ("石河子市职工医保", (("新疆维吾尔自治区",), ("石河子市",))),
        ("新疆兵团职工医保", (("新疆维吾尔自治区",), ("新疆生产建设兵团",))),
        ("浦东新区医保中心", (("上海市",), ())),
        # old names
        ("襄樊医保电话", (("湖北省",), ("襄阳市",))),
        ("思茅市医保电话", (("云南省",), ("普洱市",))),
        ("郫县医保电话", (("四川省",), ("成都市",))),
        # pools of their own, and areas with a name of their own
        ("雄安新区城乡居民医保", (("河北省",), ("雄安新区",))),
        ("河北雄安职工医保报销比例", (("河北省",), ("雄安新区",))),
        ("杨凌示范区医保局电话", (("陕西省",), ("咸阳市",))),
        ("横琴粤澳深度合作区参保", (("广东省",), ("珠海市",))),
        # people are no place
        ("上海市台湾同胞投资权益保护规定", (("上海市",), ())),
        ("香港居民在深圳怎么参加医保", (("广东省",), ("深圳市",))),
        ("台湾医保卡", (("台湾省",), ())),
        # several
        ("烟台医保卡与青岛医保卡的区别", (("山东省",), ("烟台市", "青岛市"))),
        ("黑龙江医保卡在北京能用吗", (("黑龙江省", "北京市"), ())),
        # traditional characters, full width
        ("黑龍江黑河補牙醫保能報銷嗎", (("黑龙江省",), ("黑河市",))),
    ],
)
def test_titles(title: str, expected: Local) -> None:
    assert local(title) == expected


def test_a_title_beats_the_text() -> None:
    text = "青海西宁的推荐医院如下。西宁市第一人民医院,在西宁市城西区。西宁何氏眼科医院。"
    assert local("青海海西治疗青光眼哪个医院比较好", text) == (("青海省",), ("海西蒙古族藏族自治州",))


def test_a_city_after_its_province_is_named_once() -> None:
    assert local("医保政策减轻负担", "新年后,浙江宁波居民汪先生去医院开药,发现药价降了。") == NOWHERE
    assert local("医保政策减轻负担", "新年后,浙江宁波调整政策。宁波市民可以刷卡。") == (("浙江省",), ("宁波市",))


def test_the_other_provinces_of_a_local_article_are_not_its_subject() -> None:
    text = "其他省份的医保卡可以在黑龙江使用,例如北京、上海、广东的参保人。"
    assert local("黑龙江医保卡怎么全国通用", text) == (("黑龙江省",), ())


@pytest.mark.parametrize(
    "text",
    [
        "年度支付限额统一提高,适用于所有市州(包括湘潭、岳阳、永州等6个湖南省市州)。",
        "各地标准不同,例如青岛市一档482元,烟台市一档480元;又如石家庄市113元。",
        "北京、上海、广州、深圳等城市已经开通。北京、上海还支持门诊。",
        "缴费比例一般为6%-7%(如山东省2022年为7.5%)。",
        "可以通过粤医保小程序备案,并填写《广东省异地就医备案登记表》。",
        "家庭成员须参保。以北京为例,北京的参保人可以直接结算。",
    ],
    ids=["list", "examples", "cities", "in brackets", "a form", "for example"],
)
def test_examples_do_not_make_a_national_article_local(text: str) -> None:
    assert local("医保门诊报销限额是多少", text) == NOWHERE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("根据石家庄市医保政策,断缴会影响报销。", (("河北省",), ("石家庄市",))),
        ("烟台市2025年度居民医保集中缴费期为9月至12月。", (("山东省",), ("烟台市",))),
        ("关于异地备案的说明。在贵州,备案可以在线上办理。贵州医保小程序首页有入口。", (("贵州省",), ())),
        ("云南省昆明市晋宁区的参保人可以就近办理。", (("云南省",), ("昆明市",))),
    ],
    ids=["its rules", "first word", "named again", "all three levels"],
)
def test_the_opening_speaks_when_the_title_names_no_place(text: str, expected: Local) -> None:
    assert local("医保断缴影响报销吗", text) == expected


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("晋宁在哪", "晋宁区隶属于云南省昆明市。", (("云南省",), ("昆明市",))),
        ("鼓楼区医保中心在哪", "南京市的参保人可到区医保中心办理。", (("江苏省",), ("南京市",))),
        ("鼓楼区医保中心在哪", "江苏省各地办理方式相同。", (("江苏省",), ())),
        ("天长医保电话", "天长市医保局位于安徽省滁州市。", (("安徽省",), ("滁州市",))),
        ("友好医院医保电话", "黑龙江省的参保人可以拨打。", (("黑龙江省",), ())),
    ],
    ids=[
        "own full name",
        "its city",
        "a province with two of them",
        "everyday word",
        "everyday word, only the province",
    ],
)
def test_the_text_supports_an_unclear_name_in_the_title(title: str, text: str, expected: Local) -> None:
    assert local(title, text) == expected


def test_evidence_points_into_the_original_text() -> None:
    article = classify(Article(id="a", kind="teaser", title="２０２５龙口市醫保", text=""))
    city = next(each for each in article.evidence if each.facet == "city")
    assert (city.value, city.field, article.title[city.start : city.end]) == ("烟台市", "title", "龙口市")
    assert "龙口市" in city.rule


def test_hostile_text_is_only_text() -> None:
    for text in ("\x00" * 3000, "\ud800" * 500, "省市县" * 1000, "))((]]", "北京" * 5000):
        assert classify(Article(id="a", kind="article", title=text, text=text)).facets["topic"]

"""Insurance types, topics and classification, against what a person would say with the scope tables in hand."""

from __future__ import annotations

import pytest

from search.errors import UserError
from search.facets import FACETS, classify, odd_metadata, resolve, values
from search.model import UNSTATED, Article, Section

ZHIGONG, JUMIN, LINGHUO, DABING = "职工医保", "居民医保", "灵活就业医保", "大病保险"


def article(title: str, text: str = "", **facets: tuple[str, ...]) -> Article:
    return Article(id="a", kind="article", title=title, text=text, facets=facets)


# --- labels written by hand -----------------------------------------------------------------------------------------

LABELLED = [
    # title, text, insurance, topics
    ("2025广东佛山种植牙医保能报销吗", "佛山种植牙一般不在医保范围。", (), ("口腔", "报销待遇")),
    ("成都住院起付线是多少", "", (), ("住院", "报销待遇")),
    ("武汉职工医保退休需要缴满多少年", "", (ZHIGONG,), ("参保缴费",)),
    ("苏州城乡居民医保缴费标准2026", "", (JUMIN,), ("参保缴费",)),
    ("新农合和职工医保可以同时交吗", "", (ZHIGONG, JUMIN), ("参保缴费",)),
    ("灵活就业人员参加职工医保每月交多少钱", "", (LINGHUO,), ("参保缴费",)),
    ("灵活就业医保和居民医保哪个划算", "", (JUMIN, LINGHUO), ("参保缴费",)),
    ("灵活就业人员养老保险缴费基数", "", ("养老保险",), ("参保缴费", "养老退休")),
    ("杭州大病保险起付线和报销比例", "", (DABING,), ("报销待遇",)),
    ("门诊大病怎么申请认定", "", (), ("门诊慢特病",)),
    ("深圳大病救助怎么申请", "", ("医疗救助",), ("报销流程",)),
    ("低保户住院报销多少", "", ("医疗救助",), ("住院", "报销待遇")),
    ("惠蓉保理赔需要什么材料", "", ("商业补充医保",), ("报销流程",)),
    ("沪惠保可以退保吗", "", ("商业补充医保",), ("参保缴费",)),
    ("烟台市民健康保保什么", "", ("商业补充医保",), ("报销待遇",)),
    ("北京普惠健康保怎么投保", "", ("商业补充医保",), ("参保缴费",)),
    ("百万医疗险报销范围", "", ("商业补充医保",), ("报销待遇",)),
    ("惠民县医保局电话", "", (), ("查询咨询",)),
    ("优惠参保时间", "", (), ("参保缴费",)),
    ("上海生育津贴怎么算", "", ("生育保险",), ("报销待遇", "生育")),
    ("男职工生育保险能报销哪些", "", ("生育保险",), ("生育", "报销待遇")),
    ("长护险失能评估流程", "", ("长期护理保险",), ("报销流程",)),
    ("工伤住院费用谁出", "", ("工伤保险",), ("住院",)),
    ("失业金领取条件", "", ("失业保险",), ("其他",)),
    ("退休人员医保个人账户每月返多少", "", (ZHIGONG,), ("个人账户与家庭共济",)),
    ("河南退休年龄最新规定", "", (), ("养老退休",)),
    ("2025年山东养老金计发基数", "", ("养老保险",), ("养老退休",)),
    ("医保断缴三个月还能报销吗", "", (), ("断缴补缴",)),
    ("职工医保断缴后多久恢复", "", (ZHIGONG,), ("断缴补缴",)),
    ("居民医保等待期是多久", "", (JUMIN,), ("断缴补缴",)),
    ("医保断缴影响报销比例吗", "", (), ("断缴补缴", "报销待遇")),
    ("异地就医备案怎么取消", "", (), ("异地就医",)),
    ("上海医保卡在苏州能用吗", "", (), ("异地就医",)),
    ("跨省住院直接结算报销比例", "", (), ("异地就医", "住院", "报销待遇")),
    ("转诊到外地医院怎么报销", "", (), ("异地就医", "报销流程")),
    ("在外地买药能刷医保吗", "", (), ("异地就医", "购药", "报销待遇")),
    ("老家的新农合在城里住院怎么报销", "", (JUMIN,), ("异地就医", "住院", "报销流程")),
    ("医保家庭共济可以跨省吗", "", (), ("个人账户与家庭共济",)),
    ("怎么给父母绑定亲情账户", "", (), ("个人账户与家庭共济",)),
    ("社保卡丢了怎么挂失补办", "", (), ("医保卡与电子凭证",)),
    ("医保码怎么激活", "", (), ("医保卡与电子凭证",)),
    ("第三代社保卡怎么换", "", (), ("医保卡与电子凭证",)),
    ("高血压门诊用药能报多少", "", (), ("门诊慢特病", "门诊", "购药")),
    ("门诊慢特病病种有哪些", "", (), ("门诊慢特病",)),
    ("门诊统筹报销限额", "", (), ("门诊", "报销待遇")),
    ("剖腹产住院医保报多少", "", (), ("生育", "住院", "报销待遇")),
    ("双通道药店在哪查", "", (), ("购药", "查询咨询")),
    ("网上看病开药可以走医保吗", "", (), ("互联网问诊", "购药", "报销待遇")),
    ("互联网医院可以用医保支付吗", "", (), ("互联网问诊", "报销待遇")),
    ("2025年河北保定治疗颈椎病的医院有哪些", "", (), ("就医指南",)),
    ("腰疼挂什么科", "", (), ("就医指南",)),
    ("肺结节哪个医院看得好排名", "", (), ("就医指南",)),
    ("郑州医保局电话是多少", "", (), ("查询咨询",)),
    ("医保缴费记录在哪个app查", "", (), ("参保缴费", "查询咨询")),
    ("手工报销需要哪些材料", "", (), ("报销流程",)),
    ("什么时候可以退休", "", (), ("养老退休",)),
    ("ct检查医保能报销吗", "", (), ("报销待遇",)),
    ("省医保和市医保的区别", "", (), ("参保缴费",)),
    ("医保参保证明怎么打印", "", (), ("查询咨询",)),
    ("住院押金可以退吗", "", (), ("住院",)),
    ("农保交了15年每月领多少", "", (), ("养老退休",)),
    ("2024年高考分数线", "", (), ("其他",)),
    ("苹果和梨能一起吃吗", "", (), ("其他",)),
    ("孕妇吃什么水果好", "", (), ("其他",)),
    ("城镇化率是什么意思", "", (), ("其他",)),
]


@pytest.mark.parametrize(("title", "text", "insurance", "topics"), LABELLED, ids=[each[0] for each in LABELLED])
def test_titles(title: str, text: str, insurance: tuple[str, ...], topics: tuple[str, ...]) -> None:
    facets = classify(article(title, text)).facets
    assert (set(facets["insurance"]), set(facets["topic"])) == (set(insurance), set(topics))


def test_topics_stand_in_the_order_the_title_asks() -> None:
    assert classify(article("异地门诊报销比例")).facets["topic"] == ("异地就医", "门诊", "报销待遇")
    assert classify(article("报销比例:异地门诊")).facets["topic"] == ("报销待遇", "异地就医", "门诊")


def test_at_most_three_topics() -> None:
    title = "异地住院报销比例、报销流程、断缴补缴、医保码激活和个人账户"
    assert len(classify(article(title)).facets["topic"]) == 3


# --- texts that nobody wrote the rules for, in our own words ---------------------------------------------------------

UNSEEN = [
    # other fields say 备案, 通用, 支付, 限额, 药品, 电话 and 报销 too
    ("网约车平台备案须知", "平台公司开业前向交通部门备案。", (), ()),
    ("地方性法规备案审查办法", "为规范备案审查,制定本办法。", (), ()),
    ("通用机场管理规定", "通用机场的使用许可由民航部门办理。", (), ()),
    ("建设工程款支付担保办法", "发包人应当提供支付担保。", (), ()),
    ("车船税每年要缴多少", "税额按排量计算。", (), ()),
    ("普通发票领用指南", "发票由税务机关发放。", (), ()),
    ("某罚款限额的决定", "罚款限额为十万元。", (), ()),
    ("药品生产监督管理办法", "从事药品生产应当取得许可。", (), ()),
    ("两国领导人通电话", "双方就贸易交换意见。", (), ()),
    ("葡萄牙总统访华", "双方举行会谈。", (), ()),
    ("创业补贴问答-某市人力资源和社会保障局网站", "补贴额度为一万元。", (), ()),
    ("车险一年能报销几次", "出险次数影响次年保费。", (), ()),
    ("货物运输险免赔多少", "按合同约定。", (), ()),
    ("终身寿险怎么退保", "犹豫期内全额退还保费。", (), ()),
    ("职业技能报国宣讲会", "青年工匠讲述经历。", (), ()),
    ("居家养老助餐服务办法", "为老年人提供助餐服务。", (), ()),
    ("某省人口与计划生育条例", "推行计划生育。", (), ()),
    # a mention of the field in the opening makes no text of it
    ("施工队伍用工备案规定", "施工单位应当为工人办理工伤保险。", (), ()),
    # a card has three names; a cared-for account too
    ("社会保障卡丢失后如何挂失", "", (), ("医保卡与电子凭证",)),
    ("孩子可以申领社会保障卡吗", "", (), ("医保卡与电子凭证",)),
    ("医保卡里有钱可以给父母买药吗", "", (), ("个人账户与家庭共济", "购药")),
    # one rule for both kinds of insured
    (
        "某县基本医疗保险住院待遇规定",
        "一级医院起付线:职工住院200元,居民住院100元。",
        (ZHIGONG, JUMIN),
        ("住院", "报销待遇"),
    ),
    ("某市医保门诊报销限额", "在职职工每年3000元,城乡居民支付限额400元,参保居民另有补助。", (ZHIGONG, JUMIN), None),
    ("某市医保目录调整", "可以用个人账户的钱给孩子缴纳居民医保。在职职工不受影响。", (), ("报销待遇",)),
    ("怎样领社保", "养老保险、失业保险、工伤保险、生育保险,养老保险和失业保险、工伤保险、生育保险。", (), None),
    # 门诊共济 is what outpatient care is paid from
    ("某市职工基本医疗保险门诊共济保障办法", "", (ZHIGONG,), ("门诊", "报销待遇")),
    ("城镇从业人员医疗保险普通门诊统筹", "", (ZHIGONG,), None),
    # old-age insurance is no 医保
    ("职工和居民养老保险待遇调整通知", "", ("养老保险",), None),
    ("城乡居民和企业职工养老保险如何衔接", "", ("养老保险",), None),
    ("农民工如何参加养老保险", "", ("养老保险",), ("参保缴费", "养老退休")),
    ("个人怎么买养老医疗保险", "", ("养老保险",), ("参保缴费", "养老退休")),
    ("新农合养老保险交多少", "", ("养老保险",), None),
    # what companies sell
    ("泰康大病险保哪些病", "", ("商业补充医保",), None),
    ("康惠保续保要体检吗", "", ("商业补充医保",), None),
    ("住院津贴保险赔多少天", "", ("商业补充医保",), None),
    ("大病保险和百万医疗险的区别", "", ("商业补充医保", DABING), ("参保缴费",)),
    ("商业保险与社保有什么不同点", "", ("商业补充医保",), ("参保缴费",)),
    ("机动车商业险怎么报销", "", (), ()),
    # to move an insurance is no care elsewhere
    ("社保跨省怎么转", "", (), ("参保缴费",)),
    ("去外地上班养老保险要不要转", "", ("养老保险",), None),
    ("外地人能不能在本地办理新农合", "", (JUMIN,), ("参保缴费",)),
    ("厦门医保泉州可以用吗", "", (), ("异地就医",)),
    ("不用垫付,异地就医直接结算", "", (), ("异地就医",)),
    ("在外院先垫付了怎么报销", "", (), ("报销流程",)),
    # who issues it is not what it says
    ("某市医疗保险中心关于公布停车位的通知", "车位共计十个。", (), ()),
    ("省内住院关于报销比例的疑问", "", (), ("住院", "报销待遇")),
]


@pytest.mark.parametrize(("title", "text", "insurance", "topics"), UNSEEN, ids=[each[0] for each in UNSEEN])
def test_unseen(title: str, text: str, insurance: tuple[str, ...], topics: tuple[str, ...] | None) -> None:
    facets = classify(article(title, text)).facets
    assert set(facets["insurance"]) == set(insurance)
    if topics is not None:
        assert set(facets["topic"]) == (set(topics) or {"其他"})


def test_the_opening_of_a_statute_goes_as_far_as_its_scope() -> None:
    letter = "现将办法印发给你们,请遵照执行。" * 30
    scope = "\n第二条 本办法适用于长期护理保险参保筹资、参保登记等活动。"
    topics = classify(article("长期护理保险试行办法", letter + scope)).facets["topic"]
    assert topics == ("参保缴费",)
    assert classify(article("长期护理保险试行办法", letter + "此外" + scope[4:])).facets["topic"] == ("其他",)


# --- when the title names no type -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025年城乡居民基本医疗保险个人缴费400元。居民医保集中缴费期到12月31日。", (JUMIN,)),
        ("职工医保85%,居民医保70%。职工医保:住院85%;居民医保:住院70%。", (ZHIGONG, JUMIN)),
        ("一、城乡居民医保门诊限额 2400元。二、职工医保门诊限额 因地而异。", (ZHIGONG, JUMIN)),
        ("可以用个人账户为近亲属缴纳居民医保,也可以自己用。", ()),
        ("医保报销要看医院级别。医保范围内的费用按比例支付。", ()),
        ("咨询养老保险、失业保险、工伤保险请拨打12333。", ()),
        ("", ()),
    ],
    ids=["repeated", "compared", "headings", "a mention", "only 医保", "a list", "empty"],
)
def test_the_opening_names_the_type(text: str, expected: tuple[str, ...]) -> None:
    assert classify(article("门诊报销限额", text)).facets["insurance"] == expected


def test_a_title_that_names_a_type_is_not_added_to() -> None:
    text = "参加城镇职工基本医疗保险、城乡居民基本医疗保险或新农合的人员。职工医保、居民医保、新农合都可以申请。"
    assert classify(article("大病二次报销政策", text)).facets["insurance"] == (DABING,)


def test_giving_birth_is_care_and_the_opening_says_who_pays() -> None:
    employees = "生育医疗费由生育保险基金支付,生育津贴按月工资计发。"
    residents = "城乡居民医保参保人生育,费用纳入居民医保统筹基金。"
    title = "2025四川南充生孩子可以报销哪些费用"
    assert classify(article(title, employees)).facets["insurance"] == ("生育保险",)
    assert classify(article(title, residents)).facets["insurance"] == (JUMIN,)


def test_section_headings_speak_for_a_long_article() -> None:
    text = "医保待遇分人群。" * 60 + "\n职工医保待遇\n略。\n居民医保待遇\n略。"
    start = text.index("职工医保待遇")
    middle = text.index("居民医保待遇")
    sections = (
        Section("职工医保待遇", 1, start, start + 7, middle, "a"),
        Section("居民医保待遇", 1, middle, middle + 7, len(text), "b"),
    )
    found = classify(Article(id="a", kind="article", title="医保住院待遇", text=text, sections=sections))
    assert found.facets["insurance"] == (ZHIGONG, JUMIN)


def test_the_opening_answers_what_a_title_about_care_asks() -> None:
    text = "年度最高支付限额由1000元提高到1500元,一级医院报销比例提高10个百分点。"
    assert classify(article("德州职工医保普通门诊新规定", text)).facets["topic"] == ("门诊", "报销待遇")


def test_an_opening_about_something_else_adds_no_topic() -> None:
    text = "查询报销比例、缴费标准、报销流程可以看统计年鉴。报销比例和缴费标准另见。"
    assert classify(article("龙口市城镇化率", text)).facets["topic"] == ("其他",)


# --- classify and what is odd ---------------------------------------------------------------------------------------


def test_every_value_has_evidence_inside_its_field() -> None:
    text = "根据石家庄市医保政策,城乡居民医保断缴影响报销。居民医保断缴后有等待期。"
    found = classify(article("医保断缴影响报销吗", text))
    told = {(each.facet, each.value) for each in found.evidence}
    assert told == {(key, value) for key in FACETS.stored.keys for value in found.facets[key]}
    fields = {"title": found.title, "text": found.text}
    for each in found.evidence:
        assert each.rule
        assert 0 <= each.start < each.end <= len(fields[each.field])
    city = next(each for each in found.evidence if each.facet == "city")
    assert found.text[city.start : city.end] == "石家庄市"


def test_stated_facets_are_made_official_and_win() -> None:
    stated = article(
        "黑河补牙医保能报销吗", province=("山东",), city=("烟台",), insurance=("新农合",), topic=("查询咨询",)
    )
    assert classify(stated).facets == {
        "province": ("山东省",),
        "city": ("烟台市",),
        "insurance": (JUMIN,),
        "topic": ("查询咨询",),
    }


def test_only_absent_facets_are_detected() -> None:
    found = classify(article("黑河补牙职工医保能报销吗", insurance=()))
    assert found.facets["insurance"] == ()
    assert found.facets["city"] == ("黑河市",)


def test_a_stated_city_brings_its_province() -> None:
    assert classify(article("医保电话", city=("龙口市",))).facets["province"] == ("山东省",)


def test_a_stated_province_admits_only_its_own_cities() -> None:
    assert classify(article("烟台医保电话", province=("河北省",))).facets["city"] == ()
    assert classify(article("烟台医保电话", province=("山东省",))).facets["city"] == ("烟台市",)


def test_unstated_is_a_statement() -> None:
    found = classify(article("烟台医保电话", province=(UNSTATED,), city=(UNSTATED,)))
    assert (found.facets["province"], found.facets["city"]) == ((), ())


def test_an_unknown_value_is_left_out_and_linted() -> None:
    odd = article("烟台医保电话", city=("烟苔市",), topic=("查询咨询", "八卦"))
    assert classify(odd).facets["city"] == ("烟台市",)
    assert classify(odd).facets["topic"] == ("查询咨询",)
    assert [(each.code, each.facet, each.value) for each in odd_metadata(odd)] == [
        ("unknown-value", "city", "烟苔市"),
        ("unknown-value", "topic", "八卦"),
    ]


def test_a_city_outside_its_province_is_linted_and_kept() -> None:
    odd = article("医保电话", province=("河北省",), city=("烟台市", "石家庄市"))
    findings = odd_metadata(odd)
    assert [(each.code, each.value) for each in findings] == [("city-outside-province", "烟台市")]
    assert "山东省" in findings[0].message
    assert classify(odd).facets["city"] == ("烟台市", "石家庄市")


def test_sound_metadata_has_no_findings() -> None:
    sound = article("t", province=("山东",), city=("烟台",), insurance=("职工医保",), topic=("门诊",))
    assert odd_metadata(sound) == []


def test_classifying_twice_changes_no_value() -> None:
    once = classify(article("2025黑龙江黑河补牙医保能报销吗"))
    assert classify(once).facets == once.facets


# --- the vocabularies -----------------------------------------------------------------------------------------------


def test_values_are_those_of_the_scope_tables() -> None:
    assert values("insurance") == (
        *("职工医保", "居民医保", "灵活就业医保", "大病保险", "商业补充医保", "生育保险"),
        *("长期护理保险", "医疗救助", "工伤保险", "失业保险", "养老保险"),
    )
    assert values("topic") == (
        *("异地就医", "报销待遇", "报销流程", "参保缴费", "断缴补缴", "个人账户与家庭共济", "医保卡与电子凭证"),
        *("门诊", "门诊慢特病", "住院", "生育", "口腔", "购药", "互联网问诊", "就医指南", "查询咨询", "养老退休"),
        "其他",
    )


@pytest.mark.parametrize(
    ("facet", "raw", "value"),
    [
        ("insurance", "新型农村合作医疗", JUMIN),
        ("insurance", "城镇职工基本医疗保险", ZHIGONG),
        ("insurance", "長護險", "长期护理保险"),
        ("topic", "家庭共济", "个人账户与家庭共济"),
        ("topic", "门诊慢特病", "门诊慢特病"),
    ],
)
def test_resolve_knows_aliases(facet: str, raw: str, value: str) -> None:
    assert resolve(facet, raw) == value


def test_insurance_as_such_names_no_type() -> None:
    with pytest.raises(UserError):
        resolve("insurance", "医保")

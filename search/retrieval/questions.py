"""What kind of answer a question wants, and by which words a sentence gives one: data, read by the answer on top.

A kind is told by how the question is asked, the first that fits. Its evidence is what a sentence must hold to be an
answer at all; its headings are those of parts of a text that answer as a whole.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_NUMBER = r"(?:[0-9][0-9.,]*|[一二两三四五六七八九十百千半]+)"
_NEVER = re.compile(r"(?!)")

MONEY = re.compile(rf"{_NUMBER} ?(?:多|余|来)?(?:元|块(?![:：])|万|亿)")
SHARE = re.compile(rf"[0-9][0-9.]* ?[%％]|百分之|{_NUMBER}成(?![为年功立人本])|{_NUMBER} ?倍")
_AMOUNT = re.compile(f"{MONEY.pattern}|{SHARE.pattern}")
_SPAN = re.compile(
    rf"(?<![0-9上下年月])(?<![年月] )(?!(?:19|20)[0-9]{{2}} ?年){_NUMBER} ?"
    r"(?:个?(?:月|工作日|小时|星期|季度)|天|年(?!度|[0-9 ]*月)|日(?!期)|周(?!岁))"
    r"|长期有效|一直有效|次月|下个?月|当[天场]|每[年月季周天](?=.{0,6}次)"
)
_MOMENT = re.compile(
    r"[0-9一二三四五六七八九十]+ ?月|次月|(?<![0-9])[0-3]?[0-9] ?号"
    r"|[0-9一二两三四五六七八九十]+ ?点|[上下]午|(?:周|星期)[一二三四五六日天末]"
    r"|[0-9]{4} ?年(?=起|[以之]?[前后]|开始|[上下]半年)|[年月]底|年初"
)
"""A year alone says of what time something is, not when it is: 2025 年度."""
_PHONE = re.compile(r"(?<![0-9])(?:0[0-9]{2,3}-?[0-9]{5,8}|[0-9]{7,8}|12[0-9]{3}|95[0-9]{3}|400-?[0-9-]{7,9})(?![0-9])")
_PLACE = re.compile(
    r"app|小程序|公众号|窗口|大厅|网点|中心|医院|药店|街道|乡镇|社区|官网|网站|平台|[^算结]局|卫生室|卫生院|学校|支付宝|微信"
    r"|机构|(?<![外本跨])[省市区县](?![籍内外])"
)
_PAPER = re.compile(
    r"身份证|户口|社保卡|医保码|票据|发票|证明|申请表|申报表|登记表|病历|小结|清单|合同|处方|证件|采集表"
)
_AGE = re.compile(rf"{_NUMBER} ?周?岁")
_PERSON = re.compile(r"人|自己|配偶|父母|子女|家庭|单位|部门|局|基金|学校|医院|职工|居民|学生")
_WAY = re.compile(
    r"登录|打开|下载|点击|选择?|填|提交|关注|拨打|前往|携带|带上?|通过|到|去|先|找到?|搜索?|激活|查|申请|用"
)
_COUNT = re.compile(rf"(?<![同这每第])(?!一[^0-9一-十]){_NUMBER} ?(?:个|家|次|种|类|名|位|张|项|人|档|套|份|条|只|所)")
_DEPARTMENT = re.compile(r"科|门诊")

_CAN = "(?:(?<![可失功智性职技节不])能(?![力源])|(?<!不)可(?=继续|直接|享受|申请|同时))"
_VERDICT = re.compile(
    r"不能|不可以|不要|不得|不准|严禁|禁止|切勿|不予|不报|不支持|不属于|不在.{0,12}范围|不纳入|不算|不用|不必|不需要|无需|无法|不影响|没有影响"
    rf"|可以|{_CAN}够?|必须"
    r"|不再|不[缴交收上了]|先[^,;]{1,8}再|凭[^,;]{1,12}办|须|免[费缴交]|需要|纳入|属于|支持|视同|起(?:就|即)?(?:可以|可)?享受|会.{0,6}影响|在.{0,12}范围"
)
OPENS_WITH_VERDICT = re.compile(
    r"(?:[^，。；？！,;:：]{2,22}[?？] ?)?"
    r"(?!要看|能不能|会不会|要不要|可不可以|能否|不一定|需要了解|需要注意)"
    r"(?:能|可以|不能|不可以|不行|不是|不会|不用|不必|不需要|不要|需要|要|会|无需|对|是的|不一样|没有)"
    r"[^，。；：,;:!！]{0,6}(?:[，。；,;!！]|\s(?=\S))"
)
"""A text that begins by saying yes or no: 能。  可以，但…  不用另外交钱。"""

VAGUE_VERBS = frozenset("交缴报领办用看付赔给发收掏出花拿刷做弄")
"""Verbs of one character that a text need not repeat: 要交多少钱, 能领几个月, 怎么办."""
MODAL_VERBS = frozenset("能会要可用是有该得行好对算报给需")
"""能不能 only asks; 高不高 asks of what it says."""
SAYS_NOTHING = frozenset("人先还就都也再才最长短打事完老手钱来去")
"""Words of one character that ask nothing of a text."""
LEANS = re.compile(r"(?:其中|且|并且|因此|如果|若|此外|另外|不过|但|反之|同时)")
"""So begins a sentence that speaks of a part or a case of what stands before it."""
FORMER = re.compile("原渠道|老办法|原办法|原规定|原标准|仍按")
"""So speaks a text of those for whom things stay as they were."""
UNDOES = r"(?:注销|撤销|取消|变更|解除|终止)"
"""Right before an act: what is said of 注销登记 is not said of 登记."""
DENIES = "[没未不无非]有?"
"""Right before a word: it is not so."""
NATION = re.compile("全国")
"""A figure of the nation is none of a place."""
CONTRASTS = tuple(
    map(re.compile, ("固定|变动", "长期|临时|短期", "在职|退休", "省内|(?P<out>跨省|省外|出省)", "住院|门诊"))
)
"""What is said of the one does not hold for the other."""
PAID, HAD = re.compile("缴费|交费|交钱|截止|报名"), re.compile("享受|生效|起保")
"""When one pays is not from when one is insured."""
PASSED = r"(?:通过|完成|结束|合格)(?:以|之)?后"
"""Behind an act: what follows takes time, not the act."""
CASES = (
    *CONTRASTS[2:],
    *(
        re.compile(case)
        for case in (
            r"(?P<top>三级|三甲)|二级|一级|(?P<county>县级|县医院)|市级|省级|(?P<near>乡镇|社区|基层|村)",
            r"学生|未成年|儿童|孩子|新生儿|大人|成人|老人",
            r"省内|省外|跨省|市内|市外|本地|外地|异地",
            r"单身|双胞胎|多胞胎|剖宫产|剖腹产|顺产|难产|流产",
        )
    ),
)
"""What differs by case: a figure for one of them answers only who asks for that case; one for several, everybody."""
ILLNESS = re.compile("两病|慢病|高血压|糖尿病|慢特病|慢性病|特病|肿瘤|透析|大病")
"""A figure for these answers only who asks for one of them."""
_EXCEPTED = "除外|例外|不在此列"
EXCEPTION = re.compile(rf"[^，。；,;]*(?:{_EXCEPTED})")
"""A clause with these words tells of whom the rest does not speak."""
SAVE = rf"[^，。；,;]{{0,8}}(?:{_EXCEPTED}|不受)"
"""Behind a word: what is said holds for all else."""
SPECIAL = re.compile("没|丢|刷不|结不|急|特殊|代办|可选|跨省|国外|学生|困难|退休|别处|别的|其他|帮|父母|老人|孩子|省钱")
"""Headings with these words are for a case, and promise an answer only to who asks for that."""
ASKS_PAY = re.compile(
    r"^(?!.*影响).*?(?:(?<!申)报[^要到备名告案]{0,8}[吗么不了没?？ ]*$|[能可给]以?[^,]{0,4}(?<!申)报"
    r"|[走刷用](?:医保|统筹)|医保.{0,2}[付管])"
)
"""能报吗, whose answer says 支付 or 自费."""
ASKS = re.compile("[多几哪啥何]|什么|好多")
SAYS_LITTLE = re.compile("医保|吗|多少|怎么|[? ]")
"""What no two texts are alike by."""
LEAVES_OPEN = re.compile("[多几]")
"""多少 and 几 in a word: it asks, and names nothing that is measured."""
YEAR = re.compile(r"20[0-9]{2}(?= ?年|\b)")
UNDECIDED = re.compile(r"取决于|没有找到|未找到|尚未明确|而定|有所不同|[据视看]具?体?情况|具体情况")
"""So speaks what answers nothing."""
PAY_VERDICT = re.compile(
    r"不报|拒付|自费|自己承担|不予|(?:能|可以?|予以?)(?:直接|继续|当场|[按和][^,;]{0,8})?(?:报销?|走|支付|结算|刷)(?!销?的)"
    r"|纳入|不?在[^,;]{0,16}(?:目录|范围|范畴)|进了?医保|用医保|(?:基金|医保|统筹|保险)(?:不予?|可以)?(?:支付|付)"
    r"|不能[^,;]{0,8}报|不补报|都?不付|不归[^,;]{1,8}管"
    r"|在内|在里面|从[^,;]{1,6}付|不算|自理|自己[出付掏]|不为[^,;]{1,10}付"
)
"""What answers 能报吗."""
MODALS = (
    re.compile(rf"{_CAN}|不能|(?<!要)不要|不得|可以|可否|行[不吗]"),
    re.compile(r"(?<!不)要|需|必须|得不得|用[得不]着"),
)
"""What may be is not what must be: 要换卡吗 does not answer 能不能用."""

MADE_UP = re.compile(r"示意|假设|假如|举例|举个例子|算一[算笔遍个]|粗算|比方")
"""Figures beside these words are made up to explain something: no answer to how much."""
COMPUTED = re.compile("[×÷]|[0-9%元] ?= ?[0-9]")
"""So stands a figure that was worked out for a case."""
EXAMPLE = re.compile("(?:例如|比如)[^。;；\n]*")
"""What is made up in it is so of nothing else."""
VAGUE = re.compile(
    r"有的|有些|有人|据说|听说|一些地|不少地|不少省|多数|各地|各市|某[些省市县]|少数|部分地|部分省|常见|例如|比如|说法|为例"
    r"|网上(?:能|常|有|的|说|流传|整理)|[来自]网络"
    r"|几十|几百|几千|因地区|不同地|[(（]如"
)
"""So speaks a text that knows no figure itself."""


_EMPTY = """
医保 居民 职工 城乡 城乡居民 城镇 医疗保险 保险 社保 医疗 报销 政策 规定 最新 现在 目前 新农合 农合 合疗 农村医保
一年 一个月 每月 每年 每天 一天 一次 每次 一共 年度 全年 钱 元 人 个人 自己 一个人 人员 多少 几个
最多 最高 最低 最少 最长 最短 最早 最晚 医疗费 费用 今年 已经 还要 还能 可以 能够
看病 就医 就诊 看完病 回来 回去 时候 情况
办理 直接 准备 需要 使用 领取 申请 怎么样 开始 交钱 办好 结算 标准 属于 应该 哪些 什么 部门 类型 如何 缴费 交费
"""
EMPTY_WORDS = frozenset(_EMPTY.split())
"""Words that nearly every article here holds, or that only ask: they carry no question."""
AMOUNTS = ("money", "share", "part or amount", "amount")
"""Kinds of which an amount is asked per something: 一次多少钱, and not 多久一次."""
ACTS = frozenset(["办理", "使用", "领取", "申请", "准备", "交钱", "缴费", "交费", "结算"])
"""Of these what yes or no is asked of: 要申请吗."""
MEASURES = ("money", "share", "how long")
"""Kinds that are asked for by naming what is measured: 起付线, 比例, 有效期. That must stand in the answer."""


CHANGES = re.compile(rf"(?:增加|提高|上调|加发|上涨|多[等交领发]?|另加|降低|减少|涨|差|翻)了?(?:约|大约)? ?{_NUMBER}")
ASKS_CHANGE = re.compile(r"加|涨|提高|调|降|减|多[^少长久]")
"""多 92 个 says by how much something changed, which answers only who asks for that."""
GENERAL = frozenset(["职工医保", "居民医保"])
"""What nearly everybody is insured by: what is about another type alone answers only who names that."""
UNITS = (
    (re.compile(r"[一每]天|每日|按天"), re.compile(r"天|日")),
    (
        re.compile(r"[一每]个?月|按月"),
        re.compile(r"每[^,;]{0,4}月|一个月|按月|月均|[/／] ?月|月(?:人均|标准|平均|缴|领|发)|月,"),
    ),
    (re.compile(r"[一每全]年|年度|按年"), re.compile(r"年")),
    (re.compile(r"[一每]次|按次"), re.compile(r"次")),
)
STATES_UNIT = re.compile(r"每人?每?(?:天|日|次|个?月|季度|年)")
"""What an amount is asked for, as 一天, must be what it is stated for."""
AGREES = (
    (
        re.compile(r"最[多高长大]|封顶|上限"),
        re.compile(r"最[多高长大]|封顶|上限|限额|不超过|不多于|至多|以内|可以?放宽"),
    ),
    (re.compile(r"最[少低短]|至少"), re.compile(r"最[少低短]|至少|不[少低短]于|满 ?[0-9一二三四五六七八九十]")),
    (
        re.compile(r"什么时候(?:开始|起)|啥时候(?:开始|起)|从(?:什么|啥)时候|哪[天年](?:开始|起)"),
        re.compile(r"起|开始|后"),
    ),
    (re.compile(r"几个?月"), re.compile(r"个月|月[份底初]|半年|[0-9两二三] ?年")),
    (re.compile(r"[几多少][天日]|工作日"), re.compile(r"天|日|当场|小时")),
    (re.compile(r"几号"), re.compile(r"[0-9一二三四五六七八九十] ?[日号]|月底|月初|年底|当天")),
    (re.compile(r"(?:几|多少)(?:个|位|名)?人"), re.compile(rf"(?!一){_NUMBER} ?[个位名人]")),
    (re.compile(r"(?:几|多少)次"), re.compile(r"[次回遍]")),
    (re.compile(r"(?:几|多少)家"), re.compile("家")),
    (re.compile(r"(?:几[年天月]|多久)一"), re.compile(r"每|一次")),
    (re.compile(r"几年|多少年"), re.compile("年")),
    (re.compile(r"几个?月|多少个?月"), re.compile(r"月|年|季")),
    (re.compile(r"哪些|哪几|[哪那][类种]"), re.compile(r"[、;•]|和|以及")),
)
"""What a question bounds, asks for in days or as a list, an answer bounds or states so."""


ACCOUNT = ("个人账户", "余额", "卡里")
"""What the texts call it."""
DISTRICT = "[区县]"
TWO_CHARACTERS = re.compile("[一-鿿]{2}")


CARD_MONEY = re.compile("(?:医保|社保)?卡[里上内]面?的?(?:余额|钱)?")
"""So people call what stands as 个人账户 in the texts."""


class Kind(NamedTuple):
    """A kind of question: how it is asked, what an answer holds, and which headings promise one.

    `exact` ones want a figure, a day or a number, which must not be made up or vague.
    """

    name: str
    asks: re.Pattern[str]
    tells: re.Pattern[str]
    heads: re.Pattern[str] = _NEVER
    exact: bool = False


KINDS = (
    Kind(
        "phone",
        re.compile(
            r"(?:电话|热线|号码)(?:号码?)?(?:[是有]?(?:多少|几(?!点|时)|(?:什么|啥)(?!时))|[?？ ]*$)"
            r"|(?:什么|哪个|啥)(?:电话|热线)"
        ),
        _PHONE,
        re.compile(r"(?<!不打)电话|热线|咨询|问[谁哪]"),
        exact=True,
    ),
    Kind(
        "when",
        re.compile(r"什么时[候间]|啥时候?|何时|几[号点]|哪[天年]|几月|什么日期|(?:时间|日期)[是为?？ ]*$"),
        _MOMENT,
        re.compile(r"什么时候|时间|日期|截止|何时"),
        exact=True,
    ),
    Kind(
        "deadline",
        re.compile(r"(?:多久|多长时间|几天|几个?月|几年|多少[天日]|多少个月)(?:之|以)?(?:内|前)"),
        re.compile(rf"(?:{_SPAN.pattern})(?:之|以)?(?:内|前)|截止|之前"),
        re.compile(r"期限|时限|多久内|截止"),
        exact=True,
    ),
    Kind(
        "how long",
        re.compile(r"(?:多久|多长(?:时间)?|几天|几个?月|几年|几个工作日|多少(?:天|个?月|年|个?工作日|小时)|有效期)"),
        _SPAN,
        re.compile(r"多久|时间|期限|等待期|有效期|要等|几个月|几天"),
        exact=True,
    ),
    Kind(
        "papers",
        re.compile(
            r"(?:什么|哪些|啥|几样)(?:申请|报销)?(?:材料|证件|手续|资料|东西|病历|票据|单据|证(?!据))"
            r"|(?:材料|资料|证件)[?？ ]*$|带谁的|[带交](?:什么|啥|哪些)(?:材料|证件|手续|资料|东西|证)?(?!钱|险|保)"
        ),
        _PAPER,
        re.compile(r"材料|带什么|交什么|提交什么|准备|证件|带这些|单据"),
    ),
    Kind(
        "age",
        re.compile(r"几岁|多少周?岁|多大(?:年[纪龄]|岁数|能|可以|才)|(?:年[纪龄]|岁数)(?:要?多大|限制|要求)"),
        _AGE,
        re.compile(r"年龄|几岁|多大"),
        exact=True,
    ),
    Kind("department", re.compile(r"(?:哪个|什么|哪些|啥)(?:门诊|科)室?"), _DEPARTMENT, re.compile(r"科")),
    Kind(
        "where",
        re.compile(r"哪里|哪儿|[在去到上]哪|什么地方|何处|哪个?(?:app|软件|平台|网站|窗口|市|省|区|小程序)|在那里"),
        _PLACE,
        re.compile(r"(?<!问)哪里|哪儿|在哪|窗口|渠道|入口|去哪|何处"),
    ),
    Kind(
        "who",
        re.compile(r"谁|(?:哪[些类种]|什么|哪几类)(?:人|亲属|家人|亲戚|部门|单位|对象)|哪个(?:部门|单位|机构)"),
        _PERSON,
        re.compile(r"谁|哪些人|适用|对象|给谁|三类人|部门|什么人"),
    ),
    Kind("share", re.compile(r"比例|百分之(?:几|多少)|几成|几倍"), SHARE, exact=True),
    Kind(
        "money",
        re.compile(
            r"多少(?:钱|元|块)|几(?:块|元|百|千|万)|(?:金额|起付线|门槛费|限额|额度|基数|封顶线|起付标准|缴费标准)"
        ),
        MONEY,
        exact=True,
    ),
    Kind(
        "count",
        re.compile(r"(?:(?<!哪)几|多少)(?:个|家|次|种|类|名|位|张|项|人|只|档|份|所)"),
        _COUNT,
        re.compile(r"(?:几|多少)(?:个|家|次|种|类|名|位|张|项|人)"),
        exact=True,
    ),
    Kind(
        "part or amount",
        re.compile(r"(?:报|付|赔|承担|负担|补助|补贴|支付|减|打折|出|掏)(?:销)?(?:了|钱)?(?:多少|好多)"),
        _AMOUNT,
        exact=True,
    ),
    Kind("amount", re.compile(r"多少|好多"), MONEY, exact=True),
    Kind(
        "how",
        re.compile(r"怎么|如何|怎样|咋|流程|步骤"),
        _WAY,
        re.compile(r"怎么|如何|步骤|流程|操作|办理|方法|办法|渠道|手续|几步|[一两三]步(?![：:])|手机[上查]|查$"),
    ),
    Kind("opinion", re.compile(r"好不好|好吗|划不?划?算|值不?值得?|有没?有?必要|靠谱|可靠"), _NEVER),
    Kind(
        "yes or no",
        re.compile(
            r"吗|是否|能否|可否|(?<![什怎那这])么[?？]?$|(.)[不没]\1|(?:行|可以)不|(?<=[样行对])不[?？ ]*$"
            r"|有(?=.{1,8}没有?[?？ ]*$)|(?:[能会要用算给报退管收交领]|可以)(?=.{0,12}不[?？ ]*$)"
        ),
        _VERDICT,
    ),
)


def asks_figure(folded: str) -> bool:
    """Tell whether a folded text asks for a figure, or names what is measured."""
    return any(kind.exact and kind.asks.search(folded) for kind in KINDS)


def kind_of(folded: str) -> Kind | None:
    """Return the kind of a folded question; None for a text that asks nothing.

    Of several figures that are asked for it is the last: 断了几年要补多少钱. Only 多少 alone leaves open of what. What
    is measured is but named where yes or no is asked: 额度用完了还能报吗.
    """
    found = [(match, kind) for kind in KINDS if (match := kind.asks.search(folded))]
    if found and found[-1][1].name == "yes or no":
        found = [each for each in found if not each[1].exact or ASKS.search(each[0].group())]
    if not found or not found[0][1].exact:
        return found[0][1] if found else None
    exact = [(match.end(), kind) for match, kind in found if kind.exact]
    return max([each for each in exact if each[1].name != "amount"] or exact, key=lambda each: each[0])[1]


def kind_named(name: str) -> Kind:
    """Return a kind by its name."""
    return next(kind for kind in KINDS if kind.name == name)

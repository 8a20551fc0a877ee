"""填报说明: what each figure counts, the rules in words, what the colours mean — written from the form."""

from nianbao.core.finding import SEVERITY_WORDS
from nianbao.core.form import Form
from nianbao.workbook.layout import Spot
from nianbao.workbook.measure import height
from nianbao.workbook.sheet import Sheet, put, setup
from nianbao.workbook.styles import FLAGS

STEPS = (
    "在“封面”填写单位全称和报告年度；前言可以写编制依据、时间范围和联系方式。",
    "在各部分的表格中填数字：白底蓝字处填写，没有的填 0，不要填“/”“-”“无”，不要带单位和说明；灰底的合计自动计算，不用填。",
    "从别处复制数字，用“选择性粘贴—数值”，只粘贴数值；不要剪切，不要拖动单元格，不要插入、删除行和列。",
    "在文字部分每段写一行；表格下面的“文字说明”可不填。",
    "看表格上方的一行提示：绿色 ✓ 表示表内勾稽关系成立；红色 ✗ 写明哪一列（行）差多少，必须改正；黄色 ？ 须核实。点这一行转到“勾稽核对”看算式，点算式转到单元格。这些核对不需要启用宏，WPS 同样可用。",
    "填“上年数据”（或用“导入上年”自动填入），核对上年结转和现行有效件数。",
    "装有“年报”加载项的，点“校验”：有问题的单元格标出颜色并附批注，“校验结果”逐条列出并可点击跳转。没有加载项的，可用命令行 nianbao validate。",
    "核实性问题属实的，在“审核说明”写明原因；强制性问题必须改正。",
    "点“导出”生成网页、Word、PDF 和数据文件；或把本工作簿报送上级汇总。",
)
COLOURS = (
    ("error", "红色：必须改正。不是规范的数字，或者校验认为最可能有误的一格（批注写明原因）。"),
    ("near", "浅红：处在一处不平的勾稽关系之中，请连同算式核对。"),
    ("verify", "黄色：需要核实。属实的写审核说明，不属实的改正。"),
    ("blank", "浅蓝：还没有填。没有的填 0。"),
)


def write_guide(context: Sheet) -> None:
    setup(context, [(1, 2), (2, 40), (3, 84)], title="填报说明")
    line = _Lines(context)
    line.title("填报说明")
    line.note(
        f"格式依据：{context.report.form.authority}。政府信息公开工作年度报告每年 1 月 31 日前公布，报告上一年度情况。"
    )
    line.heading("一、怎样填")
    for n, step in enumerate(STEPS, 1):
        line.wide(f"{n}. {step}")
    line.heading("二、颜色的含义")
    for flag, words in COLOURS:
        line.colour(flag, words)
    line.heading("三、各项数字填什么")
    _hints(line, context.report.form)
    line.heading("四、勾稽关系")
    _rules(line, context.report.form)


def _hints(line: "_Lines", form: Form) -> None:
    for table in form.tables.values():
        line.pair(f"【{form.section_of(table.key).heading}】", "", head=True)
        for row in table.rows.values():
            line.pair(row.name, row.hint)


def _rules(line: "_Lines", form: Form) -> None:
    for rule in form.rules:
        sign = "不大于" if rule.op == "<=" else "等于"
        line.pair(
            f"{SEVERITY_WORDS[rule.severity]}：{rule.name}",
            f"{rule.says}。（{rule.left_says} {sign} {rule.right_says}；依据：{rule.source}）",
        )
    line.note("强制性问题必须改正；核实性问题须改正，或者在“审核说明”中写明原因。")


class _Lines:
    """Writes line after line down the sheet."""

    def __init__(self, context: Sheet) -> None:
        self.page, self.styles, self.row = context.page, context.styles, 0

    def _next(self, high: float) -> Spot:
        self.row += 1
        self.page.set_row(self.row - 1, high)
        return Spot("", self.row, 2)

    def title(self, text: str) -> None:
        put(self.page, self._next(28), text, self.styles.title)

    def heading(self, text: str) -> None:
        self._next(10)
        put(self.page, self._next(24), text, self.styles.heading)

    def wide(self, text: str) -> None:
        self._merged(text, self.styles.body, 11)

    def note(self, text: str) -> None:
        self._merged(text, self.styles.note, 9.5)

    def _merged(self, text: str, style: object, size: float) -> None:
        spot = self._next(height(text, 122, size))
        self.page.merge_range(spot.row - 1, 1, spot.row - 1, 2, text, style)

    def pair(self, left: str, right: str, *, head: bool = False) -> None:
        high = max(height(left, 38, 10), height(right, 82, 10), 18)
        spot = self._next(high)
        style = self.styles.head if head else self.styles.listed
        put(self.page, spot, left, style)
        put(self.page, spot._replace(column=3), right, style)

    def colour(self, flag: str, words: str) -> None:
        spot = self._next(20)
        look = dict(FLAGS[flag].items())
        put(self.page, spot, "示例", self.styles.boxed(align="center", **look))
        put(self.page, spot._replace(column=3), words, self.styles.listed)

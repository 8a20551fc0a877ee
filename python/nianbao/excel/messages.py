"""What the add-in says by itself. VBA source is ASCII, so its Chinese stands in cells of the add-in's own sheet."""

from nianbao import __version__

SHEET = "messages"
PYTHON = "message_python"  # the interpreter's path: empty as built, written by `nianbao install`

MESSAGES: dict[str, str] = {
    PYTHON: "",
    "message_title": "政府信息公开年报",
    "message_missing": (
        "没有找到运行年报工具所需的 Python。\n\n"
        "请在命令行运行 nianbao install，然后重新打开 Excel。\n"
        "仍有问题时运行 nianbao doctor，按提示处理。"
    ),
    "message_failed": (
        "本次操作没有完成，工作簿内容未被提交或发布。\n\n"
        "请先保存工作簿，再重试一次；仍不成功时运行 nianbao doctor，"
        "并把下面的日志文件交给信息化人员。\n\n退出代码与日志："
    ),
    "message_early": (
        "Python 没有启动成功，工作簿没有任何改动，也没有写下日志。\n\n"
        "请在命令行运行 nianbao doctor，按提示处理；急用时可先用命令行：nianbao validate 工作簿.xlsx --mark。\n\n退出代码："
    ),
    "message_blocked": (
        "系统不允许 Excel 启动其他程序（多为安全策略“阻止 Office 创建子进程”或杀毒软件拦截），工作簿没有任何改动。\n\n"
        "不改策略也能用：在“开始”菜单或命令行运行 nianbao excel validate（工作簿保持打开即可）；"
        "或请信息化管理员放行。"
    ),
    "message_busy": "年报工具正在启动……",
    "message_results": "校验结果",
    "message_stop": "第 %1 处，共 %2 处：",
    "message_no_list": "“校验结果”中没有列出问题。\n\n请先点“校验”；没有问题时不需要查看。",
    "message_mac": (
        "Mac 版 Excel 不允许加载项调用外部程序。\n\n"
        "请改用命令行：nianbao validate 工作簿.xlsx；各命令见 nianbao --help。"
    ),
    "message_help": (
        "当前工作簿中没有“填报说明”工作表。\n\n"
        "请先点“新建年报”建立本年度工作簿，或打开已有的年报工作簿，再点“使用说明”。"
    ),
    "message_help_sheet": "填报说明",
    "message_about": (
        f"政府信息公开工作年度报告工具 {__version__}\n\n"
        "填报、校验、汇总、导出。依据《政府信息公开条例》和国办公开办函〔2021〕30号格式。\n\n"
        "按钮不能运行（不许用宏或 Python）时，请用网页版“年报校验.html”：双击用浏览器打开，不用安装。\n\n"
        "正在使用的 Python："
    ),
}

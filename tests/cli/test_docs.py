"""The documents keep up with the program: the list of rules, the commands of the README."""

import re
import tomllib
from pathlib import Path

import click

from nianbao import __version__
from nianbao.cli import main
from nianbao.console import rules_markdown
from nianbao.core.finding import CODES
from nianbao.core.form import keys, load

ROOT = Path(__file__).parents[2]
KNOWN = keys()


def test_rules_md_is_what_the_program_knows() -> None:
    """Rewrite it by ``nianbao rules --write workbook/rules.md``."""
    assert (ROOT / "workbook/rules.md").read_text(encoding="utf-8") == rules_markdown("cn-2021")


def test_every_rule_of_every_form_is_listed_with_words_and_source() -> None:
    for key in KNOWN:
        page = rules_markdown(key)
        for code in [*CODES, *(rule.id for rule in load(key).rules)]:
            (line,) = [line for line in page.splitlines() if line.startswith(f"| `{code}` |")]
            _, _, name, severity, says, source, _ = line.split("|")
            assert name.strip() == load(key).rule_name(code)
            assert severity.strip() in ("强制性", "核实性", "提示")
            assert says.strip()
            assert source.strip()


def test_every_command_is_in_the_readme_and_the_readme_names_no_other() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"nianbao ([a-z]+(?:-[a-z]+)?)\b", readme))
    assert set(main.commands) - named <= {"demo"}
    assert named - set(main.commands) == set()


def test_every_command_and_option_says_what_it_does_in_chinese() -> None:
    for name, command in main.commands.items():
        assert re.search("[一-鿿]", command.help or ""), name
        for option in command.params:
            if isinstance(option, click.Option):
                assert re.search("[一-鿿]", option.help or "") or option.name == "folder", (name, option.name)


def test_the_package_and_the_program_are_of_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["version"] == __version__ == "1.0.0"

"""A changed rule file on a record, from the command line; and every rule in words of both languages."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from hazard_flow.cli.telemetry import telemetry
from hazard_flow.telemetry import rulefile
from hazard_flow.telemetry.rulefile import shipped_rules
from hazard_flow.telemetry.rules import all_rules
from hazard_flow.telemetry.ruling.records import RecordRefused, from_csv, to_csv
from hazard_flow.telemetry.ruling.wording import in_words
from tests.telemetry.folding import MINUTE, START

NEWEST = (Path(rulefile.__file__).parent / f"rules.v{shipped_rules().version}.yaml").read_text("utf-8")
HEAD = "site,device,quantity,observed_at,value,expect_every_seconds\n"


def record(path: Path) -> Path:
    """Two wells: one reaches 30 %LEL, the other never more than 23."""
    lines = [HEAD]
    for device, high in (("A", 30), ("B", 23)):
        for n in range(60):
            value = high if 20 <= n < 30 else 1 + n % 2
            lines.append(f"W-{device},{device},ch4_lel,{START + n * MINUTE},{value},60\n")
    file = path / "record.csv"
    file.write_text("".join(lines), "utf-8")
    return file


def tried(path: Path, *options: str, text: str = NEWEST) -> tuple[int, str]:
    rules = path / "mine.yaml"
    rules.write_text(text, "utf-8")
    done = CliRunner().invoke(telemetry, ["try", str(rules), *options])
    return done.exit_code, done.output


def test_a_lower_limit_opens_one_more_and_loses_none(tmp_path: Path) -> None:
    lower = NEWEST.replace("above: 25, clear_below: 20", "above: 22, clear_below: 18", 1)
    code, said = tried(tmp_path, "--on", str(record(tmp_path)), "--json", text=lower)
    found = json.loads(said)
    assert code == 0
    assert (found["samples"], found["devices"], found["lost"]) == (120, 2, [])
    [gained] = found["gained"]
    assert (gained["site"], gained["rule"], gained["family"]) == ("W-B", "gas_level", "gas_leak")
    line = next(line for line in found["lines"] if line["rule"] == "gas_level")
    assert (line["present"]["opened"], line["changed"]["opened"]) == (1, 2)


def test_the_table_names_what_only_one_file_opens(tmp_path: Path) -> None:
    higher = NEWEST.replace("above: 25, clear_below: 20", "above: 40, clear_below: 20", 1)
    code, said = tried(tmp_path, "--on", str(record(tmp_path)), text=higher)
    assert code == 0
    assert "仅现行规则立案: 1" in said
    assert "W-A gas_leak gas_level A" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NEWEST.replace("above: 25", "above: 15", 1), "mine.yaml:"),
        ("version: 1", "'rules' is missing"),
    ],
)
def test_a_file_with_mistakes_is_refused_with_their_lines(tmp_path: Path, text: str, said: str) -> None:
    code, output = tried(tmp_path, "--on", str(record(tmp_path)), text=text)
    assert code == 2
    assert said in output


def test_either_a_file_or_a_span_is_asked_for(tmp_path: Path) -> None:
    assert tried(tmp_path)[0] == 2
    assert tried(tmp_path, "--since", "30d", "--on", str(record(tmp_path)))[0] == 2


def test_a_record_survives_being_written(tmp_path: Path) -> None:
    with record(tmp_path).open(encoding="utf-8") as lines:
        first = from_csv(lines)
    second = from_csv(to_csv(first))
    assert second.topology == first.topology
    assert [(s.device, list(s.observed), list(s.values)) for s in second.series] == [
        (s.device, list(s.observed), list(s.values)) for s in first.series
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("W,A,ch4_lel,yesterday,3,60\n", "2: 'yesterday' is no instant"),
        ("W,A,ch4_lel,1790000000,high,60\n", "2: could not convert"),
        ("W,,ch4_lel,1790000000,3,60\n", "2: no device"),
    ],
)
def test_a_line_that_is_no_sample_is_named(line: str, said: str) -> None:
    with pytest.raises(RecordRefused, match=said):
        from_csv([HEAD, line])


@pytest.mark.parametrize("rule", all_rules(shipped_rules()), ids=lambda rule: rule.id)
def test_every_rule_is_told_in_both_languages_with_its_own_figures(rule: object) -> None:
    words = in_words(rule, shipped_rules())  # type: ignore[arg-type]
    assert words.zh != words.en
    for text in (words.zh, words.en):
        assert "{" not in text
        for level in getattr(rule, "levels", ()):
            assert f"{level.above:g}" in text


def test_the_gas_rule_reads_as_an_engineer_would_say_it() -> None:
    gas = next(rule for rule in all_rules(shipped_rules()) if rule.id == "gas_level")
    words = in_words(gas, shipped_rules())
    assert words.zh.startswith("5 个应报周期内有 3 个甲烷浓度样本达到或超过 25 %LEL：1 级；")
    assert words.en.endswith("normal once below 20 %LEL for 10 min")

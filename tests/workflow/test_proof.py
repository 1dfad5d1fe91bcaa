"""The proof: what it tells, that its abstraction agrees with the real rules, that it is quick, and that a release is frozen."""

import json
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from hazard_flow.cli.workflows import workflow as command
from hazard_flow.workflow import proof, released
from hazard_flow.workflow.check import check_files
from hazard_flow.workflow.definition import Workflow
from hazard_flow.workflow.loader import load_all, load_text
from hazard_flow.workflow.needs import NeedContext, validate
from hazard_flow.workflow.permitted import ActorView, HazardView, refusals
from hazard_flow.workflow.problems import WorkflowRefused
from hazard_flow.workflow.proof import prove
from hazard_flow.workflow.proof_people import OTHERS, PERSON, SYSTEM, Parts, People, may_act
from hazard_flow.workflow.proof_walk import walk
from hazard_flow.workflow.proof_world import PARTS, world_of
from hazard_flow.workflow.vocabulary import APPLICANT, Vocabulary
from tests.workflow.corpus import SHIPPED, shipped, under_a_fresh_key

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
ME, OTHER, THIRD = (f"00000000-0000-7000-8000-{number:012d}" for number in (1, 2, 3))

Check = Callable[..., list[str]]


@pytest.fixture
def told(tmp_path: Path) -> Check:
    """What is said of a shipped file under a fresh key with these texts replaced."""

    def check(base: str, *changes: tuple[str, str]) -> list[str]:
        text = under_a_fresh_key(shipped(base), base, "mine")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        path = tmp_path / "mine.yaml"
        path.write_text(text, "utf-8", newline="\n")
        return [f"{row['rule']}: {row['message']}" for row in check_files([path])[1]]

    return check


def test_own_work_is_told_as_people_say_it(told: Check) -> None:
    naming = ("other_than: [responsible, reporter_if_alone]}", "other_than: [reporter_if_alone]}")
    act = (
        "    other_than: [responsible]\n    evidence: {photo: 1}\n    guards: [on_site",
        "    evidence: {photo: 1}\n    guards: [on_site",
    )
    [named] = told("general", naming)
    assert named == (
        "4: as one dept manager: report → assign (responsible: self, verifier: self and others): "
        "is verifier and responsible of the same hazard"
    )
    assert any(
        said.startswith("4: ")
        and "report → assign" in said
        and said.endswith("→ submit → pass: verifies own work")
        for said in told("general", naming, act)
    )
    assert told("general", act) == [], "whoever is named differs already, so the act alone may leave it out"


def test_an_officer_may_not_close_by_office_what_he_verified(told: Check) -> None:
    [said] = told(
        "major",
        (
            "    other_than: [responsible, verifiers, classifier]\n    guards: [officer_acts",
            "    guards: [officer_acts",
        ),
    )
    assert said.startswith("4: as one ")
    assert "county officer" in said
    assert "closes what the same person verified" in said or "closes own work" in said


def test_a_hazard_raised_on_the_way_cannot_wait_for_officers_nobody_may_name(tmp_path: Path) -> None:
    general = under_a_fresh_key(shipped("general"), "general", "mine").replace(
        "to_workflow: major", "to_workflow: grand"
    )
    major = under_a_fresh_key(shipped("major"), "major", "grand")
    start = major.index("  name_officers:")
    cut = major[:start] + major[major.index("  dismiss:", start) :]
    for name, text in (("general", general), ("major", major), ("cut", cut)):
        (tmp_path / f"{name}.yaml").write_text(text, "utf-8", newline="\n")
    assert check_files([tmp_path / "general.yaml", tmp_path / "major.yaml"]) == (0, [])
    code, rows = check_files([tmp_path / "general.yaml", tmp_path / "cut.yaml"])
    assert code == 1
    assert {(Path(row["file"]).name, row["rule"]) for row in rows} == {("general.yaml", 2), ("cut.yaml", 2)}
    assert all("report → assign → escalate_to_major → accept → submit" in row["message"] for row in rows)
    assert check_files([tmp_path / "cut.yaml"]) == (0, []), (
        "by itself, officers are named with the assignment"
    )


def test_the_shipped_workflows_are_read_and_proved_in_half_a_second(
    folder: Path, vocabulary: Vocabulary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CPU time, the best of three: other tests run beside this one."""
    monkeypatch.setattr(proof, "_remembered", {})
    spent = []
    for _ in range(3):
        proof._remembered.clear()
        before = time.process_time()
        workflows = load_all(folder, vocabulary)
        spent.append(time.process_time() - before)
    found = prove({w.id: w for w in workflows.values()}, workflows.values(), vocabulary)
    print(
        f"{found.people_seen} configurations of people, {found.standings_seen} standings, {min(spent):.2f} s"
    )
    assert min(spent) < 0.5
    assert found.people_seen > 300
    assert found.standings_seen > 800


def test_the_same_world_is_lived_through_once(
    folder: Path, vocabulary: Vocabulary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is loaded, and however many of its files are judged together, from wherever they lie."""
    load_all(folder, vocabulary)
    monkeypatch.setattr(proof, "walk", lambda world: pytest.fail("lived through again"))
    load_all(folder, vocabulary)
    copies = [tmp_path / path.name for path in sorted(folder.glob("*.v*.yaml"))]
    for copy in copies:
        copy.write_bytes((folder / copy.name).read_bytes())
    assert check_files(copies) == (0, [])


def test_files_that_belong_together_are_lived_through_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    walked = proof.walk
    monkeypatch.setattr(proof, "walk", lambda world: seen.append(world) or walked(world))
    paths = []
    for base in ("general", "major", "household"):
        text = under_a_fresh_key(shipped(base), base, f"our_{base}")
        for other in ("general", "major", "household"):
            text = text.replace(f"to_workflow: {other}", f"to_workflow: our_{other}")
        paths.append(tmp_path / f"{base}.yaml")
        paths[-1].write_text(text, "utf-8", newline="\n")
    check_files([])  # the installed ones
    seen.clear()
    assert check_files(paths) == (0, [])
    assert len(seen) == 1


def test_every_act_of_the_shipped_workflows_is_walked(folder: Path, vocabulary: Vocabulary) -> None:
    workflows = load_all(folder, vocabulary)
    world = world_of({w.id: w for w in workflows.values()}, workflows.values(), vocabulary)
    walked = walk(world)
    assert walked.possible == {(w.id, action) for w in workflows.values() for action in w.actions}
    assert {(at.workflow, at.state) for at in walked.explored.first} == {
        (w.id, s) for w in workflows.values() for s in w.states
    }


def people_of(bits: int) -> list[str]:
    return [name for bit, name in ((PERSON, ME), (OTHERS, OTHER)) if bits & bit]


def test_who_may_act_in_the_proof_may_act_in_fact(folder: Path, vocabulary: Vocabulary) -> None:
    """Every configuration × action × actor: the abstract answer is that of `permitted` for a person with every role."""
    workflows = load_all(folder, vocabulary)
    world = world_of({w.id: w for w in workflows.values()}, workflows.values(), vocabulary)
    explored = People(world).explore(through_overlaps=True)
    compared = 0
    for parts in explored.first:
        workflow = world.workflows[parts.workflow]
        relations = {part: people_of(getattr(parts, part)) for part in ("reporter", *PARTS)}
        for action in workflow.from_state[parts.state]:
            # whoever made the request is the person followed where only they may act, else somebody else: as favourable as can be
            applicant = ME if APPLICANT in action.who else OTHER
            view = HazardView(
                parts.state,
                relations={part: held for part, held in relations.items() if held},
                flags={action.shuts: applicant} if action.shuts else {},
            )
            for actor, who in (
                (PERSON, ActorView(ME, frozenset(vocabulary.roles))),
                (SYSTEM, ActorView(None)),
            ):
                reasons = refusals(workflow, action, who, view, vocabulary=vocabulary, data={}, now=NOW)
                denied = [reason for reason in reasons if reason.kind in ("role", "separation")]
                assert may_act(world, workflow, action, parts, actor) == (not denied), (
                    parts,
                    action.key,
                    actor,
                )
                compared += 1
    assert compared > 1000


def test_who_may_be_named_in_the_proof_may_be_named_in_fact(folder: Path, vocabulary: Vocabulary) -> None:
    workflows = load_all(folder, vocabulary)
    world = world_of({w.id: w for w in workflows.values()}, workflows.values(), vocabulary)
    people = People(world)
    compared = 0
    for parts in people.explore(through_overlaps=False).first:
        held = (parts.reporter, parts.responsible, parts.verifiers, parts.closer)
        for action in world.workflows[parts.workflow].actions.values():
            needs = [need for need in action.needs if need.field in PARTS]
            if parts.state not in (action.from_states or ()) or not needs:
                continue
            allowed = {frozenset(names) for names in people._naming((parts.workflow, action.key), held)}
            for trial in random.Random(compared).choices(range(1, 36), k=6):
                chosen = {n.field: (trial >> (2 * i)) % 4 for i, n in enumerate(needs)}
                if any(n.rule.known.type == "person" and chosen[n.field] == PERSON | OTHERS for n in needs):
                    continue
                assert names_in_fact(needs, parts, chosen) == (
                    frozenset((k, v) for k, v in chosen.items() if v) in allowed
                ), (parts, action.key, chosen)
                compared += 1
    assert compared > 300


def names_in_fact(needs: list, parts: Parts, chosen: dict[str, int]) -> bool:
    """`needs.validate` where the others are all different people."""

    def others(part: str, bits: int, count: int) -> list[str]:
        extra = (
            [f"00000000-0000-7000-9{PARTS.index(part):03d}-{n:012d}" for n in range(count)]
            if bits & OTHERS
            else []
        )
        return ([ME] if bits & PERSON else []) + extra

    relations = {part: others(part, getattr(parts, part), 2) for part in PARTS}
    relations["reporter"] = [ME] if parts.reporter & PERSON else [THIRD] if parts.reporter else []
    form = {
        need.field: (
            others(need.field, chosen[need.field], 2)
            if need.rule.known.type == "people"
            else others(need.field, chosen[need.field], 1)[0]
        )
        for need in needs
        if chosen[need.field]
    }
    _, errors = validate(
        needs, form, NeedContext(now=NOW, zone=ZoneInfo("Asia/Shanghai"), relations=relations)
    )
    return not errors


def test_a_release_is_recorded_once_and_frozen(tmp_path: Path, vocabulary: Vocabulary) -> None:
    first = load_text(shipped("general").encode(), file="a", vocabulary=vocabulary)
    changed = load_text((shipped("general") + "# more\n").encode(), file="a", vocabulary=vocabulary)
    assert released.record(tmp_path, first) is True
    assert released.record(tmp_path, first) is False
    assert released.recorded(tmp_path) == {"general.v1": first.sha256}
    with pytest.raises(WorkflowRefused) as refused:
        released.record(tmp_path, changed)
    assert [problem.rule for problem in refused.value.problems] == [12]


def test_a_folder_with_a_changed_release_does_not_load(
    tmp_path: Path, general: Workflow, vocabulary: Vocabulary
) -> None:
    for base in SHIPPED:
        (tmp_path / f"{base}.v1.yaml").write_text(shipped(base), "utf-8", newline="\n")
    released.record(tmp_path, general)
    assert len(load_all(tmp_path, vocabulary)) == 3
    (tmp_path / "general.v1.yaml").write_text(shipped("general") + "#\n", "utf-8", newline="\n")
    with pytest.raises(WorkflowRefused) as refused:
        load_all(tmp_path, vocabulary)
    assert [(problem.rule, problem.line) for problem in refused.value.problems] == [(12, 1)]


def test_recorded_releases_are_the_shipped_files(folder: Path, vocabulary: Vocabulary) -> None:
    hashes = released.recorded(folder)
    shipped_hashes = {workflow.id: workflow.sha256 for workflow in load_all(folder, vocabulary).values()}
    assert hashes.items() <= shipped_hashes.items()


def test_the_command_speaks_json_with_the_mend_and_three_exit_codes(tmp_path: Path) -> None:
    good, bad, torn = tmp_path / "good.yaml", tmp_path / "bad.yaml", tmp_path / "torn.yaml"
    text = under_a_fresh_key(shipped("general"), "general", "mine")
    good.write_text(text, "utf-8", newline="\n")
    bad.write_text(text.replace("    who: [closer]\n", "    who: [responsible]\n"), "utf-8", newline="\n")
    torn.write_text("workflow: [", "utf-8")
    run = CliRunner()
    assert run.invoke(command, ["check", str(good), "--json"]).output == "[]\n"
    result = run.invoke(command, ["check", str(bad), "--json"])
    rows = json.loads(result.output)
    assert result.exit_code == 1
    assert (rows[0]["file"], rows[0]["rule"]) == (str(bad), 4)
    assert "Mend: " in rows[0]["message"]
    assert run.invoke(command, ["check", str(good), str(torn)]).exit_code == 2
    assert run.invoke(command, ["check", str(tmp_path / "missing.yaml")]).exit_code == 2
    refused = run.invoke(command, ["release", str(bad)])
    assert refused.exit_code == 1
    assert "rule 4" in refused.output

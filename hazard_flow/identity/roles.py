"""The roles (domain 3.1 and two of our own) and who stands above whom."""

from collections.abc import Mapping

from hazard_flow.i18n import Label

OPERATOR_ROLES = (
    "worker",
    "inspector",
    "team_leader",
    "dept_manager",
    "safety_director",
    "enterprise_principal",
    "duty_desk",
)
REGULATOR_ROLES = ("county_officer", "city_officer", "provincial_officer", "safety_committee", "enforcement")
#: officers who stand for a regulator when a ladder ends at it
OFFICERS = ("county_officer", "city_officer", "provincial_officer")
OTHER_ROLES = ("expert", "user_party", "administrator")
ROLES = OPERATOR_ROLES + REGULATOR_ROLES + OTHER_ROLES

#: The next step up when nobody in a role can be reached, and what `above holder` means. It always ends at the highest regulator.
ABOVE: Mapping[str, str] = {
    "worker": "team_leader",
    "inspector": "team_leader",
    "user_party": "team_leader",
    "reporter": "team_leader",
    "applicant": "team_leader",
    "responsible": "dept_manager",
    "duty_desk": "safety_director",
    "team_leader": "dept_manager",
    "dept_manager": "safety_director",
    "verifiers": "safety_director",
    "expert": "safety_director",
    "safety_director": "enterprise_principal",
    "closer": "enterprise_principal",
    "enterprise_principal": "county_officer",
    "administrator": "county_officer",
    "enforcement": "county_officer",
    "county_officer": "city_officer",
    "city_officer": "provincial_officer",
    "provincial_officer": "highest_regulator",
    "safety_committee": "highest_regulator",
}

ROLE_LABELS: Mapping[str, Label] = {
    "worker": Label(zh="从业人员", en="Worker"),
    "inspector": Label(zh="安检员", en="Inspector"),
    "team_leader": Label(zh="班组长", en="Team leader"),
    "dept_manager": Label(zh="部门负责人", en="Department manager"),
    "safety_director": Label(zh="安全总监", en="Safety director"),
    "enterprise_principal": Label(zh="主要负责人", en="Principal"),
    "duty_desk": Label(zh="值班调度", en="Duty desk"),
    "expert": Label(zh="专家", en="Expert"),
    "county_officer": Label(zh="区县监管人员", en="County officer"),
    "city_officer": Label(zh="市级监管人员", en="City officer"),
    "provincial_officer": Label(zh="省级监管人员", en="Provincial officer"),
    "safety_committee": Label(zh="安委会办公室", en="Safety committee office"),
    "enforcement": Label(zh="综合执法", en="Enforcement"),
    "user_party": Label(zh="用户", en="User"),
    "administrator": Label(zh="系统管理员", en="Administrator"),
    "system": Label(zh="系统", en="System"),
    "reporter": Label(zh="上报人", en="Reporter"),
    "responsible": Label(zh="整改责任人", en="Responsible person"),
    "verifiers": Label(zh="复查人", en="Verifiers"),
    "closer": Label(zh="销号审批人", en="Closer"),
    "holder": Label(zh="当前办理人", en="Present holder"),
    "applicant": Label(zh="申请人", en="Applicant"),
    "classifier": Label(zh="定级交办人", en="Classifier"),
    "highest_regulator": Label(zh="最高监管部门", en="Highest regulator"),
}


def division_prefix(code: str) -> str:
    """The part of a six-digit division code that its subdivisions share: 990000 → 99, 990100 → 9901, 990102 → 990102."""
    prefix = code
    while len(prefix) > 2 and prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix

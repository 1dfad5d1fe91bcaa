"""How likely which act is on a random walk, and which roles people have."""

#: how much likelier an act is that a walk looks for
FAVOURED = 8
#: how often an act is tried: what ends or repeats is rarer and what leads on is more frequent, or no walk would get far
WEIGHTS = {
    "dismiss": 0.1, "merge": 0.1, "return": 0.6, "send_back": 0.6, "fail": 1.0, "suspend": 0.7, "resume": 2.0,
    "escalate_to_major": 0.5, "lower_to_general": 0.6, "to_household": 1.0, "acknowledge": 0.1, "alarm": 0.2, "realarm": 0.5,
    "attach": 0.1, "record_inspection": 0.1, "record_penalty": 0.1, "propose_listing": 0.1, "reassign": 0.4, "split": 0.1,
    "fix_on_site": 1.5, "confirm_fix": 3.0, "sign_completion": 2.0, "submit_plan": 2.0, "decide_plan": 3.0, "report_regulator": 1.5,
    "report_staff": 1.5, "notify_staff": 1.5, "pass": 5.0, "close": 6.0, "submit": 6.0, "accept": 6.0, "assign": 6.0, "take_up": 4.0,
    "lift_control": 1.0, "resume_gas": 1.0, "start_control": 0.5, "stop_gas": 0.3, "list": 0.4, "lift_listing": 1.5,
    "publish_listing": 0.5, "publish_lifting": 1.5, "serve_notice": 0.3, "request_transfer": 0.2, "request_lowering": 0.4,
    "progress": 0.3, "raise_urgency": 0.3, "record_visit": 0.3, "record_absence": 0.6, "withdraw_plan": 0.4, "refuse_lowering": 0.5,
    "request_extension": 1.5, "name_officers": 3.0, "withdraw_transfer": 0.6, "write_off_evidence": 0.001,
}  # fmt: skip

ROLES = (
    "worker", "inspector", "team_leader", "dept_manager", "safety_director", "enterprise_principal", "duty_desk", "expert",
    "county_officer", "city_officer", "provincial_officer", "safety_committee", "enforcement",
)  # fmt: skip

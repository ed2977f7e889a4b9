"""A second interpreter of the rules' language, written from docs/format.md §4.1 alone: slow, without state, and nothing of ours in it.

`refused(history, event)` says with which code, if any, the rules refuse `event` after these payloads. Every question is answered
from the whole history, so there is nothing that could be forgotten or remembered wrongly. Form, keys, order and genesis are not
its affair.
"""


def refused(history, event):
    rules = rules_before(history, event["seq"])
    rule = rules["types"].get(event["type"])
    if rule is None or event["role"] not in rule["roles"] or not in_office(history, event):
        return "EVENT_AUTHORITY"
    if "others" in rule and event["stream"] != event["actor"] and event["role"] not in rule["others"]:
        return "EVENT_AUTHORITY"
    stream = [one for one in history if one["stream"] == event["stream"]]
    return (
        of_the_unit(history, stream, rule, event)
        or of_the_life(history, stream, rule, event)
        or of_the_parts(history, stream, rule, rules, event)
    )


def rules_before(history, seq):
    return [one["data"] for one in history if one["type"] == "rules.adopted" and one["seq"] < seq][-1]


def rule_of(history, one):
    if one["seq"] < 2:
        return {}
    return rules_before(history, one["seq"])["types"].get(one["type"], {})


def in_office(history, event):
    if event["role"] in ("system", "public"):
        return event["actor"].split(":")[0] == event["role"]
    held = False
    for one in history:
        if one["type"] == "log.opened" and one["data"]["administrator"]["official"] == event["actor"]:
            held = held or (event["role"], event["unit"]) == ("administrator", one["unit"])
        if one["stream"] == event["actor"]:
            if one["type"] == "official.retired":
                return False
            same = (one["data"].get("role"), one["data"].get("unit")) == (event["role"], event["unit"])
            if same and one["type"] in ("role.granted", "role.withdrawn"):
                held = one["type"] == "role.granted"
    return held


def owner_of(history, stream):
    """(unit, partner, recused units) of a stream."""
    unit, partner, recused = "", "", []
    for place, one in enumerate(stream):
        rule = rule_of(history, one)
        if place == 0 or rule.get("moves_unit"):
            unit = one["data"].get("unit", one["unit"])
        if rule.get("names_partner"):
            partner = one["data"]["partner"]
        if rule.get("recuses"):
            recused.append(one["data"]["recused"])
            if unit == one["data"]["recused"]:
                unit = next(
                    r["unit"] for r in reversed(history) if r["type"] == "rules.adopted" and r["seq"] < one["seq"]
                )
    return unit, partner, recused


def of_the_unit(history, stream, rule, event):
    unit, partner, recused = owner_of(history, stream)
    unit = unit if stream else event["data"].get("unit", event["unit"])
    mine = {"own": [unit], "partner": [partner], "sides": [unit, partner]}.get(rule["unit"])
    anywhere = event["role"] in rule.get("anywhere", [])
    if mine is not None and not anywhere and not any(one and one.startswith(event["unit"]) for one in mine):
        return "EVENT_AUTHORITY"
    if stream and any(event["unit"].startswith(one) for one in recused):
        return "EVENT_SEPARATION"
    return None


def state_of(history, stream, life):
    """None where the stream has no such life."""
    state, begun = None, set()
    for place, one in enumerate(stream):
        rule = rule_of(history, one)
        if rule.get("recuses") and owner_of(history, stream[:place])[0] != one["data"]["recused"]:
            continue
        if "life" in rule:
            begun.add(rule["life"])
        if rule.get("life") == life:
            before = state if state is not None else first_of(history, one["seq"], life)
            to = rule.get("to")
            state = (to.get(before) if isinstance(to, dict) else to) or before
    if state is None and rules_before(history, 1 << 60)["lives"][life].get("of") in begun:
        return first_of(history, 1 << 60, life)
    return state


def first_of(history, seq, life):
    return rules_before(history, seq)["lives"][life].get("first")


def of_the_life(history, stream, rule, event):
    if "life" not in rule:
        return None
    if rule.get("from") == []:
        return "EVENT_STATE" if stream else None
    state = state_of(history, stream, rule["life"])
    return "EVENT_STATE" if state is None or state not in rule.get("from", [state]) else None


def persons_of(history, event):
    persons, stood_in_for = set(), None
    enrolled = {one["stream"]: one["data"]["person"] for one in history if one["type"] == "official.enrolled"}
    if event["actor"] in enrolled:
        persons.add(enrolled[event["actor"]])
        for one in history:
            granted = one["type"] == "role.granted" and one["stream"] == event["actor"] and one["seq"] < event["seq"]
            if granted and (one["data"]["role"], one["data"]["unit"]) == (event["role"], event["unit"]):
                stood_in_for = enrolled.get(one["data"].get("substitute_for"))
    return persons | ({stood_in_for} - {None} if persons else set())


def taken(history, stream):
    """{part: persons} of the present round."""
    parts, named = {}, {}
    for one in stream:
        rule = rule_of(history, one)
        if rule.get("starts_round"):
            parts = {part: {person} for part, person in named.items()}
        elif "part" in rule:
            parts.setdefault(rule["part"], set()).update(persons_of(history, one))
        for member, part in rule.get("names", {}).items():
            if member in one["data"]:
                if rule.get("renames"):
                    parts.setdefault(part, set()).discard(named.get(part))
                parts.setdefault(part, set()).add(one["data"][member])
                named[part] = one["data"][member]
    return parts


def of_the_parts(history, stream, rule, rules, event):
    parts = taken(history, stream)

    def meets(part, persons):
        others = {other for pair in rules["apart"] if part in pair for other in pair if other != part}
        return any(persons & parts.get(other, set()) for other in others)

    if "part" in rule and meets(rule["part"], persons_of(history, event)):
        return "EVENT_SEPARATION"
    for member, part in rule.get("names", {}).items():
        if member in event["data"] and meets(part, {event["data"][member]}):
            return "EVENT_SEPARATION"
    return None

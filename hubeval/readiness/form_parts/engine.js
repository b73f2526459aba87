"use strict";
// The verdict logic of hubeval.readiness, line for line: evidence.py, verdict.py, and the order of roadmap.py.
// A test runs both on 10,000 random answer sets. Nothing here touches the page.
const hubevalEngine = (() => {
  const UNKNOWN = [1, 4];
  const DATA = 4;

  function intersect(facts) {
    let low = 1, high = 4;
    for (const fact of facts) {
      low = Math.max(low, fact.low);
      high = Math.min(high, fact.high);
    }
    return [low, high];
  }

  function furthest(facts) {
    const top = facts.reduce((a, b) => (b.low > a.low ? b : a));
    const bottom = facts.reduce((a, b) => (b.high < a.high ? b : a));
    return [top, bottom];
  }

  // The range that facts on one criterion leave; the two in conflict; the claims that data overrule.
  function weighOne(rules, facts) {
    const grade = (fact) => rules.grades[fact.kind];
    const none = { span: UNKNOWN, conflict: [], overruled: [] };
    if (!facts.length) return none;
    const checked = facts.filter((fact) => grade(fact) === DATA);
    const base = intersect(checked.length ? checked : facts);
    if (base[0] > base[1]) return { ...none, conflict: furthest(checked.length ? checked : facts) };
    if (!checked.length) return { ...none, span: base };
    const claims = facts.filter((fact) => grade(fact) < DATA);
    const overruled = claims.filter((fact) => fact.low > base[1] || fact.high < base[0]);
    const narrowed = intersect([...checked, ...claims.filter((fact) => !overruled.includes(fact))]);
    return { ...none, span: narrowed[0] <= narrowed[1] ? narrowed : base, overruled };
  }

  function weigh(rules, facts) {
    const evidence = {};
    for (const item of rules.criteria) {
      evidence[item.id] = weighOne(rules, facts.filter((fact) => fact.criterion === item.id));
    }
    return evidence;
  }

  // Kleene: true, false, or null for unknown.
  function reaches(span, level) {
    if (span[0] >= level) return true;
    return span[1] < level ? false : null;
  }

  function designState(rule, levels) {
    const gates = Object.entries(rule.gates);
    const closedBy = gates.filter(([id, level]) => reaches(levels[id], level) === false).map(([id]) => id);
    const wanting = gates.filter(([id, level]) => reaches(levels[id], level) === null).map(([id]) => id);
    const status = closedBy.length ? "closed" : wanting.length ? "not enough evidence" : "open";
    const reported = Object.entries(rule.offered_when).every(([id, level]) => levels[id][0] >= level);
    return { design: rule.id, status, closed_by: closedBy, wanting, offered: status === "open" || reported };
  }

  function decide(rules, levels, access) {
    const designs = rules.designs.map((rule) => designState(rule, levels));
    const gates = rules.criteria.filter((item) => item.route !== null)
      .map((item) => [item.id, reaches(levels[item.id], item.route), item.must_be_known]);
    const failing = gates.filter((gate) => gate[1] === false).map((gate) => gate[0]);
    const unknown = gates.filter((gate) => gate[1] === null).map((gate) => gate[0]);
    const must = gates.some((gate) => gate[2] && gate[1] === null);
    let answer;
    if (failing.length) answer = ["theory-based", "foundations", "foundations first"];
    else if (must) answer = ["not enough evidence", "undecided", "not enough evidence"];
    else if (designs.some((item) => item.status === "open")) answer = ["quasi-experimental", "ready", "designs open"];
    else if (designs.every((item) => item.status === "closed")) {
      const forWantOfIt = designs.every((item) => item.closed_by.some((id) => rules.counterfactual.includes(id)));
      answer = ["theory-based", "foundations", forWantOfIt ? "no credible counterfactual" : "designs closed"];
    } else answer = ["quasi-experimental", "provisional", "confirm the unknowns"];
    const possible = access !== false
      && Object.entries(rules.theory_needs).every(([id, level]) => reaches(levels[id], level) !== false);
    if (answer[0] === "theory-based" && !possible) answer[2] = "evaluability work first";
    const known = rules.criteria.filter((item) => levels[item.id][0] > 1 || levels[item.id][1] < 4).length;
    return { route: answer[0], status: answer[1], reading: answer[2], failing, unknown, designs, known };
  }

  // The criteria that close every design by themselves; where none does, all that close any.
  function closers(designs) {
    const named = [...new Set(designs.flatMap((item) => item.closed_by))];
    const alone = named.filter((id) => designs.every((item) => item.closed_by.includes(id)));
    return alone.length ? alone : named;
  }

  // The reading in words, with what it rests on: the same sentences as the command line's.
  function told(rules, verdict) {
    const lines = [rules.readings[verdict.reading]];
    const name = (id) => `${rules.criteria.find((item) => item.id === id).name} (${id})`;
    if (verdict.reading === "designs closed") {
      lines.push(`What closes them: ${closers(verdict.designs).map(name).join(", ")}.`);
    }
    if (verdict.reading === "confirm the unknowns") {
      lines.push(`Something is known of ${verdict.known} of ${rules.criteria.length} criteria.`);
    }
    return lines;
  }

  // What to find out: what the route cannot be told without, what could close it, what blocks most designs, the cheapest.
  function questions(rules, levels, verdict) {
    const found = [];
    for (const item of rules.criteria) {
      const span = levels[item.id];
      if (item.soft || !item.cuts.some((level) => reaches(span, level) === null)) continue;
      found.push({
        criterion: item.id,
        must: item.must_be_known && reaches(span, item.route) === null,
        blocks_route: item.route !== null && reaches(span, item.route) === null,
        blocks: verdict.designs.filter((d) => d.status !== "closed" && d.wanting.includes(item.id)).map((d) => d.design),
        cost: item.cost,
      });
    }
    return found.sort((a, b) => (b.must - a.must) || (b.blocks_route - a.blocks_route)
      || (b.blocks.length - a.blocks.length) || (a.cost - b.cost));
  }

  function assess(rules, facts, access) {
    const evidence = weigh(rules, facts);
    const levels = {};
    for (const [id, item] of Object.entries(evidence)) levels[id] = item.span;
    const verdict = decide(rules, levels, access);
    return { evidence, verdict, questions: questions(rules, levels, verdict) };
  }

  // First day of an ISO date, month or year, or null where it is none of these.
  function firstDay(text) {
    const parts = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/.exec(text);
    if (!parts) return null;
    const [year, month, day] = [Number(parts[1]), Number(parts[2] || 1), Number(parts[3] || 1)];
    const made = new Date(Date.UTC(2000, month - 1, day));
    made.setUTCFullYear(year, month - 1, day);
    const same = made.getUTCFullYear() === year && made.getUTCMonth() === month - 1 && made.getUTCDate() === day;
    return same && year > 0 ? made.toISOString().slice(0, 10) : null;
  }

  // What is wrong with one piece of evidence, in the words of profile.py; empty where it can be counted.
  function problems(rules, fact, today, verdictQuote) {
    const found = [];
    const whole = (level) => Number.isInteger(level) && level >= 1 && level <= 4;
    if (!rules.criteria.some((item) => item.id === fact.criterion)) found.push(["criterion", `There is no criterion ${fact.criterion}.`]);
    if (!whole(fact.low)) found.push(["low", "Choose the lowest level it supports, 1 to 4."]);
    if (!whole(fact.high)) found.push(["high", "Choose the highest level it supports, 1 to 4."]);
    if (whole(fact.low) && whole(fact.high) && fact.low > fact.high) found.push(["low", "The lowest level is above the highest: swap them."]);
    if (!(fact.kind in rules.grades)) found.push(["kind", "Choose what kind of evidence it is."]);
    if (fact.quote && !fact.source) found.push(["source", "A quote needs its source: name the document."]);
    if (["fact", "document", "data"].includes(fact.kind) && !fact.quote) {
      found.push(["quote", "Add the words themselves, or call it a label or assertion."]);
    } else if (fact.kind === "data" && !fact.source) found.push(["source", "A check on data needs its source: name the check or file."]);
    if (fact.quote && isVerdict(rules, fact.quote, verdictQuote)) {
      found.push(["quote", "This is a published verdict, not evidence: a verdict is never an input."]);
    }
    const first = firstDay(fact.dated || "");
    if (!first) found.push(["dated", "Say when it was true: 2026-11-22, 2026-11 or 2026."]);
    else if (first > today) found.push(["dated", "This date is in the future."]);
    return found;
  }

  function isVerdict(rules, quote, verdictQuote) {
    if (new RegExp(rules.verdict_words, "i").test(quote)) return true;
    const flat = (words) => words.toLowerCase().split(/\s+/).filter(Boolean).join(" ");
    const ours = flat(quote), theirs = flat(verdictQuote || "");
    return Boolean(theirs) && (theirs.includes(ours) || ours.includes(theirs));
  }

  return { assess, decide, weigh, told, problems, firstDay };
})();

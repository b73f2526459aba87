"use strict";
// The page around the engine: evidence in, live verdict out, saved to and opened from a JSON file on this computer.
(() => {
  const rules = JSON.parse(document.getElementById("rules").textContent);
  const byId = (id) => document.getElementById(id);
  const kept = {};          // keys of an opened file that the form does not edit: saved again as they were
  const KEPT = ["notes", "illustrative", "outcomes", "reported_verdict"];
  const FIELDS = ["low", "high", "kind", "quote", "source", "dated", "note"];
  let count = 0, dirty = false;

  const today = () => {
    const now = new Date();
    return `${now.getFullYear()}-${String(now.getMonth() + 1).padStart(2, "0")}-${String(now.getDate()).padStart(2, "0")}`;
  };

  function make(tag, text, attributes = {}) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    return node;
  }

  function addEntry(criterion, fact = {}, focus = false) {
    const entry = byId("entry").content.firstElementChild.cloneNode(true);
    const section = byId(criterion);
    count += 1;
    entry.dataset.criterion = criterion;
    for (const field of FIELDS) {
      const control = entry.querySelector(`[name="${field}"]`);
      control.id = `e${count}-${field}`;
      entry.querySelector(`[data-for="${field}"]`).setAttribute("for", control.id);
      if (fact[field] !== undefined && fact[field] !== null) control.value = String(fact[field]);
    }
    entry.querySelector('[name="dated"]').setAttribute("aria-describedby", `e${count}-hint`);
    entry.querySelector(".date-hint").id = `e${count}-hint`;
    entry.querySelector(".remove").addEventListener("click", () => {
      entry.remove();
      number(section);
      section.querySelector(".add").focus();
      changed();
    });
    section.querySelector(".entries").append(entry);
    number(section);
    if (focus) entry.querySelector('[name="low"]').focus();
  }

  function number(section) {
    [...section.querySelectorAll(".entry")].forEach((entry, index) => {
      const name = `Evidence ${index + 1} on ${section.id}`;
      entry.querySelector("legend").textContent = name;
      entry.querySelector(".remove").setAttribute("aria-label", `Remove evidence ${index + 1} on ${section.id}`);
    });
  }

  function read(entry) {
    const fact = { criterion: entry.dataset.criterion };
    for (const field of FIELDS) {
      const value = entry.querySelector(`[name="${field}"]`).value.trim();
      fact[field] = field === "low" || field === "high" ? (value ? Number(value) : null) : value;
    }
    return fact;
  }

  const verdictQuote = () => (kept.reported_verdict && kept.reported_verdict.quote) || "";
  const entries = () => [...document.querySelectorAll(".entry")];
  const wrong = (entry) => hubevalEngine.problems(rules, read(entry), today(), verdictQuote());

  function access() {
    const chosen = document.querySelector('input[name="access"]:checked').value;
    return chosen === "yes" ? true : chosen === "no" ? false : null;
  }

  function changed() {
    dirty = true;
    refresh();
  }

  function refresh() {
    const counted = [];
    for (const entry of entries()) {
      const found = wrong(entry);
      const message = entry.querySelector(".not-counted");
      message.textContent = found.length ? `Not counted yet. ${found.map((item) => item[1]).join(" ")}` : "";
      if (!found.length) counted.push(read(entry));
    }
    const result = hubevalEngine.assess(rules, counted, access());
    showVerdict(result, counted);
    showStates(result.evidence);
  }

  function range(span) {
    if (span[0] === 1 && span[1] === 4) return "Not known";
    return span[0] === span[1] ? `Level ${span[0]}` : `Level ${span[0]} to ${span[1]}`;
  }

  function showStates(evidence) {
    for (const item of rules.criteria) {
      const found = evidence[item.id];
      let text = `${range(found.span)}.`;
      if (found.conflict.length) text = "The evidence contradicts itself, so this counts as not known.";
      if (found.overruled.length) text += ` A check on data overrules ${found.overruled.length} claim${found.overruled.length > 1 ? "s" : ""}.`;
      byId(`${item.id}-state`).textContent = text;
    }
  }

  function showVerdict(result, counted) {
    const { verdict } = result;
    const line = verdict.route === "not enough evidence" ? "Not enough evidence" : `${verdict.route} (${verdict.status})`;
    const status = byId("verdict");
    if (status.textContent !== line) status.textContent = line;
    byId("reading").textContent = hubevalEngine.told(rules, verdict).join(" ");
    fill("reasons", reasons(verdict, result.evidence, counted));
    fill("designs", verdict.designs.map((item) => {
      const names = rules.designs.find((rule) => rule.id === item.design);
      if (item.status === "open") return `${names.name}: open. ${names.caveat}`;
      if (item.status === "closed") return `${names.name}: closed by ${item.closed_by.join(", ")}.`;
      const offered = item.offered ? "" : ` Not offered until ${names.offered_if}.`;
      return `${names.name}: not enough evidence, ${item.wanting.length} unknown.${offered}`;
    }));
    const first = result.questions.slice(0, 6).map((question) => {
      const item = rules.criteria.find((criterion) => criterion.id === question.criterion);
      return `${item.id}: ${item.question} ${item.how[0].toUpperCase()}${item.how.slice(1)}: ${item.who}.`;
    });
    const more = result.questions.length - first.length;
    if (more > 0) first.push(`And ${more} more.`);
    fill("questions", first.length ? first : ["Nothing that decides is unknown."]);
  }

  function reasons(verdict, evidence, counted) {
    const deciding = verdict.failing.length ? verdict.failing
      : rules.criteria.filter((item) => item.must_be_known).map((item) => item.id);
    const lines = deciding.map((id) => {
      const item = rules.criteria.find((criterion) => criterion.id === id);
      const quotes = counted.filter((fact) => fact.criterion === id && fact.quote)
        .map((fact) => `“${fact.quote}” (${fact.source}, ${fact.dated})`);
      const said = quotes.length ? `: ${quotes.join("; ")}` : "";
      const conflict = evidence[id].conflict.length ? " The evidence contradicts itself." : "";
      return `${item.name} (${id}) needs level ${item.route}. ${range(evidence[id].span)}${said}.${conflict}`;
    });
    if (!verdict.failing.length && verdict.unknown.length && verdict.route === "quasi-experimental") {
      lines.push(`Also unknown, and able to close the route: ${verdict.unknown.join(", ")}. Unknown is not failing.`);
    }
    return lines;
  }

  function fill(id, lines) {
    byId(id).replaceChildren(...lines.map((line) => make("li", line)));
  }

  // --- saving and opening -------------------------------------------------------------------------------------

  function answers() {
    const made = { area: byId("area").value.trim(), rubric_version: rules.version };
    if (byId("assessor").value.trim()) made.assessor = byId("assessor").value.trim();
    if (access() !== null) made.access = access();
    if (byId("sites").value.trim()) made.sites = Number(byId("sites").value);
    if (byId("opens").value.trim()) made.opens = byId("opens").value.trim();
    Object.assign(made, kept);
    made.facts = entries().map((entry) => {
      const fact = read(entry);
      for (const field of ["quote", "source", "note"]) if (!fact[field]) delete fact[field];
      return fact;
    });
    return made;
  }

  function save() {
    const found = check();
    const made = answers();
    const name = (made.area || "area").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "area";
    const link = make("a", "", { download: `${name}${found.length ? "-draft" : ""}.json` });
    link.href = URL.createObjectURL(new Blob([`${JSON.stringify(made, null, 2)}\n`], { type: "application/json" }));
    link.click();
    URL.revokeObjectURL(link.href);
    dirty = false;
    byId("saved").textContent = found.length
      ? `Saved as a draft: ${found.length} thing${found.length > 1 ? "s" : ""} to put right before hubeval can read it.`
      : "Saved. Run: hubeval assess on the file.";
  }

  function check() {
    const found = [];
    if (!byId("area").value.trim()) found.push(["area", "Name the area."]);
    const sites = byId("sites").value.trim();
    if (sites && !/^0*[1-9]\d*$/.test(sites)) found.push(["sites", "The number of sites is a whole number above 0."]);
    const opens = byId("opens").value.trim();
    if (opens && !/^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$/.test(opens)) {
      found.push(["opens", "The opening is a year (2027), a month (2027-09) or a day (2027-09-01)."]);
    }
    for (const entry of entries()) {
      const legend = entry.querySelector("legend").textContent;
      for (const [field, message] of wrong(entry)) {
        found.push([entry.querySelector(`[name="${field}"]`).id, `${legend}: ${message}`]);
      }
    }
    const summary = byId("problems");
    summary.hidden = !found.length;
    byId("problem-list").replaceChildren(...found.map(([id, message]) => {
      const item = make("li");
      item.append(make("a", message, { href: `#${id}` }));
      return item;
    }));
    if (found.length) summary.focus();
    return found;
  }

  function refuse(message) {
    byId("saved").textContent = `That file was not opened. ${message}`;
  }

  function open(text, name) {
    let made;
    try {
      made = JSON.parse(text);
    } catch (error) {
      return refuse(`${name} is not JSON.`);
    }
    if (dirty && !window.confirm("Opening a file replaces answers that are not saved. Go on?")) return undefined;
    if (!made || typeof made !== "object" || Array.isArray(made)) return refuse(`${name} does not hold a profile.`);
    const known = ["area", "assessor", "access", "sites", "opens", "rubric_version", "facts", ...KEPT];
    const strange = Object.keys(made).filter((key) => !known.includes(key));
    if (strange.length) return refuse(`It has keys the form does not know: ${strange.join(", ")}.`);
    const facts = made.facts === undefined ? [] : made.facts;
    if (!Array.isArray(facts)) return refuse("Its facts are not a list.");
    const lost = facts.filter((fact) => !fact || !rules.criteria.some((item) => item.id === fact.criterion)
      || Object.keys(fact).some((key) => key !== "criterion" && !FIELDS.includes(key)));
    if (lost.length) return refuse(`${lost.length} of its facts have criteria or keys the form does not know.`);
    entries().forEach((entry) => entry.remove());
    for (const key of Object.keys(kept)) delete kept[key];
    for (const key of KEPT) if (made[key] !== undefined) kept[key] = made[key];
    byId("area").value = made.area || "";
    byId("assessor").value = made.assessor || "";
    byId("sites").value = made.sites === undefined || made.sites === null ? "" : String(made.sites);
    byId("opens").value = made.opens === undefined || made.opens === null ? "" : String(made.opens);
    byId(made.access === true ? "access-yes" : made.access === false ? "access-no" : "access-unknown").checked = true;
    facts.forEach((fact) => addEntry(fact.criterion, fact));
    byId("problems").hidden = true;
    dirty = false;
    refresh();
    const other = made.rubric_version && made.rubric_version !== rules.version
      ? ` It was coded against version ${made.rubric_version} of the criteria; this form holds ${rules.version}.` : "";
    byId("saved").textContent = `Opened ${name}: ${facts.length} piece${facts.length === 1 ? "" : "s"} of evidence.${other}`;
    return undefined;
  }

  document.querySelectorAll(".add").forEach((button) => {
    button.addEventListener("click", () => {
      addEntry(button.dataset.criterion, {}, true);
      changed();
    });
  });
  byId("form").addEventListener("input", changed);
  byId("form").addEventListener("submit", (event) => event.preventDefault());
  byId("save").addEventListener("click", save);
  byId("open").addEventListener("change", (event) => {
    const file = event.target.files[0];
    if (file) file.text().then((text) => open(text, file.name)).finally(() => { event.target.value = ""; });
  });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  window.hubevalForm = { open, answers };
  refresh();
})();

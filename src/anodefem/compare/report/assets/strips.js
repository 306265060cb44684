"use strict";
// What the SEI of each run goes through on the way, and what the cards say of it.

// What it has gone through up to a place: intact, yields, breaks or none.
function verdict(run, at) {
  if (run.limits.fracture === null && run.limits.yield === null) return "none";
  if (run.since.fracture !== null && at >= run.since.fracture) return "breaks";
  return run.since.yield !== null && at >= run.since.yield ? "yields" : "intact";
}

// The state of charge at which the SEI first does something, with its error bar where it is known.
function since(app, run, name) {
  const bar = run.bars[name];
  return `${app.digits(run.first[name], 2)}${bar === null ? "" : ` ± ${app.digits(bar, 1)}`}`;
}

function strips(app) {
  const { runs } = app.data, box = $("strips"), turns = app.turns();
  if (runs.every((run) => verdict(run, 0) === "none")) { box.hidden = true; return; }
  box.append(element("h3", "Which one keeps its SEI, and from when?"));
  const legend = element("p");
  legend.className = "hint";
  legend.append("Along the path of the slider above; dashed: charge and discharge turn.");
  for (const [name, text] of [["intact", "intact"], ["yields", "stretched for good (beyond its yield strain)"],
    ["breaks", "broken (beyond its fracture strain; stays broken)"], ["none", "not computed or not reached"]]) {
    const patch = element("i", "", "display:inline-block;width:1em;height:.8em;margin:0 .35em 0 .9em");
    patch.className = name;
    legend.append(patch, text);
  }
  box.append(legend);
  const recipes = new Set(runs.map((run) => run.recipe));
  runs.forEach((run, i) => {
    const row = element("div"), name = element("span"), line = element("div"), note = element("span");
    row.className = "strip"; name.className = "name"; line.className = "line"; note.className = "note";
    row.dataset.run = i;
    const dot = element("span", "", `background:${run.colour}`);
    dot.className = "dot";
    name.append(dot, `${run.letter} ${run.title}`);
    name.title = run.title;
    const part = (kind, from, to) => {
      if (to <= from) return;
      const made = element("i", "", `left:${(100 * from) / app.last}%;width:${(100 * (to - from)) / app.last}%`);
      made.className = kind;
      line.append(made);
    };
    if (verdict(run, 0) === "none") part("none", 0, app.last);
    else {
      const broken = run.since.fracture ?? app.last, stretched = Math.min(run.since.yield ?? broken, broken);
      part("intact", 0, stretched);
      part("yields", stretched, broken);
      part("breaks", broken, app.last);
      for (let from = 0; from <= app.last; from++) { // where the run did not get to
        let to = from;
        while (to <= app.last && run.held[to]) to++;
        if (to > from) part("none", Math.max(0, from - 1), Math.min(to, app.last));
        from = Math.max(from, to);
      }
    }
    for (const turn of turns) line.append(element("s", "", `left:${(100 * turn) / app.last}%`));
    line.append(element("u"));
    line.onclick = (e) => { const shape = line.getBoundingClientRect(); app.go(((e.clientX - shape.left) / shape.width) * app.last); };
    const recipe = recipes.size > 1 && run.recipe ? `${run.recipe}: ` : "";
    note.textContent = recipe + (run.first.fracture !== null ? `breaks at charge ${since(app, run, "fracture")}${app.cycleAt(run.since.fracture)}`
      : run.first.yield !== null ? `yields at charge ${since(app, run, "yield")}${app.cycleAt(run.since.yield)}`
        : verdict(run, 0) === "none" ? "no SEI computed" : "stays intact");
    row.append(name, line, note);
    box.append(row);
  });
}

// Below each picture: what has become of the SEI, and the numbers of the state that is shown.
function say(app) {
  app.data.runs.forEach((run, i) => {
    const card = document.querySelector(`.card[data-run="${i}"]`), what = verdict(run, app.at), [mark, colour] = MARKS[what];
    const part = app.along(run.beyond) ?? 0;
    const words = { intact: "SEI intact", none: "no SEI computed",
      yields: `SEI stretched for good since charge ${since(app, run, "yield")}`,
      breaks: `SEI broken since charge ${since(app, run, "fracture")}` }[what];
    const badge = element("i", mark, `background:var(${colour})`);
    card.querySelector(".verdict").replaceChildren(badge, words);
    const of = (name) => app.along(run.columns[name]);
    const live = [["SEI strain", of("sei_strain_max"), 3, part > 0.005 ? `, over the limit on ${app.digits(100 * part, 2)} % of its area` : ""],
      ["hull volume ×", of("hull_volume_ratio"), 3, ""], ["", of("volumetric_capacity"), 4, " Ah/L"],
      ["crack field up to", of("crack_max"), 2, ""]].filter(([, value]) => value !== null)
      .map(([name, value, n, unit_]) => `${name} ${app.digits(value, n)}${unit_}`.trim());
    if (app.held(run)) {
      const how = app.at < run.held.indexOf(0) ? "begins" : "ended";
      live.push(`run ${how} at state of charge ${app.digits(of("soc"), 2)}`);
    }
    card.querySelector(".live").textContent = live.join("  ·  ");
  });
}

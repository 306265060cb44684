"use strict";
// Colour scale, names of colours, and labels that give way to one another.

// Place of a value on a scale, from 0 to 1: as in fields.py.
function unit({ low, high, limit, below }, x) {
  if (limit === null) return (x - low) / (high - low);
  const q = x / limit;
  return q < 1 ? below * q : below + ((1 - below) * Math.log(q)) / Math.log(high / limit);
}

// Hides the labels in a row that would touch those before them; the first ones matter most.
function thin(labels, gap = 4) {
  const kept = [];
  for (const label of labels) {
    const a = label.getBoundingClientRect();
    const touches = kept.some((b) => a.left < b.right + gap && b.left < a.right + gap && a.top < b.bottom && b.top < a.bottom);
    label.style.visibility = touches ? "hidden" : "";
    if (!touches) kept.push(a);
  }
}

// Puts marks that would touch those before them into rows above, and returns the number of rows.
function stack(marks, gap = 4) {
  const rows = [];
  for (const mark of marks) {
    const a = mark.getBoundingClientRect();
    let row = rows.findIndex((others) => others.every((b) => a.right + gap < b.left || b.right + gap < a.left));
    if (row < 0) row = rows.push([]) - 1;
    rows[row].push(a);
    mark.parentElement.style.setProperty("--row", row);
  }
  return rows.length;
}

// Strains at which the SEI of the runs yields and breaks, with the recipes where these differ.
function marksOf(runs) {
  const recipes = new Set(runs.map((run) => run.recipe).filter(Boolean)), found = new Map();
  for (const run of runs)
    for (const [name, word] of [["yield", "yields"], ["fracture", "breaks"]]) {
      if (run.limits[name] === null) continue;
      const mark = `${word} ${run.limits[name]}`;
      if (!found.has(mark)) found.set(mark, { word, at: run.limits[name], recipes: new Set() });
      found.get(mark).recipes.add(run.recipe);
    }
  return [...found].map(([text, mark]) => ({ ...mark, text: recipes.size > 1 ? `${[...mark.recipes].join(", ")}: ${text}` : text }))
    .sort((a, b) => (b.word === "breaks") - (a.word === "breaks") || a.at - b.at);
}

function scaleBar(app) {
  const field = app.fieldOf(), box = $("scale");
  box.replaceChildren();
  if (!field) return;
  const what = element("span", field.unit ? `${field.label} [${field.unit}]` : field.label), own = app.spreadOf(field) !== "common";
  what.className = "what";
  const ramp = element("div"), bar = element("i"), stops = [];
  ramp.className = "ramp";
  for (let i = 0; i < 64; i += 3) stops.push(`rgb(${field.map.slice(3 * i, 3 * i + 3).join(" ")})`);
  bar.style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  ramp.append(bar);
  const scale = field.common, labels = [];
  const label = (value, text) => {
    const place = unit(scale, value), made = element("span", text, `left:${100 * place}%`);
    made.className = place < 0.01 ? "first" : place > 0.99 ? "last" : "";
    labels.push(made);
    ramp.append(made);
  };
  if (own) for (const [value, text] of [[scale.low, scale.low < 0 ? "−own end" : "0"], [scale.high, "own end of each body"]]) label(value, text);
  else if (scale.low < 0) for (const value of [scale.low, scale.high, ...scale.ticks]) label(value, app.digits(value, 3));
  else for (const value of [...scale.ticks].sort((a, b) => (b === scale.limit) - (a === scale.limit))) label(value, app.digits(value, 3));
  const marks = field.name !== "sei_strain" ? [] : marksOf(app.data.runs).filter(({ at }) => at <= scale.high).map(({ text, at }) => {
    const place = unit(scale, at), mark = element("em", "", `left:${100 * place}%`), name = element("b", text);
    mark.append(name);
    if (place > 0.6) mark.classList.add("left");
    ramp.append(mark);
    return name;
  });
  const over = own ? [] : app.data.runs.filter((run, i) => (field.most[i] ?? 0) > 1.02 * scale.high)
    .map((run) => `${run.letter} up to ${app.digits(field.most[app.data.runs.indexOf(run)], 2)}`);
  const broken = scale.limit !== null && !own ? `; linear up to the limit ${scale.limit}, logarithmic above` : "";
  const more = element("span", `${field.where}${broken}${over.length ? `; off the scale: ${over.join(", ")}` : ""}`);
  more.className = "more";
  box.append(what, ramp, spreadChoice(app, field), more);
  app.thin = () => {
    thin(labels);
    thin([...$("ends").children]);
    ramp.style.setProperty("--rows", Math.max(1, stack(marks)));
  };
  app.thin();
  app.data.runs.forEach((run, i) => {
    const note = document.querySelector(`.card[data-run="${i}"] .own`), mine = field.own[i];
    note.textContent = own && mine ? saysOwn(app, field, app.scaleOf(field, i)) : "";
  });
  key(app, field);
}

function saysOwn(app, field, { low, high }) {
  return `colours ${app.digits(low, 2)} to ${app.digits(high, 2)} ${field.unit}`.trim();
}

// Whether all bodies share one scale; what suits is chosen at first, and said.
function spreadChoice(app, field) {
  const box = element("span");
  box.className = "choice";
  if (field.own.filter(Boolean).length < 2) return box;
  for (const [value, text, title] of [["common", "common scale", "All bodies on one scale: colours can be compared"],
    ["own", "own scales", `Each body up to its own end${field.apart ? " (chosen here at first, since one body would leave the others pale)" : ""}`],
    ["now", "of this state", "Each body up to its own end at the state that is shown"]]) {
    const label = element("label"), input = element("input"), name = element("span", text);
    Object.assign(input, { type: "radio", name: "spread", value, checked: app.spreadOf(field) === value });
    input.onchange = () => { app.spread[field.name] = value; scaleBar(app); app.scenes?.draw(); };
    label.title = title;
    label.append(input, name);
    box.append(label);
  }
  return box;
}

function key(app, field) {
  const c = app.data.colours, entries = Object.entries(c.regions).map(([name, rgb]) => [name, css(rgb), ""]);
  if (field.surface) entries.unshift(["what swells (no colour scale on cut faces)", css(c.host), ""]);
  if (field.name === "sei_strain" && field.least < -0.004 * field.common.high) entries.push(["SEI compressed", css(c.compressed), ""]);
  entries.push([`outline before ${app.data.words.inwards}`, css(c.initial), "line"]);
  $("key").replaceChildren(...entries.map(([text, colour, kind]) => {
    const entry = element("span"), patch = element("i");
    patch.className = kind;
    patch.style[kind ? "borderColor" : "background"] = colour;
    entry.append(patch, text);
    return entry;
  }));
}

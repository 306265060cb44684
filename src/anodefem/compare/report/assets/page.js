"use strict";
// The page: what is chosen, and everything that follows from it.
const $ = (id) => document.getElementById(id);
const element = (name, text = "", style = "") => {
  const made = document.createElement(name);
  made.textContent = text;
  if (style) made.style.cssText = style;
  return made;
};
const css = (rgb) => `rgb(${rgb.map((part) => Math.round(255 * part)).join(" ")})`;

class App {
  constructor(data) {
    Object.assign(this, { data, hidden: new Set(), cut: true, outline: true, same: false, linked: true, playing: null });
    for (const run of data.runs) run.lids = run.pieces.some((piece) => piece.lid);
    this.field = data.fields.length ? data.fields[0].name : "";
    this.at = data.start;
    this.last = data.stops.length - 1;
  }

  digits(value, n) {
    if (value === null || value === undefined) return "–";
    if (Math.abs(value) < 5e-7) return "0";
    if (Math.abs(value) < 1e-3) return value.toExponential(0);
    return String(Math.abs(value) >= 10 ** (n - 1) ? Math.round(value) : +value.toPrecision(n));
  }
  // Value at the slider of a list with one entry per stop.
  along(list) {
    const low = Math.min(Math.floor(this.at), this.last), w = this.at - low;
    if (w < 1e-9 || low === this.last) return list[low];
    return list[low] === null || list[low + 1] === null ? null : list[low] + w * (list[low + 1] - list[low]);
  }
  held(run) { return Boolean(run.held[Math.round(this.at)]); }
  go(at) {
    this.at = Math.max(0, Math.min(this.last, at));
    $("at").value = this.at;
    this.refresh();
  }
  // Goes to a state of charge, on the branch that is shown.
  goTo(soc) {
    const { stops } = this.data, up = stops[Math.round(this.at)][1];
    let best = 0;
    stops.forEach(([s, lithiating], i) => {
      const [t, other] = stops[best];
      if (Math.abs(s - soc) + 9 * (lithiating !== up) < Math.abs(t - soc) + 9 * (other !== up)) best = i;
    });
    this.go(best);
  }
  refresh() {
    const near = this.data.stops[Math.round(this.at)];
    $("now").textContent = `${near[1] ? "Lithiation" : "Delithiation"}, state of charge ${this.along(this.data.stops.map((s) => s[0])).toFixed(2)}`;
    this.lines.move();
    this.scenes?.draw();
    this.scenes?.say();
    for (const mark of document.querySelectorAll(".strip u")) mark.style.left = `${(100 * this.at) / this.last}%`;
  }
  play(on) {
    cancelAnimationFrame(this.playing);
    this.playing = null;
    $("play").textContent = on ? "❚❚" : "▶";
    if (!on) return;
    if (this.at >= this.last) this.at = 0;
    let before = null;
    const step = (now) => {
      if (before !== null) this.go(this.at + ((now - before) / 9000) * this.last); // once in nine seconds
      before = now;
      if (this.at >= this.last) this.play(false);
      else this.playing = requestAnimationFrame(step);
    };
    this.playing = requestAnimationFrame(step);
  }
  hide(i, on) {
    if (on && this.hidden.size < this.data.runs.length - 1) this.hidden.add(i);
    else this.hidden.delete(i);
    for (const cell of document.querySelectorAll("th.run, td.value, .strip, .legend button"))
      if (cell.dataset.run !== undefined) cell.classList.toggle("off", this.hidden.has(+cell.dataset.run));
    this.lines.draw();
    this.scenes?.draw();
  }
}

function scale(app) {
  const field = app.data.fields.find((f) => f.name === app.field), box = $("scale");
  box.replaceChildren();
  if (!field) return;
  const what = element("span", field.unit ? `${field.label} [${field.unit}]` : field.label);
  what.className = "what";
  const ramp = element("div"), bar = element("i"), stops = [];
  ramp.className = "ramp";
  for (let i = 0; i < 64; i += 3) stops.push(`rgb(${field.map.slice(3 * i, 3 * i + 3).join(" ")})`);
  bar.style.background = `linear-gradient(90deg, ${stops.join(",")})`;
  ramp.append(bar);
  for (const v of ticks(0, field.top, 5)) ramp.append(element("span", String(v), `left:${(100 * v) / field.top}%`));
  if (field.name === "sei_strain") {
    const found = new Map();
    for (const run of app.data.runs)
      for (const [name, word] of [["yield", "yields"], ["fracture", "breaks"]])
        if (run.limits[name] !== null) found.set(`${word} ${run.limits[name]}`, run.limits[name]);
    const marks = [...found].sort((a, b) => a[1] - b[1]).filter(([, v]) => v <= field.top);
    marks.forEach(([text, v], i) => {
      const close = i + 1 < marks.length && (marks[i + 1][1] - v) / field.top < 0.12;
      const mark = element("em", text, `left:${(100 * v) / field.top}%`);
      if (close) mark.style.cssText += ";border-left:0;padding:0 .25rem 0 0;transform:translateX(-100%);border-right:2px solid var(--ink)";
      ramp.append(mark);
    });
  }
  const over = app.data.runs.filter((run, i) => (field.most[i] ?? 0) > 1.02 * field.top)
    .map((run) => `${run.letter} up to ${app.digits(field.most[app.data.runs.indexOf(run)], 2)}`);
  const more = element("span", `${field.where}${over.length ? `; off the scale: ${over.join(", ")}` : ""}`);
  more.className = "more";
  box.append(what, ramp, more);
  key(app, field);
}

function key(app, field) {
  const c = app.data.colours, entries = Object.entries(c.regions).map(([name, rgb]) => [name, css(rgb), ""]);
  if (field.name === "sei_strain") {
    entries.unshift(["what swells (no colour scale on cut faces)", css(c.host), ""]);
    if (field.least < -0.004 * field.top) entries.push(["SEI compressed", css(c.compressed), ""]);
  }
  entries.push(["outline before lithiation", css(c.initial), "line"]);
  $("key").replaceChildren(...entries.map(([text, colour, kind]) => {
    const entry = element("span"), patch = element("i");
    patch.className = kind;
    patch.style[kind ? "borderColor" : "background"] = colour;
    entry.append(patch, text);
    return entry;
  }));
}

function strips(app) {
  const box = $("strips"), { runs, stops } = app.data, turn = stops.findIndex((s) => !s[1]) - 1;
  if (!runs.some((run) => run.limits.yield !== null || run.limits.fracture !== null)) return;
  box.append(element("h3", "When does the SEI fail?"));
  const legend = element("p");
  legend.className = "hint";
  for (const [name, text] of [["intact", "intact"], ["yields", "stretched for good (beyond its yield strain)"], ["breaks", "broken (beyond its fracture strain; stays broken)"], ["none", "not computed"]]) {
    const patch = element("i", "", "display:inline-block;width:1em;height:.8em;margin:0 .35em 0 .9em");
    patch.className = name;
    legend.append(patch, text);
  }
  box.append(legend);
  runs.forEach((run, i) => {
    const row = element("div"), name = element("span"), line = element("div"), note = element("span");
    row.className = "strip"; name.className = "name"; line.className = "line";
    row.dataset.run = i;
    const dot = element("span", "", `background:${run.colour}`);
    dot.className = "dot";
    name.append(dot, `${run.letter} ${run.title}`);
    name.title = run.title;
    const states = run.seen.map((seen, k) => (run.held[k] ? "none" : Scenes.verdict(run, seen)));
    for (let from = 0, k = 1; k <= states.length; k++)
      if (k === states.length || states[k] !== states[from]) {
        const part = element("i", "", `left:${(100 * from) / app.last}%;width:${(100 * (k - from)) / app.last}%`);
        part.className = states[from];
        line.append(part);
        from = k;
      }
    if (turn > 0) line.append(element("s", "", `left:${(100 * turn) / app.last}%`));
    line.append(element("u"));
    line.onclick = (e) => { const shape = line.getBoundingClientRect(); app.go(((e.clientX - shape.left) / shape.width) * app.last); };
    note.textContent = run.first.fracture !== null ? `breaks at charge ${app.digits(run.first.fracture, 2)}`
      : run.first.yield !== null ? `yields at charge ${app.digits(run.first.yield, 2)}`
        : Scenes.verdict(run, run.seen[app.last]) === "none" ? "no SEI computed" : "stays intact";
    row.append(name, line, note);
    box.append(row);
  });
}

function ends(app) {
  const { stops } = app.data, turn = stops.findIndex((s) => !s[1]) - 1;
  const at = [[0, `state of charge ${stops[0][0].toFixed(2)}`], ...(turn > 0 ? [[turn, `full: ${stops[turn][0].toFixed(2)}`]] : []),
    [app.last, stops[app.last][0].toFixed(2)]];
  $("ends").append(...at.map(([k, text]) => element("span", text, `left:${(100 * k) / app.last}%`)));
}

function wire(app) {
  const on = (id, name) => { $(id).onchange = () => { app[name] = $(id).checked; app.scenes?.draw(); }; };
  on("cut", "cut"); on("outline", "outline"); on("same", "same");
  $("linked").onchange = () => { app.linked = $("linked").checked; app.scenes?.link(app.linked); };
  for (const input of document.querySelectorAll("input[name=field]"))
    input.onchange = () => { app.field = input.value; scale(app); app.scenes?.draw(); };
  for (const input of document.querySelectorAll("input[name=axis]"))
    input.onchange = () => { app.lines.axis = input.value; app.lines.draw(); };
  $("at").max = app.last;
  $("at").oninput = () => { app.play(false); app.go(+$("at").value); };
  $("play").onclick = () => app.play(app.playing === null);
  app.data.runs.forEach((run, i) => {
    const button = element("button"), dot = element("span", "", `background:${run.colour}`);
    dot.className = "dot";
    button.dataset.run = i;
    button.append(dot, `${run.letter} ${run.title}`);
    button.onclick = () => app.hide(i, !app.hidden.has(i));
    $("legend").append(button);
  });
}

function theme(name) {
  const wanted = name || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = wanted;
}

// What a link may choose: report.html#field=von_mises&soc=0.5&theme=dark&cut=0
function chosen(app) {
  const want = new URLSearchParams(location.hash.slice(1));
  if (want.get("theme")) theme(want.get("theme"));
  const field = document.querySelector(`input[name=field][value="${CSS.escape(want.get("field") || "")}"]`);
  if (field) { field.checked = true; app.field = field.value; }
  for (const name of ["cut", "outline", "same"])
    if (want.get(name)) { app[name] = want.get(name) !== "0"; $(name).checked = app[name]; }
  if (want.get("soc")) app.goTo(+want.get("soc"));
}

async function main() {
  theme("");
  const app = new App(await DATA.read($("data").textContent));
  app.lines = new Lines(app);
  wire(app);
  ends(app);
  strips(app);
  app.scenes = new Scenes(app);
  app.go(app.at);
  chosen(app);
  scale(app);
  app.refresh();
  matchMedia("(prefers-color-scheme: dark)").onchange = () => { theme(""); app.scenes.draw(); };
  $("theme").onclick = () => {
    theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    app.scenes.draw();
  };
}

if (GL) main();
else {
  theme("");
  $("fallback").hidden = false;
  for (const part of [".bar", "#cards", "#curves"]) document.querySelector(part).hidden = true;
  $("theme").onclick = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}

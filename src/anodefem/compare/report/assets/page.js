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

const RELOAD = 15000; // between two looks whether more is there [ms]

class App {
  constructor(data) {
    Object.assign(this, { data, hidden: new Set(), cut: "corner", plane: { move: 0, turn: 0, tilt: 0 }, outline: true,
      same: false, linked: true, playing: null, kept: null, spread: {} });
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
  // Value at a place of the path of a list with one entry per stop.
  along(list, at = this.at) {
    const low = Math.min(Math.floor(at), this.last), w = at - low;
    if (w < 1e-9 || low === this.last) return list[low];
    return list[low] === null || list[low + 1] === null ? null : list[low] + w * (list[low + 1] - list[low]);
  }
  stop(at = this.at) { return this.data.stops[Math.round(at)]; }
  // Places where charge and discharge turn.
  turns() { return this.data.stops.map((s, k) => (k && s[1] !== this.data.stops[k - 1][1] ? k - 1 : 0)).filter(Boolean); }
  cycles() { return this.data.stops[this.last][2]; }
  // ", cycle 2" for a place on the path, if there are several cycles.
  cycleAt(at) { return this.cycles() > 1 && at !== null ? `, cycle ${this.stop(at)[2]}` : ""; }
  stretch(at = this.at) {
    const [, lithiating, cycle] = this.stop(at);
    return `${this.cycles() > 1 ? `Cycle ${cycle}, ` : ""}${lithiating ? this.data.words.inwards : this.data.words.outwards}`;
  }
  // The place in words.
  where(at = this.at) {
    const text = `${this.stretch(at)}, state of charge ${this.along(this.data.stops.map((s) => s[0]), at).toFixed(2)}`;
    return text[0].toUpperCase() + text.slice(1);
  }
  held(run) { return Boolean(run.held[Math.round(this.at)]); }
  fieldOf() { return this.data.fields.find((field) => field.name === this.field); }
  spreadOf(field) { return this.spread[field.name] ?? (field.apart ? "own" : "common"); }
  scaleOf(field, i) {
    const spread = this.spreadOf(field);
    if (spread === "common" || !field.own[i]) return field.common;
    return (spread === "now" && this.scenes?.scaleNow(i)) || field.own[i];
  }
  go(at) {
    this.at = Math.max(0, Math.min(this.last, at));
    $("at").value = this.at;
    this.refresh();
  }
  // Goes to a state of charge, in the stretch that is shown.
  goTo(soc) {
    const { stops } = this.data, [, up, cycle] = this.stop();
    const here = ([, lithiating, number]) => lithiating === up && number === cycle;
    const away = (stop) => Math.abs(stop[0] - soc) + 9 * !here(stop);
    let best = 0;
    stops.forEach((stop, i) => { if (away(stop) < away(stops[best])) best = i; });
    for (const next of [best - 1, best + 1]) { // between this stop and the one beside it
      const part = stops[next] && here(stops[next]) ? (soc - stops[best][0]) / (stops[next][0] - stops[best][0]) : -1;
      if (part > 0 && part < 1) { this.go(best + part * (next - best)); return; }
    }
    this.go(best);
  }
  show(field) {
    const input = document.querySelector(`input[name=field][value="${CSS.escape(field)}"]`);
    if (!input) return;
    input.checked = true;
    this.field = field;
    scaleBar(this);
    this.scenes?.draw();
    this.profile.draw();
  }
  // Keeps the state that is shown beside those that follow, or lets it go.
  keep(at) {
    this.kept = at;
    $("keep").textContent = at === null ? "keep this state beside" : "one state again";
    for (const label of document.querySelectorAll(".keptat")) label.textContent = at === null ? "" : `left: ${this.where(at)}`;
    this.profile.draw();
    this.scenes?.draw();
  }
  refresh() {
    $("now").textContent = this.where();
    this.lines.move();
    this.profile.draw();
    this.scenes?.draw();
    say(this);
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
      if (before !== null) this.go(this.at + ((now - before) / 9000) * Math.min(this.last, 100)); // a cycle in nine seconds
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
    this.profile.draw();
    this.scenes?.draw();
  }
}

// Names of the places where the path begins, turns and ends; the last and the first matter most.
function ends(app) {
  const { stops } = app.data, places = [0, ...app.turns(), app.last];
  const text = (k) => (k === 0 ? `charge ${stops[0][0].toFixed(2)}` : stops[k][0].toFixed(2));
  const order = [0, places.length - 1, ...places.keys()].filter((k, i, all) => all.indexOf(k) === i);
  $("ends").append(...order.map((k) => {
    const made = element("span", text(places[k]), `left:${(100 * places[k]) / app.last}%`);
    made.className = k === 0 ? "first" : k === places.length - 1 ? "last" : "";
    return made;
  }));
}

// Five questions, and what of the page answers each.
const ANSWERS = {
  keeps(app) { app.show("sei_strain"); app.go(app.last); return $("strips"); },
  when() { return $("strips"); },
  sure(app) {
    const known = app.data.runs.some((run) => run.bars.fracture !== null || run.bars.yield !== null);
    return known ? row("sei_fracture_soc [-]") : $("errors");
  },
  volume() { return row("hull_volume_ratio_max [-]"); },
  stress(app) {
    app.show("von_mises");
    app.go(0);
    app.goTo(0.5);
    return $("cards").hidden ? $("along") : $("bodies");
  },
};
const row = (column) => document.querySelector(`td.value[data-column="${column}"]`)?.parentElement ?? $("table");

function answer(app, name) {
  const found = ANSWERS[name](app);
  for (const one of document.querySelectorAll(".answer")) one.classList.remove("answer");
  found.classList.add("answer");
  found.scrollIntoView({ behavior: "smooth", block: name === "stress" ? "start" : "center" });
}

function wire(app) {
  const on = (id, name) => { $(id).onchange = () => { app[name] = $(id).checked; app.scenes?.draw(); }; };
  on("outline", "outline"); on("same", "same");
  $("linked").onchange = () => { app.linked = $("linked").checked; app.scenes?.link(app.linked); };
  for (const input of document.querySelectorAll("input[name=field]")) input.onchange = () => app.show(input.value);
  for (const input of document.querySelectorAll("input[name=axis]"))
    input.onchange = () => { app.lines.axis = input.value; app.lines.draw(); };
  $("cut").onchange = () => { app.cut = $("cut").value; $("plane").hidden = app.cut !== "plane"; app.scenes?.draw(); };
  for (const input of document.querySelectorAll("#plane input"))
    input.oninput = () => { app.plane[input.name] = +input.value; app.scenes?.draw(); };
  $("at").max = app.last;
  $("at").oninput = () => { app.play(false); app.go(+$("at").value); };
  $("play").onclick = () => app.play(app.playing === null);
  $("keep").onclick = () => app.keep(app.kept === null ? app.at : null);
  for (const button of document.querySelectorAll("[data-save]")) button.onclick = () => SAVE[button.dataset.save](app);
  for (const button of document.querySelectorAll("[data-question]")) button.onclick = () => answer(app, button.dataset.question);
  app.data.runs.forEach((run, i) => {
    const button = element("button"), dot = element("span", "", `background:${run.colour}`);
    dot.className = "dot";
    button.dataset.run = i;
    button.append(dot, `${run.letter} ${run.title}`);
    button.onclick = () => app.hide(i, !app.hidden.has(i));
    $("legend").append(button);
  });
  new ResizeObserver(() => requestAnimationFrame(() => { app.thin?.(); app.profile.draw(); })).observe(document.body);
}

function theme(name) {
  const wanted = name || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  document.documentElement.dataset.theme = wanted;
}

// What a link may choose: report.html#field=von_mises&soc=0.5&theme=dark&cut=plane&move=0.2&scale=own
function chosen(app) {
  const want = new URLSearchParams(location.hash.slice(1));
  if (want.get("theme")) theme(want.get("theme"));
  if (want.get("field")) app.show(want.get("field"));
  for (const name of ["outline", "same"])
    if (want.get(name)) { app[name] = want.get(name) !== "0"; $(name).checked = app[name]; }
  const cut = { 0: "none", 1: "corner" }[want.get("cut")] ?? want.get("cut");
  if (["none", "corner", "plane"].includes(cut)) { $("cut").value = cut; $("cut").onchange(); }
  for (const input of document.querySelectorAll("#plane input"))
    if (want.get(input.name)) { input.value = want.get(input.name); app.plane[input.name] = +input.value; }
  if (["common", "own", "now"].includes(want.get("scale"))) app.spread[app.field] = want.get("scale");
  if (want.get("keep")) { app.goTo(+want.get("keep")); app.keep(app.at); }
  if (want.get("soc")) app.goTo(+want.get("soc"));
  if (want.get("at")) app.go(+want.get("at"));
}

// A page of which more is to come loads itself again, where it is, unless somebody uses it.
function reload(app) {
  let used = 0;
  for (const name of ["pointerdown", "keydown", "wheel"]) addEventListener(name, () => { used = performance.now(); }, { passive: true });
  setInterval(() => {
    if (used && performance.now() - used < RELOAD) return;
    const { theme: look } = document.documentElement.dataset;
    history.replaceState(null, "", `#field=${app.field}&at=${app.at.toFixed(2)}&cut=${app.cut}&theme=${look}`);
    location.reload();
  }, RELOAD);
}

async function main() {
  theme("");
  $("theme").onclick = () => {
    theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
    app.scenes?.draw();
  };
  const app = new App(await DATA.read($("data").textContent));
  app.lines = new Lines(app);
  app.profile = new Profile(app);
  wire(app);
  ends(app);
  strips(app);
  if (GL) app.scenes = new Scenes(app);
  else {
    $("fallback").hidden = false;
    for (const part of document.querySelectorAll(".spatial, .card canvas")) part.hidden = true;
  }
  app.go(app.at);
  chosen(app);
  scaleBar(app);
  app.refresh();
  matchMedia("(prefers-color-scheme: dark)").onchange = () => { theme(""); app.scenes?.draw(); };
  if ($("growing")) reload(app);
  if (!GL) document.documentElement.dataset.ready = "0";
}

if (typeof DecompressionStream !== "undefined") main();
else { // a browser too old to read the numbers: picture and table remain
  theme("");
  $("fallback").hidden = false;
  for (const part of document.querySelectorAll(".bar, .questions, #cards, #curves")) part.hidden = true;
  $("theme").onclick = () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
}

"use strict";
// One panel per architecture: camera, drawing, and what is said below it.
const MARKS = { intact: ["✓", "--intact"], yields: ["~", "--yields"], breaks: ["✕", "--breaks"], none: ["–", "--track"] };

class Scenes {
  constructor(app) {
    this.app = app;
    this.shared = { azimuth: 0, elevation: 0, zoom: 1 };
    this.ramps = Object.fromEntries(app.data.fields.map((f) => [f.name, { ...f, texture: GL.ramp(f.map) }]));
    this.panels = app.data.runs.map((run, i) => {
      const card = document.querySelector(`.card[data-run="${i}"]`);
      const panel = { run, i, card, body: new Body(run), canvas: card.querySelector("canvas"),
        own: { azimuth: 0, elevation: 0, zoom: 1 },
        azimuth: Math.atan2(run.view[0], -run.view[1]), elevation: Math.asin(run.view[2]) };
      panel.paper = panel.canvas.getContext("2d");
      this.#listen(panel);
      return panel;
    });
    new ResizeObserver(() => this.draw()).observe(document.getElementById("cards"));
    const zoom = (by) => this.turn(null, 0, 0, by);
    document.getElementById("in").onclick = () => zoom(1.25);
    document.getElementById("out").onclick = () => zoom(0.8);
    document.getElementById("reset").onclick = () => {
      for (const c of [this.shared, ...this.panels.map((p) => p.own)]) Object.assign(c, { azimuth: 0, elevation: 0, zoom: 1 });
      this.draw();
    };
  }

  // Turns and zooms one panel, or all of them when they are linked.
  turn(panel, azimuth, elevation, zoom) {
    const which = this.app.linked ? [this.shared] : panel ? [panel.own] : this.panels.map((p) => p.own);
    for (const c of which) {
      c.azimuth += azimuth;
      c.elevation = Math.max(-1.9, Math.min(1.9, c.elevation + elevation));
      c.zoom = Math.max(0.4, Math.min(12, c.zoom * zoom));
    }
    this.draw();
  }

  link(on) {
    for (const p of this.panels) if (!on) Object.assign(p.own, this.shared);
    this.draw();
  }

  #listen(panel) {
    const canvas = panel.canvas;
    let last = null;
    canvas.onpointerdown = (e) => { last = [e.clientX, e.clientY]; canvas.setPointerCapture(e.pointerId); };
    canvas.onpointermove = (e) => {
      if (!last) return;
      this.turn(panel, -(e.clientX - last[0]) * 0.009, (e.clientY - last[1]) * 0.009, 1);
      last = [e.clientX, e.clientY];
    };
    canvas.onpointerup = canvas.onpointercancel = () => { last = null; };
    canvas.addEventListener("wheel", (e) => {
      if (!e.ctrlKey && !e.metaKey) return; // the wheel alone scrolls the page
      e.preventDefault();
      this.turn(panel, 0, 0, Math.exp(-e.deltaY * 0.002));
    }, { passive: false });
    canvas.onkeydown = (e) => {
      const by = { ArrowLeft: [0.12, 0, 1], ArrowRight: [-0.12, 0, 1], ArrowUp: [0, 0.12, 1],
        ArrowDown: [0, -0.12, 1], "+": [0, 0, 1.2], "-": [0, 0, 1 / 1.2] }[e.key];
      if (by) { e.preventDefault(); this.turn(panel, ...by); }
    };
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => {
      this.waiting = false;
      const shown = this.panels.filter((p) => !this.app.hidden.has(p.i));
      for (const panel of this.panels) panel.card.hidden = this.app.hidden.has(panel.i);
      // Bodies of about the same size share a scale, all of them if so wished.
      const size = (p) => Math.max(p.run.half[1], (p.run.half[0] * p.canvas.clientHeight) / (p.canvas.clientWidth || 1));
      let common = 0;
      for (const panel of [...shown].sort((a, b) => size(b) - size(a))) {
        if (!common || (!this.app.same && size(panel) < 0.75 * common)) common = size(panel);
        this.#panel(panel, common);
      }
      document.documentElement.dataset.ready = this.panels.filter((p) => p.drawn || this.app.hidden.has(p.i)).length;
    });
  }

  #panel(panel, half) {
    const { app } = this, { canvas, body, run } = panel;
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    body.to(app.along(run.state), app.field);
    const turned = app.linked ? this.shared : panel.own;
    const reach = (1.06 * half) / turned.zoom; // um from the middle to the upper border
    const view = this.#view(panel, turned, reach, width, height);
    const c = app.data.colours, field = this.ramps[app.field];
    const through = (piece) => piece.kind === "shell" && !(piece.fields[app.field] && piece.paints(app.field));
    GL.begin(width, height);
    const seen = body.pieces.filter((p) => !(p.lid ? app.cut : !app.cut && ["face", "stress", "edge"].includes(p.kind) && run.lids));
    for (const piece of seen) {
      if (piece.isLine || through(piece)) continue;
      GL.draw(piece.made, view, this.#look(piece, field));
    }
    const line = (colour, w, nearer) => ({ colour, width: w * ratio, nearer: nearer * run.radius });
    for (const piece of seen) {
      if (piece.kind === "edge") GL.drawLines(piece.made, view, line(c.line, 1.1, 0.007));
      if (piece.kind === "rim") GL.drawLines(piece.made, view, line(c.regions[piece.region], 2.6, 0.008));
    }
    if (app.outline && app.cut) GL.drawLines(body.outline, view, line(c.initial, 1.8, 0.005));
    for (const [i, cull] of [[1, "front"], [0, "back"]])
      for (const piece of seen)
        if (through(piece))
          GL.draw(piece.made, view, { colour: c.regions[piece.region], opacity: c.shell[i], lit: true, cull });
    this.#paper(panel, width, height, ratio, reach);
    panel.drawn = true;
  }

  #look(piece, field) {
    const c = this.app.data.colours;
    const plain = piece.host || !(piece.region in c.regions) ? c.host : c.regions[piece.region];
    const mapped = piece.fields[field.name] && piece.paints(field.name);
    const look = { colour: plain, opacity: 1, lit: Boolean(LIT[piece.kind]), below: c.compressed,
      least: field.name === "sei_strain" ? 0.004 : 1e9 };
    return mapped ? { ...look, ramp: field.texture, top: field.top } : look;
  }

  #view(panel, turned, reach, width, height) {
    const a = panel.azimuth + turned.azimuth;
    const e = Math.max(-1.55, Math.min(1.55, panel.elevation + turned.elevation));
    const toward = [Math.sin(a) * Math.cos(e), -Math.cos(a) * Math.cos(e), Math.sin(e)];
    const right = [Math.cos(a), Math.sin(a), 0];
    const up = [toward[1] * right[2] - toward[2] * right[1], toward[2] * right[0] - toward[0] * right[2],
      toward[0] * right[1] - toward[1] * right[0]];
    const turn = [0, 1, 2].flatMap((k) => [right[k], up[k], toward[k]]); // column by column
    return { turn, focus: panel.run.focus, width, height,
      size: [height / width / reach, 1 / reach, 0.45 / (panel.run.radius * 1.05)] };
  }

  // Copies the drawing to the panel with a thin line around the body, and a bar for the scale.
  #paper(panel, width, height, ratio, reach) {
    const paper = panel.paper, style = getComputedStyle(document.documentElement);
    const from = [GL.canvas, 0, 0, width, height];
    paper.globalCompositeOperation = "source-over";
    paper.clearRect(0, 0, width, height);
    const w = 0.9 * ratio;
    for (let k = 0; k < 8; k++)
      paper.drawImage(...from, w * Math.cos((k * Math.PI) / 4), w * Math.sin((k * Math.PI) / 4), width, height);
    paper.globalCompositeOperation = "source-in";
    paper.fillStyle = style.getPropertyValue("--ink");
    paper.fillRect(0, 0, width, height);
    // what is seen through must not have that line's colour behind it
    paper.globalCompositeOperation = "destination-out";
    const clear = panel.body.pieces.some((piece) => piece.kind === "shell" && !piece.paints(this.app.field));
    for (let k = 0; k < (clear ? 9 : 1); k++) paper.drawImage(...from, 0, 0, width, height);
    paper.globalCompositeOperation = "source-over";
    paper.drawImage(...from, 0, 0, width, height);
    const perUm = height / 2 / reach, most = (0.26 * width) / perUm;
    const digit = 10 ** Math.floor(Math.log10(most));
    const length = [5, 2, 1].map((s) => s * digit).find((s) => s <= most);
    const text = length >= 1 ? `${length} µm` : `${+(1000 * length).toPrecision(3)} nm`;
    paper.fillStyle = style.getPropertyValue("--ink");
    paper.fillRect(10 * ratio, height - 12 * ratio, length * perUm, 2.5 * ratio);
    paper.font = `${12 * ratio}px system-ui, sans-serif`;
    paper.fillText(text, 10 * ratio, height - 17 * ratio);
  }

  // What the SEI of a run has gone through up to here: intact, yields, breaks or none.
  static verdict(run, seen) {
    if (run.limits.fracture === null && run.limits.yield === null) return "none";
    if (seen === null) return "none";
    if (run.limits.fracture !== null && seen > run.limits.fracture) return "breaks";
    return run.limits.yield !== null && seen > run.limits.yield ? "yields" : "intact";
  }

  say() {
    const { app } = this;
    for (const { run, card } of this.panels) {
      const what = Scenes.verdict(run, app.along(run.seen)), [mark, colour] = MARKS[what];
      const beyond = app.along(run.beyond), part = beyond === null ? 0 : beyond;
      const words = { intact: "SEI intact", none: "no SEI computed",
        yields: `SEI stretched for good since charge ${app.digits(run.first.yield, 2)}`,
        breaks: `SEI broken since charge ${app.digits(run.first.fracture, 2)}` }[what];
      const badge = document.createElement("i");
      badge.textContent = mark;
      badge.style.background = `var(${colour})`;
      card.querySelector(".verdict").replaceChildren(badge, words);
      const of = (name) => app.along(run.columns[name]);
      const live = [["SEI strain", of("sei_strain_max"), 3, part > 0.005 ? `, over the limit on ${app.digits(100 * part, 2)} % of its area` : ""],
        ["volume ×", of("hull_volume_ratio"), 3, ""], ["", of("volumetric_capacity"), 4, " Ah/L"]].filter(([, value]) => value !== null)
        .map(([name, value, n, unit]) => `${name} ${app.digits(value, n)}${unit}`.trim());
      if (app.held(run)) live.push(`run ended at state of charge ${app.digits(of("soc"), 2)}`);
      card.querySelector(".live").textContent = live.join("  ·  ");
    }
  }
}

"use strict";
// One panel per architecture: camera, drawing, and what is said below it.
const MARKS = { intact: ["✓", "--intact"], yields: ["~", "--yields"], breaks: ["✕", "--breaks"], none: ["–", "--track"] };
const ROUND = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10]; // as in fields.py
const CORNER = ["face", "stress", "edge", "rim"]; // what belongs to the corner that is cut out

class Scenes {
  constructor(app) {
    this.app = app;
    this.sharp = 1; // pixels drawn per pixel of the screen
    this.shared = { azimuth: 0, elevation: 0, zoom: 1 };
    this.ramps = Object.fromEntries(app.data.fields.map((f) => [f.name, { ...f, texture: GL.ramp(f.map) }]));
    this.panels = app.data.runs.map((run, i) => {
      const card = document.querySelector(`.card[data-run="${i}"]`);
      const [kept, canvas] = card.querySelectorAll("canvas");
      const panel = { run, i, card, body: new Body(run, (name) => this.ramps[name].surface), canvas, kept,
        own: { azimuth: 0, elevation: 0, zoom: 1 }, probe: card.querySelector(".probe"),
        azimuth: Math.atan2(run.view[0], -run.view[1]), elevation: Math.asin(run.view[2]) };
      for (const one of [canvas, kept]) this.#listen(panel, one);
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

  #listen(panel, canvas) {
    let last = null, dragged = false;
    canvas.onpointerdown = (e) => { last = [e.clientX, e.clientY]; dragged = false; canvas.setPointerCapture(e.pointerId); };
    canvas.onpointermove = (e) => {
      if (!last) { this.#ask(panel, canvas, e); return; }
      const [x, y] = [e.clientX - last[0], e.clientY - last[1]];
      dragged ||= Math.abs(x) + Math.abs(y) > 3;
      if (!dragged) return;
      panel.probe.hidden = true;
      this.turn(panel, -x * 0.009, y * 0.009, 1);
      last = [e.clientX, e.clientY];
    };
    canvas.onpointerup = (e) => { if (last && !dragged) this.#ask(panel, canvas, e); last = null; };
    canvas.onpointercancel = () => { last = null; };
    canvas.onpointerleave = (e) => { if (e.pointerType === "mouse") panel.probe.hidden = true; };
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

  // Says the value under the pointer.
  #ask(panel, canvas, e) {
    if (this.asking) return;
    this.asking = true;
    requestAnimationFrame(() => {
      this.asking = false;
      const shape = canvas.getBoundingClientRect(), { probe } = panel;
      const text = this.probe(panel, canvas === panel.kept ? this.app.kept : this.app.at,
        (2 * (e.clientX - shape.left)) / shape.width - 1, 1 - (2 * (e.clientY - shape.top)) / shape.height);
      probe.hidden = !text;
      if (!text) return;
      probe.textContent = text;
      const card = panel.card.getBoundingClientRect(), left = e.clientX - card.left;
      probe.style.left = `${Math.max(4, Math.min(card.width - probe.offsetWidth - 4, left - probe.offsetWidth / 2))}px`;
      probe.style.top = `${e.clientY - card.top - probe.offsetHeight - 14}px`;
    });
  }

  // Scale of what is seen of a body at the state that is drawn.
  scaleNow(i) {
    const { body } = this.panels[i], field = this.ramps[this.app.field], values = [];
    for (const piece of [...body.pieces, ...body.sliced])
      if (!piece.isLine && piece.fields[field.name] && body.paints(piece, field.name))
        for (const value of piece.values) if (value < NOTHING / 2) values.push(Math.abs(value));
    if (!values.length) return null;
    const most = Float32Array.from(values).sort()[Math.floor(0.995 * (values.length - 1))];
    const digit = 10 ** Math.floor(Math.log10(most)), high = most < 1e-9 ? 1 : digit * ROUND.find((s) => s * digit >= 0.999 * most);
    return { low: field.common.low < 0 ? -high : 0, high, limit: null, below: 0 };
  }

  // Text on the point at x and y, from -1 to 1 in a panel; "" beside the body.
  probe(panel, at, x, y) {
    const { app } = this, { body, run } = panel, field = this.ramps[app.field];
    if (!panel.view) return "";
    body.to(app.along(run.state, at), app.field);
    const hit = Probe.hit(this.#seen(panel).filter((p) => !p.isLine && !this.#through(panel, p)), panel.view, this.plane(panel), x, y);
    if (!hit) return "";
    const shows = hit.value !== null && body.paints(hit.piece, app.field);
    const value = shows ? `${field.label} ${app.digits(hit.value, 3)} ${field.unit}`.trim() : `no ${field.label} here`;
    const where = hit.origin.map((v) => app.digits(v, 2)).join(", ");
    return `${value} · ${hit.kind === "sei" ? "SEI on " : ""}${hit.region || "surface"} · at (${where}) µm before ${app.data.words.inwards}`;
  }

  draw() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => this.drawNow());
  }

  drawNow() {
    this.waiting = false;
    const shown = this.panels.filter((p) => !this.app.hidden.has(p.i));
    for (const panel of this.panels) {
      panel.card.hidden = this.app.hidden.has(panel.i);
      panel.card.classList.toggle("two", this.app.kept !== null);
    }
    // Bodies of about the same size share a scale, all of them if so wished.
    const size = (p) => Math.max(p.run.half[1], (p.run.half[0] * p.canvas.clientHeight) / (p.canvas.clientWidth || 1));
    let common = 0;
    for (const panel of [...shown].sort((a, b) => size(b) - size(a))) {
      if (!common || (!this.app.same && size(panel) < 0.75 * common)) common = size(panel);
      panel.body.slice(this.plane(panel));
      if (this.app.kept !== null) this.#panel(panel, panel.kept, this.app.kept, common);
      this.#panel(panel, panel.canvas, this.app.at, common);
    }
    document.documentElement.dataset.ready = this.panels.filter((p) => p.drawn || this.app.hidden.has(p.i)).length;
  }

  // The plane that cuts a body, if one does: unit normal, and distance from the origin.
  plane(panel) {
    const { cut, plane } = this.app;
    if (cut !== "plane" || !panel.body.slicer) return null;
    const a = panel.azimuth + (plane.turn * Math.PI) / 180, e = (plane.tilt * Math.PI) / 180;
    const normal = [Math.sin(a) * Math.cos(e), -Math.cos(a) * Math.cos(e), Math.sin(e)];
    const { middle, half } = panel.body.box, dot = (p, q) => p.reduce((sum, v, k) => sum + v * q[k], 0);
    return { normal, at: dot(normal, middle) + plane.move * dot(normal.map(Math.abs), half) };
  }

  #seen(panel) {
    const { body, run } = panel, plane = this.plane(panel);
    const corner = (p, kinds) => kinds.includes(p.kind) && !p.side;
    if (plane) return [...body.pieces.filter((p) => !(corner(p, CORNER) && (run.lids || p.isLine))), ...body.sliced];
    const open = this.app.cut !== "none";
    return body.pieces.filter((p) => !(p.lid ? open : !open && corner(p, CORNER.slice(0, 3)) && run.lids));
  }

  #through(panel, piece) {
    return piece.kind === "shell" && !(piece.fields[this.app.field] && panel.body.paints(piece, this.app.field));
  }

  #panel(panel, canvas, at, half) {
    const { app } = this, { body, run } = panel;
    const ratio = this.sharp * Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.round(canvas.clientWidth * ratio), height = Math.round(canvas.clientHeight * ratio);
    if (!width || !height) return;
    if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
    body.to(app.along(run.state, at), app.field);
    const turned = app.linked ? this.shared : panel.own;
    const reach = (1.06 * half) / turned.zoom; // um from the middle to the upper border
    const view = panel.view = this.#view(panel, turned, reach, width, height);
    const c = app.data.colours, plane = this.plane(panel), seen = this.#seen(panel), field = this.ramps[app.field];
    const scale = app.scaleOf(field, panel.i);
    if (app.spreadOf(field) === "now" && field.own[panel.i]) panel.card.querySelector(".own").textContent = saysOwn(app, field, scale);
    GL.begin(width, height);
    for (const piece of seen) {
      if (piece.isLine || this.#through(panel, piece)) continue;
      GL.draw(piece.made, view, { ...this.#look(panel, piece, scale), plane: piece.sliced ? null : plane });
    }
    const line = (colour, w, nearer) => ({ colour, width: w * ratio, nearer: nearer * run.radius });
    for (const piece of seen) {
      if (piece.kind === "edge") GL.drawLines(piece.made, view, line(c.line, 1.1, 0.007));
      if (piece.kind === "rim") GL.drawLines(piece.made, view, line(c.regions[piece.region], 2.6, 0.008));
    }
    if (app.outline && app.cut === "corner") GL.drawLines(body.outline, view, line(c.initial, 1.8, 0.005));
    for (const [i, cull] of [[1, "front"], [0, "back"]])
      for (const piece of seen)
        if (this.#through(panel, piece))
          GL.draw(piece.made, view, { colour: c.regions[piece.region], opacity: c.shell[i], lit: true, cull, plane });
    this.#paper(panel, canvas, width, height, ratio, reach);
    panel.drawn = true;
  }

  #look(panel, piece, scale) {
    const c = this.app.data.colours, field = this.ramps[this.app.field];
    const plain = piece.host || !(piece.region in c.regions) ? c.host : c.regions[piece.region];
    const mapped = piece.fields[field.name] && panel.body.paints(piece, field.name);
    const look = { colour: plain, opacity: 1, lit: Boolean(LIT[piece.kind]), below: c.compressed,
      least: field.name === "sei_strain" ? 0.004 : 1e9 };
    return mapped ? { ...look, ramp: field.texture, scale } : look;
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
  #paper(panel, canvas, width, height, ratio, reach) {
    const paper = canvas.getContext("2d"), style = getComputedStyle(document.documentElement);
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
    const clear = panel.body.pieces.some((piece) => this.#through(panel, piece));
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
}

"use strict";
// Curves as SVG: panels that share their legend, their cursor and their horizontal axis.
const svg = (name, attributes = {}, parent = null) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (parent) parent.append(made);
  return made;
};

function ticks(low, high, wanted) {
  const raw = (high - low) / wanted, digit = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((s) => s * digit).find((s) => s >= raw * 0.999);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) found.push(+(i * step).toPrecision(10));
  return found;
}

class Lines {
  constructor(app) {
    this.app = app;
    this.axis = "soc";
    this.box = { width: 420, height: 230, left: 46, right: 12, top: 8, bottom: 34 };
    this.panels = app.data.panels.map((panel) => {
      const frame = document.createElement("div"), title = document.createElement("h3");
      frame.className = "panel";
      title.textContent = panel.title;
      const image = svg("svg", { viewBox: `0 0 ${this.box.width} ${this.box.height}`, role: "img", "aria-label": panel.title });
      const tip = document.createElement("div");
      tip.className = "tip";
      tip.hidden = true;
      frame.append(title, image, tip);
      document.getElementById("panels").append(frame);
      const made = { ...panel, frame, image, tip };
      image.onpointermove = (e) => this.#point(made, e);
      image.onpointerleave = () => { tip.hidden = true; made.cursor?.setAttribute("visibility", "hidden"); };
      image.onclick = (e) => this.#go(made, e);
      return made;
    });
    this.draw();
  }

  shown(panel) {
    return panel.lines.map((line, i) => [line, i]).filter(([line, i]) => line && !this.app.hidden.has(i));
  }

  draw() {
    for (const panel of this.panels) this.#panel(panel);
    this.move();
  }

  #panel(panel) {
    const { box, axis, app } = this, image = panel.image, shown = this.shown(panel);
    image.replaceChildren();
    panel.frame.hidden = !shown.length;
    if (!shown.length) return;
    const known = (list) => list.filter((v) => v !== null);
    const xs = shown.flatMap(([line]) => known(line[axis])), ys = shown.flatMap(([line]) => known(line.values));
    const x0 = Math.min(0, ...xs), x1 = Math.max(...xs, x0 + 1e-9);
    const y0 = Math.min(0, ...ys), most = Math.max(...ys), zero = Math.max(most, -y0) < 1e-9; // but for round-off
    const y1 = zero ? 1 : most > 0 ? most * 1.04 : y0 < 0 ? 0 : 1;
    const limits = panel.limits ? marksOf(shown.map(([, i]) => app.data.runs[i])).filter((m) => m.word === "breaks" && m.at < y1) : [];
    const limit = limits.length && y1 > 2 * limits[0].at ? limits[0].at : null;
    const scale = { low: y0, high: y1, limit, below: 0.4 };
    const X = (v) => box.left + ((v - x0) / (x1 - x0)) * (box.width - box.left - box.right);
    const Y = (v) => box.height - box.bottom - unit(scale, v) * (box.height - box.top - box.bottom);
    Object.assign(panel, { X, Y, x0, x1 });
    const rungs = limit === null ? ticks(y0, y1, 5)
      : [0, limit, ...[0.1, 0.2, 0.5, 1, 2, 5, 10].filter((v) => v > 1.5 * limit && v < y1)];
    for (const v of rungs) {
      svg("line", { class: "grid", x1: box.left, x2: box.width - box.right, y1: Y(v), y2: Y(v) }, image);
      svg("text", { x: box.left - 5, y: Y(v) + 4, "text-anchor": "end" }, image).textContent = String(v);
    }
    for (const v of ticks(x0, x1, 6))
      svg("text", { x: X(v), y: box.height - box.bottom + 15, "text-anchor": X(v) > box.width - 2 * box.right ? "end" : "middle" }, image).textContent = String(v);
    svg("path", { class: "axis", d: `M${box.left} ${box.top}V${box.height - box.bottom}H${box.width - box.right}` }, image);
    svg("text", { x: (box.left + box.width - box.right) / 2, y: box.height - 4, "text-anchor": "middle" }, image)
      .textContent = axis === "soc" ? "state of charge" : "time [h]";
    shown.forEach(([line, i], k) => this.#line(panel, line, app.data.runs[i], shown.length - 1 - k));
    if (panel.limits) this.#limits(panel, shown);
    for (const mark of limits) {
      svg("line", { class: "limit", x1: box.left, x2: box.width - box.right, y1: Y(mark.at), y2: Y(mark.at) }, image);
      svg("text", { x: box.width - box.right, y: Y(mark.at) - 4, "text-anchor": "end" }, image).textContent = mark.text;
    }
    panel.cursor = svg("line", { class: "axis", y1: box.top, y2: box.height - box.bottom, visibility: "hidden" }, image);
    panel.dots = shown.map(([line, i]) => [line, i, svg("circle", { r: 4, fill: app.data.runs[i].colour,
      stroke: "var(--box)", "stroke-width": 1.2 }, image)]);
  }

  // A curve is the wider the more are drawn after it, so that it is seen beneath one that coincides.
  #line(panel, line, run, behind) {
    const { X, Y, image } = panel, x = line[this.axis];
    let cycle = 0;
    for (const [up, start, stop] of line.branches) {
      cycle += up || cycle === 0 ? 1 : 0;
      const pale = Math.max(0.35, 0.65 ** (cycle - 1));
      const path = (values) => {
        let d = "";
        for (let i = start; i < stop; i++)
          if (values[i] !== null) d += `${d && values[i - 1] !== null ? "L" : "M"}${X(x[i]).toFixed(1)} ${Y(values[i]).toFixed(1)}`;
        return d;
      };
      if (line.band) {
        const rows = [...Array(stop - start).keys()].map((k) => k + start).filter((i) => line.band[i] !== null && line.values[i] !== null);
        const points = [...rows.map((i) => [x[i], line.values[i]]), ...rows.reverse().map((i) => [x[i], line.band[i]])];
        svg("polygon", { points: points.map(([a, b]) => `${X(a).toFixed(1)},${Y(b).toFixed(1)}`).join(" "),
          fill: run.colour, opacity: 0.16 }, image);
      }
      svg("path", { d: path(line.values), fill: "none", stroke: run.colour, "stroke-width": Math.min(3.5, 1.6 + 0.5 * behind), opacity: pale,
        "stroke-dasharray": up ? "none" : "5 3", "stroke-linejoin": "round" }, image);
    }
  }

  #limits(panel, shown) {
    const { X, Y, image } = panel, { runs } = this.app.data;
    for (const [name, mark] of [["yield", "○"], ["fracture", "✕"]])
      for (const [line, i] of shown) {
        const limit = runs[i].reached[name], first = runs[i].first[name];
        if (limit === null || first === null) continue;
        const x = this.axis === "soc" ? first : this.#hoursAt(line, limit);
        svg("text", { x: X(x), y: Y(limit) + 4.5, "text-anchor": "middle", fill: runs[i].colour,
          style: `fill:${runs[i].colour};font-size:13px;font-weight:700` }, image).textContent = mark;
      }
  }

  #hoursAt(line, limit) {
    const i = line.values.findIndex((v) => v !== null && v > limit), v = line.values, t = line.hours;
    return i <= 0 || v[i - 1] === null ? t[Math.max(i, 0)] : t[i - 1] + ((limit - v[i - 1]) / (v[i] - v[i - 1])) * (t[i] - t[i - 1]);
  }

  // Value of a line at a time; the lines are known at steps.
  #at(line, list, hours) {
    const t = line.hours;
    let i = 1;
    while (i < t.length - 1 && t[i] < hours) i++;
    if (t.length < 2) return list[0];
    if (list[i - 1] === null || list[i] === null) return null;
    const w = Math.max(0, Math.min(1, (hours - t[i - 1]) / (t[i] - t[i - 1] || 1)));
    return list[i - 1] + w * (list[i] - list[i - 1]);
  }

  // Puts the dots where the bodies are.
  move() {
    for (const panel of this.panels)
      for (const [line, i, dot] of (panel.frame.hidden ? [] : panel.dots)) {
        const hours = this.app.along(this.app.data.runs[i].time) / 3600;
        const x = this.#at(line, line[this.axis], hours), y = this.#at(line, line.values, hours);
        dot.setAttribute("visibility", y === null ? "hidden" : "visible");
        if (y !== null) { dot.setAttribute("cx", panel.X(x)); dot.setAttribute("cy", panel.Y(y)); }
      }
  }

  // The stretch of a run that the slider is in; its first one if it has none like that.
  #branch(line) {
    const [, lithiating, wanted] = this.app.stop();
    let cycle = 0;
    for (const branch of line.branches) {
      cycle += branch[0] || cycle === 0 ? 1 : 0;
      if (cycle === wanted && Boolean(branch[0]) === Boolean(lithiating)) return branch;
    }
    return line.branches[0];
  }

  #where(panel, e) {
    const shape = panel.image.getBoundingClientRect(), { box } = this;
    const x = ((e.clientX - shape.left) / shape.width) * box.width;
    const part = (x - box.left) / (box.width - box.left - box.right);
    return panel.x0 + Math.max(0, Math.min(1, part)) * (panel.x1 - panel.x0);
  }

  #point(panel, e) {
    const x = this.#where(panel, e), { app } = this, rows = [];
    for (const [line, i] of this.shown(panel)) {
      let y = null;
      if (this.axis === "hours") {
        if (x <= line.hours[line.hours.length - 1]) y = this.#at(line, line.values, x);
      } else {
        const [, start, stop] = this.#branch(line);
        for (let k = start + 1; k < stop && y === null; k++)
          if (Math.min(line.soc[k - 1], line.soc[k]) <= x && x <= Math.max(line.soc[k - 1], line.soc[k])) y = this.#at(line, line.values,
            line.hours[k - 1] + ((x - line.soc[k - 1]) / (line.soc[k] - line.soc[k - 1] || 1)) * (line.hours[k] - line.hours[k - 1]));
      }
      if (y !== null) rows.push([y, app.data.runs[i]]);
    }
    const head = document.createElement("div");
    head.textContent = this.axis === "soc" ? `${app.stretch()}, charge ${app.digits(x, 2)}` : `${app.digits(x, 3)} h`;
    panel.tip.replaceChildren(head, ...rows.sort((a, b) => b[0] - a[0]).map(([y, run]) => {
      const row = document.createElement("div"), dot = document.createElement("span");
      dot.className = "dot";
      dot.style.background = run.colour;
      row.append(dot, `${app.digits(y, 3)}  ${run.letter}`);
      return row;
    }));
    panel.tip.hidden = !rows.length;
    const left = e.clientX - panel.frame.getBoundingClientRect().left;
    panel.tip.style.left = `${left > panel.frame.clientWidth / 2 ? left - panel.tip.offsetWidth - 12 : left + 12}px`;
    panel.tip.style.top = "2.2rem";
    for (const [name, value] of [["x1", panel.X(x)], ["x2", panel.X(x)], ["visibility", "visible"]]) panel.cursor.setAttribute(name, value);
  }

  #go(panel, e) {
    const x = this.#where(panel, e);
    if (this.axis === "soc") return this.app.goTo(x);
    const { runs } = this.app.data, first = this.shown(panel)[0][1];
    const times = runs[first].time;
    const at = times.findIndex((t) => t / 3600 >= x);
    this.app.go(at < 0 ? times.length - 1 : at);
  }
}

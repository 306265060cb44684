"use strict";
// A field along a line through the middle of each body, at the state that is shown.
class Profile {
  constructor(app) {
    this.app = app;
    this.box = { width: 860, height: 250, left: 52, right: 14, top: 8, bottom: 34 };
    this.image = svg("svg", { viewBox: `0 0 ${this.box.width} ${this.box.height}`, role: "img" });
    $("profile").append(this.image);
    this.tables = app.data.runs.map((run) => Object.fromEntries(
      Object.entries(run.nodes[run.profile.nodes].fields).map(([name, entry]) => [name, DATA.scaled(entry)])));
  }

  // The field of the colours if it is known inside, else the first that is.
  field() {
    const { app } = this, wanted = app.fieldOf();
    return wanted && !wanted.surface ? wanted : app.data.fields.find((field) => !field.surface);
  }

  // Distance and value of each run along its line; null where there is none.
  rows(at = this.app.at) {
    const { app } = this, field = this.field();
    if (!field) return [];
    return app.data.runs.map((run, i) => {
      const all = this.tables[i][field.name], x = run.profile.distance;
      if (!all || app.hidden.has(i)) return null;
      const now = DATA.mix(all, x.length, app.along(run.state, at));
      return { run, x, y: [...now].map((v) => (Number.isNaN(v) ? null : v)) };
    });
  }

  draw() {
    const { image, box, app } = this, field = this.field();
    const sets = [[this.rows(), ""], ...(app.kept === null ? [] : [[this.rows(app.kept), "5 3"]])];
    const lines = sets.flatMap(([rows, dash]) => rows.filter(Boolean).map((row) => ({ ...row, dash })));
    image.replaceChildren();
    box.width = Math.max(330, Math.min(860, $("along").clientWidth - 20)); // letters keep their size
    image.setAttribute("viewBox", `0 0 ${box.width} ${box.height}`);
    $("along").hidden = !lines.length;
    if (!lines.length) return;
    const words = [...new Set(lines.map(({ run }) => run.profile.line))].join(" or ");
    const title = `${field.label}${field.unit ? ` [${field.unit}]` : ""} along a line ${words}`;
    $("alongtitle").textContent = title;
    image.setAttribute("aria-label", title);
    const ys = lines.flatMap(({ y }) => y.filter((v) => v !== null)), x1 = Math.max(...lines.flatMap(({ x }) => x));
    const y0 = Math.min(0, ...ys), top = Math.max(...ys, 0), y1 = top - y0 < 1e-9 ? 1 : top + 0.04 * (top - y0);
    const X = (v) => box.left + (v / x1) * (box.width - box.left - box.right);
    const Y = (v) => box.height - box.bottom - ((v - y0) / (y1 - y0)) * (box.height - box.top - box.bottom);
    for (const v of ticks(y0, y1, 5)) {
      svg("line", { class: "grid", x1: box.left, x2: box.width - box.right, y1: Y(v), y2: Y(v) }, image);
      svg("text", { x: box.left - 5, y: Y(v) + 4, "text-anchor": "end" }, image).textContent = String(v);
    }
    for (const v of ticks(0, x1, box.width / 100)) svg("text", { x: X(v), y: box.height - box.bottom + 15, "text-anchor": "middle" }, image).textContent = String(v);
    svg("path", { class: "axis", d: `M${box.left} ${box.top}V${box.height - box.bottom}H${box.width - box.right}` }, image);
    svg("text", { x: (box.left + box.width) / 2, y: box.height - 4, "text-anchor": "middle" }, image).textContent = `distance before ${app.data.words.inwards} [µm]`;
    lines.forEach(({ run, x, y, dash }, k) => {
      let d = "";
      for (let i = 0; i < x.length; i++) if (y[i] !== null) d += `${d && y[i - 1] !== null ? "L" : "M"}${X(x[i]).toFixed(1)} ${Y(y[i]).toFixed(1)}`;
      svg("path", { d, fill: "none", stroke: run.colour, "stroke-width": Math.min(4, 1.6 + 0.7 * (lines.length - 1 - k)),
        "stroke-dasharray": dash || "none", "stroke-linejoin": "round" }, image);
    });
  }
}

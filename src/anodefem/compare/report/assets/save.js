"use strict";
// Picture, curves and table as files, made by the page itself.
function download(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  document.documentElement.dataset.saved = `${name} ${blob.size}`;
}

// A text that a spreadsheet would take for a formula gets an apostrophe before it.
function csvCell(value) {
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? "");
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
const csvText = (rows) => new Blob([rows.map((row) => row.map(csvCell).join(",")).join("\n") + "\n"], { type: "text/csv" });

const SAVE = {
  table(app) {
    const rows = [["architecture", ...new Set([...document.querySelectorAll("td.value")].map((cell) => cell.dataset.column))]];
    app.data.runs.forEach((run, i) => {
      const cells = [...document.querySelectorAll(`td.value[data-run="${i}"]`)].map((cell) => [cell.dataset.column, cell.dataset.value]);
      const values = Object.fromEntries(cells);
      rows.push([run.title, ...rows[0].slice(1).map((name) => (values[name] === undefined || values[name] === "" ? "" : +values[name]))]);
    });
    download("comparison.csv", csvText(rows));
  },

  curves(app) {
    const rows = [["panel", "architecture", "soc [-]", "t [h]", "value"]];
    for (const panel of app.data.panels)
      panel.lines.forEach((line, i) => line?.values.forEach((value, k) => rows.push([panel.title, app.data.runs[i].title, line.soc[k], line.hours[k], value])));
    const field = app.profile.field();
    for (const row of app.profile.rows().filter(Boolean))
      row.x.forEach((x, k) => rows.push([`${field.label} along a line, distance [µm] for soc`, row.run.title, x, "", row.y[k]]));
    download("curves.csv", csvText(rows));
  },

  svg(app) {
    const images = [...document.querySelectorAll("#panels .panel:not([hidden])")], line = document.querySelector("#along:not([hidden])");
    const [wide, high, columns] = [440, 290, 3], rows = Math.ceil(images.length / columns);
    const all = svg("svg", { xmlns: "http://www.w3.org/2000/svg", "font-family": "Arial, sans-serif", "font-size": 11,
      width: columns * wide, height: (rows + (line ? 1 : 0)) * high + 24 * app.data.runs.length });
    const style = getComputedStyle(document.documentElement);
    svg("rect", { width: "100%", height: "100%", fill: style.getPropertyValue("--box") }, all);
    const put = (frame, x, y) => {
      const from = frame.querySelector("svg"), parts = from.querySelectorAll("*"), copy = from.cloneNode(true);
      const group = svg("g", { transform: `translate(${x} ${y + 22})` }, all);
      svg("text", { x, y: y + 14, "font-weight": 600, fill: style.getPropertyValue("--ink") }, all).textContent = frame.querySelector("h3").textContent;
      copy.querySelectorAll("*").forEach((part, i) => { // the page's style does not go with the file
        const seen = getComputedStyle(parts[i]);
        for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-size", "visibility"]) part.setAttribute(name, seen.getPropertyValue(name));
        part.removeAttribute("style");
      });
      group.append(...copy.childNodes);
    };
    images.forEach((frame, k) => put(frame, (k % columns) * wide + 8, Math.floor(k / columns) * high));
    if (line) put(line, 8, rows * high);
    app.data.runs.forEach((run, i) => {
      const y = (rows + (line ? 1 : 0)) * high + 24 * i + 14, dot = document.querySelector(`#legend [data-run="${i}"] .dot`);
      svg("circle", { cx: 14, cy: y - 4, r: 5, fill: getComputedStyle(dot).backgroundColor }, all);
      svg("text", { x: 26, y, fill: style.getPropertyValue("--ink") }, all).textContent = `${run.letter} ${run.title}`;
    });
    download("curves.svg", new Blob([new XMLSerializer().serializeToString(all)], { type: "image/svg+xml" }));
  },

  // Three times as sharp as on the screen.
  png(app) {
    app.scenes.sharp = 3;
    app.scenes.drawNow();
    const cards = [...document.querySelectorAll(".card:not([hidden])")], columns = Math.min(3, cards.length);
    const pictures = cards.map((card) => [...card.querySelectorAll("canvas")].filter((one) => one.clientWidth));
    const high = Math.max(...pictures.flat().map((one) => one.height)), line = 20 * app.scenes.sharp, edge = line / 3;
    const wide = Math.max(...pictures.map((row) => row.reduce((sum, one) => sum + one.width, 0))), cell = high + 5.5 * line;
    const canvas = document.createElement("canvas"), style = getComputedStyle(document.documentElement), field = app.fieldOf();
    canvas.width = columns * wide;
    canvas.height = Math.ceil(cards.length / columns) * cell + 3.5 * line;
    const paper = canvas.getContext("2d");
    paper.fillStyle = style.getPropertyValue("--box");
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.font = `${0.66 * line}px system-ui, sans-serif`;
    // Writes at most two lines of a width.
    const write = (text, x, y, width) => {
      paper.fillStyle = style.getPropertyValue("--ink");
      const lines = [""];
      for (const word of text.split(" ")) {
        const longer = `${lines.at(-1)} ${word}`.trim();
        if (lines.length < 2 && paper.measureText(longer).width > width) lines.push(word);
        else lines[lines.length - 1] = longer;
      }
      lines.forEach((one, i) => paper.fillText(one, x, y + 0.85 * i * line, width));
    };
    cards.forEach((card, k) => {
      const x = (k % columns) * wide, y = Math.floor(k / columns) * cell;
      write(card.querySelector("figcaption").textContent.trim(), x + edge, y + line, wide - 2 * edge);
      let left = x;
      for (const one of pictures[k]) { paper.drawImage(one, left, y + 2.2 * line); left += one.width; }
      const said = [".own", ".live"].map((name) => card.querySelector(name).textContent).filter(Boolean).join("  ·  ");
      write(said, x + edge, y + high + 3.2 * line, wide - 2 * edge);
    });
    const foot = canvas.height - 2.2 * line, from = edge, long = 0.4 * canvas.width;
    for (let i = 0; i < 64; i++) {
      paper.fillStyle = `rgb(${field.map.slice(3 * i, 3 * i + 3).join(" ")})`;
      paper.fillRect(from + (i * long) / 64, foot - 0.5 * line, long / 64 + 1, 0.6 * line);
    }
    const common = app.spreadOf(field) === "common", scale = field.common;
    const marks = common ? [...new Set([scale.low, ...(scale.limit === null ? [] : [scale.limit]), scale.high])] : [scale.low, scale.high];
    marks.forEach((value, i) => {
      const last = i === marks.length - 1, text = common ? app.digits(value, 3) : last ? "end" : value < 0 ? "−end" : "0";
      paper.textAlign = last ? "right" : i ? "center" : "left";
      write(text, from + long * unit(scale, value), foot + 0.9 * line, long);
    });
    paper.textAlign = "left";
    const name = field.unit ? `${field.label} [${field.unit}]` : field.label;
    write(`${name}. ${app.where()}`, from + long + line, foot, canvas.width - long - 2 * line);
    canvas.toBlob((blob) => download("bodies.png", blob));
    app.scenes.sharp = 1;
    app.scenes.draw();
  },
};

"use strict";
// The numbers of the page, and bodies whose places and fields follow from a state.
const DATA = {
  async read(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const all = await new Response(stream).arrayBuffer();
    const size = new DataView(all).getUint32(0, true);
    this.buffer = all;
    this.start = 4 + size;
    return JSON.parse(new TextDecoder().decode(new Uint8Array(all, 4, size)));
  },
  array(entry) {
    const Kind = { u2: Uint16Array, u4: Uint32Array, f4: Float32Array }[entry.type];
    return new Kind(this.buffer, this.start + entry.at, entry.n);
  },
  scaled(entry) {
    const codes = this.array(entry), values = new Float32Array(codes.length);
    for (let i = 0; i < codes.length; i++)
      values[i] = codes[i] === 65535 ? NaN : entry.low + entry.step * codes[i];
    return values;
  },
  // Rows of a table at a state, a number between stored states; n numbers a state.
  mix(values, n, state) {
    const low = Math.floor(state), weight = state - low, a = values.subarray(low * n, (low + 1) * n);
    if (weight === 0) return a;
    const b = values.subarray((low + 1) * n, (low + 2) * n), out = new Float32Array(n);
    for (let i = 0; i < n; i++) out[i] = a[i] + weight * (b[i] - a[i]);
    return out;
  },
};

const LIT = { sei: true, skin: true, part: true, shell: true };
const NOTHING = 1e30; // where a field has no value

// Image of a point of the symmetry cell.
function imageOf(maps, copy, p, i, out, k) {
  const m = 12 * copy, x = p[3 * i], y = p[3 * i + 1], z = p[3 * i + 2];
  for (let j = 0; j < 3; j++)
    out[k + j] = maps[m + 4 * j] * x + maps[m + 4 * j + 1] * y + maps[m + 4 * j + 2] * z + maps[m + 4 * j + 3];
}

class Body {
  constructor(run, isSurface) {
    this.run = run;
    this.maps = DATA.array(run.maps);
    this.tables = run.nodes.map((table) => ({
      points: DATA.array(table.points),
      moves: DATA.scaled(table.moves),
      fields: Object.fromEntries(Object.entries(table.fields).map(([name, e]) => [name, DATA.scaled(e)])),
    }));
    this.paints = (piece, name) => (isSurface(name) ? piece.kind === "sei" : run.painted[name].includes(piece.region));
    this.pieces = run.pieces.map((piece) => {
      const cells = DATA.array(piece.cells), node = DATA.array(piece.node);
      const isLine = ["edge", "rim"].includes(piece.kind);
      const made = { ...piece, node, copy: DATA.array(piece.copy), cells, isLine,
        places: new Float32Array(3 * node.length), values: new Float32Array(node.length),
        host: run.hosts.includes(piece.region), fields: this.tables[piece.nodes].fields,
        made: isLine ? GL.lines() : GL.surface(cells) };
      if (!isLine) {
        this.#fill(made, this.tables[piece.nodes].points);
        made.origin = made.places.slice();
        GL.fill(made.made.origin, made.origin);
      }
      return made;
    });
    this.box = bounds(this.pieces.filter((piece) => !piece.isLine).map((piece) => piece.origin));
    this.slicer = run.volume && new Slicer(run, this.tables[run.volume.nodes]);
    this.sliced = [];
    this.outline = GL.lines();
    const ends = DATA.array(run.outline);
    this.outline.count = ends.length / 6;
    GL.fill(this.outline.ends, ends);
    this.state = this.field = null;
  }

  // Cuts the body by a plane of the undeformed body; null takes the cut away.
  slice(plane) {
    const key = plane ? [...plane.normal, plane.at].join() : "";
    if (key === this.plane || (!plane && !this.sliced.length)) return;
    this.plane = key;
    for (const piece of this.sliced) GL.free(piece.made);
    this.sliced = plane && this.slicer ? this.slicer.cut(plane) : [];
    for (const piece of this.sliced) GL.fill(piece.made.origin, piece.origin);
    this.state = null;
  }

  // Brings the body to a state (a number between stored states) and a field to its surfaces.
  to(state, field) {
    const moved = state !== this.state;
    if (!moved && field === this.field) return;
    const nodes = moved && this.tables.map((table) => {
      const n = table.points.length, move = DATA.mix(table.moves, n, state), out = new Float32Array(n);
      for (let i = 0; i < n; i++) out[i] = table.points[i] + move[i];
      return out;
    });
    for (const piece of [...this.pieces, ...this.sliced]) {
      if (moved) this.#place(piece, nodes[piece.nodes]);
      if (piece.isLine) continue;
      const table = this.tables[piece.nodes], all = table.fields[field], values = piece.values.fill(NOTHING);
      if (all) {
        const now = DATA.mix(all, table.points.length / 3, state);
        for (let i = 0; i < values.length; i++) {
          const a = now[piece.node[i]], value = piece.other ? a + piece.weight[i] * (now[piece.other[i]] - a) : a;
          if (!Number.isNaN(value)) values[i] = value;
        }
      }
      GL.fill(piece.made.value, values);
    }
    this.state = state;
    this.field = field;
  }

  #fill(piece, nodes) {
    if (piece.other) piece.fill(nodes, piece.places);
    else for (let i = 0; i < piece.node.length; i++) imageOf(this.maps, piece.copy[i], nodes, piece.node[i], piece.places, 3 * i);
  }

  #place(piece, nodes) {
    const { places, cells } = piece;
    this.#fill(piece, nodes);
    if (piece.isLine) {
      const ends = new Float32Array(3 * cells.length);
      for (let i = 0; i < cells.length; i++) ends.set(places.subarray(3 * cells[i], 3 * cells[i] + 3), 3 * i);
      piece.made.count = cells.length / 2;
      GL.fill(piece.made.ends, ends);
      return;
    }
    GL.fill(piece.made.place, places);
    if (LIT[piece.kind]) GL.fill(piece.made.normal, normals(places, cells));
    else if (this.state === null) GL.fill(piece.made.normal, new Float32Array(places.length));
  }
}

// Middle and half widths of the box around points.
function bounds(lists) {
  const low = [1e30, 1e30, 1e30], high = [-1e30, -1e30, -1e30];
  for (const p of lists)
    for (let i = 0; i < p.length; i++) {
      low[i % 3] = Math.min(low[i % 3], p[i]);
      high[i % 3] = Math.max(high[i % 3], p[i]);
    }
  return { middle: low.map((v, k) => (v + high[k]) / 2), half: low.map((v, k) => (high[k] - v) / 2) };
}

// Normals at vertices: the mean of their triangles', weighted by area.
function normals(p, cells) {
  const out = new Float32Array(p.length);
  for (let i = 0; i < cells.length; i += 3) {
    const a = 3 * cells[i], b = 3 * cells[i + 1], c = 3 * cells[i + 2];
    const ux = p[b] - p[a], uy = p[b + 1] - p[a + 1], uz = p[b + 2] - p[a + 2];
    const vx = p[c] - p[a], vy = p[c + 1] - p[a + 1], vz = p[c + 2] - p[a + 2];
    const nx = uy * vz - uz * vy, ny = uz * vx - ux * vz, nz = ux * vy - uy * vx;
    for (const k of [a, b, c]) { out[k] += nx; out[k + 1] += ny; out[k + 2] += nz; }
  }
  return out;
}

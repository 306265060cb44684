"use strict";
// The numbers of the page, and bodies whose places and fields follow from a state.
const DATA = {
  async read(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const whole = await new Response(stream).arrayBuffer();
    const size = new DataView(whole).getUint32(0, true);
    this.buffer = whole;
    this.start = 4 + size;
    return JSON.parse(new TextDecoder().decode(new Uint8Array(whole, 4, size)));
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
};

const LIT = { sei: true, skin: true, part: true, shell: true };

class Body {
  constructor(run) {
    this.maps = DATA.array(run.maps);
    this.tables = run.nodes.map((table) => ({
      points: DATA.array(table.points),
      moves: DATA.scaled(table.moves),
      fields: Object.fromEntries(Object.entries(table.fields).map(([name, e]) => [name, DATA.scaled(e)])),
    }));
    this.pieces = run.pieces.map((piece) => {
      const cells = DATA.array(piece.cells), node = DATA.array(piece.node);
      const isLine = ["edge", "rim"].includes(piece.kind);
      return { ...piece, node, copy: DATA.array(piece.copy), cells, isLine,
        places: new Float32Array(3 * node.length), host: run.hosts.includes(piece.region),
        paints: (name) => (name === "sei_strain" ? piece.kind === "sei" : run.painted[name].includes(piece.region)),
        fields: this.tables[piece.nodes].fields, made: isLine ? GL.lines() : GL.surface(cells) };
    });
    this.outline = GL.lines();
    const ends = DATA.array(run.outline);
    this.outline.count = ends.length / 6;
    GL.fill(this.outline.ends, ends);
    this.state = this.field = null;
  }

  // Brings the body to a state (a number between stored states) and a field to its surfaces.
  to(state, field) {
    const moved = state !== this.state;
    if (!moved && field === this.field) return;
    const low = Math.floor(state), weight = state - low;
    const mix = (values, n) => {
      const a = values.subarray(low * n, (low + 1) * n);
      if (weight === 0) return a;
      const b = values.subarray((low + 1) * n, (low + 2) * n), out = new Float32Array(n);
      for (let i = 0; i < n; i++) out[i] = a[i] + weight * (b[i] - a[i]);
      return out;
    };
    const nodes = moved && this.tables.map((table) => {
      const n = table.points.length, move = mix(table.moves, n), out = new Float32Array(n);
      for (let i = 0; i < n; i++) out[i] = table.points[i] + move[i];
      return out;
    });
    for (const piece of this.pieces) {
      if (moved) this.#place(piece, nodes[piece.nodes]);
      if (piece.isLine) continue;
      const table = this.tables[piece.nodes], all = table.fields[field];
      const values = new Float32Array(piece.node.length).fill(1e30);
      if (all) {
        const now = mix(all, table.points.length / 3);
        for (let i = 0; i < values.length; i++) {
          const value = now[piece.node[i]];
          if (!Number.isNaN(value)) values[i] = value;
        }
      }
      GL.fill(piece.made.value, values);
    }
    this.state = state;
    this.field = field;
  }

  #place(piece, nodes) {
    const { node, copy, places, cells } = piece, maps = this.maps;
    for (let i = 0; i < node.length; i++) {
      const k = 3 * node[i], m = 12 * copy[i], x = nodes[k], y = nodes[k + 1], z = nodes[k + 2];
      for (let j = 0; j < 3; j++)
        places[3 * i + j] = maps[m + 4 * j] * x + maps[m + 4 * j + 1] * y + maps[m + 4 * j + 2] * z + maps[m + 4 * j + 3];
    }
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

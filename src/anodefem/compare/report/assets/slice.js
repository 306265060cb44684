"use strict";
// Cuts of a body by a plane anywhere: its mesh is swept to tetrahedra, and the plane meets these.
// A plane cell is swept between two images of itself, a solid cell is one tetrahedron per image.
class Slicer {
  constructor(run, table) {
    const v = run.volume;
    Object.assign(this, { run, table, regions: v.regions, corners: v.corners, pairs: v.pairs,
      cells: DATA.array(v.cells), region: DATA.array(v.region), maps: DATA.array(v.maps) });
    this.count = table.points.length / 3;
  }

  // Returns one piece per region: triangles whose vertices lie between two nodes each.
  cut(plane) {
    const { count, cells, corners, pairs } = this, images = this.maps.length / 12;
    const away = new Float32Array(images * count), p = new Float32Array(3);
    for (let image = 0; image < images; image++)
      for (let i = 0; i < count; i++) {
        imageOf(this.maps, image, this.table.points, i, p, 0);
        // never exactly in the plane: each tetrahedron is met in a triangle or in two
        away[image * count + i] = (plane.normal[0] * p[0] + plane.normal[1] * p[1] + plane.normal[2] * p[2] - plane.at) || 1e-9;
      }
    const found = this.regions.map(() => []);
    for (let c = 0; c < this.region.length; c++) {
      const out = found[this.region[c]], k = corners * c;
      for (const [first, second = first] of pairs) {
        const f = first * count, s = second * count, i = cells[k], j = cells[k + 1], l = cells[k + 2];
        const above = away[f + i] > 0, differs = (at) => away[at] > 0 !== above;
        if (corners === 4) {
          if (differs(f + j) || differs(f + l) || differs(f + cells[k + 3]))
            tetrahedron([f + i, f + j, f + l, f + cells[k + 3]], away, out);
        } else if (differs(f + j) || differs(f + l) || differs(s + i) || differs(s + j) || differs(s + l)) {
          tetrahedron([f + i, f + j, f + l, s + l], away, out);
          tetrahedron([f + i, f + j, s + j, s + l], away, out);
          tetrahedron([f + i, s + i, s + j, s + l], away, out);
        }
      }
    }
    return found.map((ends, i) => this.#piece(ends, away, this.regions[i])).filter((piece) => piece.cells.length);
  }

  #piece(ends, away, region) {
    const { count, maps, run } = this, n = ends.length / 2;
    const from = new Uint32Array(n), to = new Uint32Array(n), weight = new Float32Array(n);
    for (let i = 0; i < n; i++) {
      [from[i], to[i]] = [ends[2 * i], ends[2 * i + 1]];
      weight[i] = away[from[i]] / (away[from[i]] - away[to[i]]);
    }
    const p = new Float32Array(3), q = new Float32Array(3);
    const fill = (nodes, places) => {
      for (let i = 0; i < n; i++) {
        imageOf(maps, Math.floor(from[i] / count), nodes, from[i] % count, p, 0);
        imageOf(maps, Math.floor(to[i] / count), nodes, to[i] % count, q, 0);
        for (let j = 0; j < 3; j++) places[3 * i + j] = p[j] + weight[i] * (q[j] - p[j]);
      }
    };
    const cells = Uint32Array.from({ length: n }, (_, i) => i), origin = new Float32Array(3 * n);
    fill(this.table.points, origin);
    return { kind: "stress", region, cells, weight, fill, origin, isLine: false, lid: false, sliced: true,
      node: from.map((i) => i % count), other: to.map((i) => i % count), nodes: run.volume.nodes,
      places: new Float32Array(3 * n), values: new Float32Array(n), fields: this.table.fields,
      host: run.hosts.includes(region), made: GL.surface(cells) };
  }
}

// Adds where a plane meets a tetrahedron: pairs of ends of its edges, three pairs a triangle.
function tetrahedron(corners, away, out) {
  const above = [], below = [];
  for (const i of corners) (away[i] > 0 ? above : below).push(i);
  if (!above.length || !below.length) return;
  const [few, many] = above.length <= below.length ? [above, below] : [below, above];
  if (few.length === 1) for (const i of many) out.push(few[0], i);
  else {
    const [a, b] = few, [c, d] = many;
    out.push(a, c, a, d, b, d, a, c, b, d, b, c);
  }
}

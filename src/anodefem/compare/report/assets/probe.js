"use strict";
// What is under the pointer: the nearest triangle there, and the field in it.
const Probe = {
  // x and y from -1 to 1 in the panel; pieces are those that are drawn opaque.
  hit(pieces, view, plane, x, y) {
    let best = null;
    for (const piece of pieces) {
      const flat = this.project(piece, view), { cells } = piece;
      for (let k = 0; k < cells.length; k += 3) {
        const a = 3 * cells[k], b = 3 * cells[k + 1], c = 3 * cells[k + 2];
        const ax = flat[a] - x, ay = flat[a + 1] - y, bx = flat[b] - x, by = flat[b + 1] - y;
        const cx = flat[c] - x, cy = flat[c + 1] - y;
        const u = bx * cy - cx * by, v = cx * ay - ax * cy, w = ax * by - bx * ay;
        if (!((u >= 0 && v >= 0 && w >= 0) || (u <= 0 && v <= 0 && w <= 0))) continue;
        const sum = u + v + w;
        if (sum === 0) continue;
        const weights = [u / sum, v / sum, w / sum], corner = [cells[k], cells[k + 1], cells[k + 2]];
        const depth = weights[0] * flat[a + 2] + weights[1] * flat[b + 2] + weights[2] * flat[c + 2];
        if (best && depth <= best.depth) continue;
        const origin = this.mean(piece.origin, corner, weights);
        const n = plane && plane.normal;
        if (n && !piece.sliced && n[0] * origin[0] + n[1] * origin[1] + n[2] * origin[2] > plane.at) continue;
        best = { piece, depth, corner, weights, origin };
      }
    }
    if (!best) return null;
    const values = best.corner.map((i) => best.piece.values[i]);
    const known = values.every((value) => value < NOTHING / 2);
    return { region: best.piece.region, kind: best.piece.kind, origin: best.origin, piece: best.piece,
      value: known ? values.reduce((sum, value, i) => sum + best.weights[i] * value, 0) : null };
  },

  // Right, up and towards the reader in the panel, for each vertex.
  project(piece, { turn, focus, size }) {
    const { places } = piece, out = new Float32Array(places.length);
    for (let i = 0; i < places.length; i += 3) {
      const x = places[i] - focus[0], y = places[i + 1] - focus[1], z = places[i + 2] - focus[2];
      out[i] = (turn[0] * x + turn[3] * y + turn[6] * z) * size[0];
      out[i + 1] = (turn[1] * x + turn[4] * y + turn[7] * z) * size[1];
      out[i + 2] = turn[2] * x + turn[5] * y + turn[8] * z;
    }
    return out;
  },

  mean(points, corner, weights) {
    return [0, 1, 2].map((j) => corner.reduce((sum, i, k) => sum + weights[k] * points[3 * i + j], 0));
  },
};

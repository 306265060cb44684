"use strict";
// Triangles and thick lines in one WebGL 2 context that draws for every panel in turn.
const GL = (() => {
  const MESH_VS = `#version 300 es
    in vec3 place; in vec3 normal; in float value; in vec3 origin;
    uniform mat3 turn; uniform vec3 focus; uniform vec3 size;
    out vec3 n; out float v; centroid out vec3 o; flat out int known;
    void main() {
      vec3 p = turn * (place - focus);
      o = origin; n = turn * normal; known = value < 1e20 ? 1 : 0; v = value;
      gl_Position = vec4(p.xy * size.xy, -p.z * size.z, 1.0);
    }`;
  const MESH_FS = `#version 300 es
    precision highp float;
    in vec3 n; in float v; centroid in vec3 o; flat in int known;
    uniform sampler2D ramp; uniform vec3 colour; uniform vec3 below; uniform vec4 scale;
    uniform float opacity; uniform bool mapped; uniform bool lit; uniform float least;
    uniform bool clipped; uniform vec4 plane;
    out vec4 result;
    // Place of a value on a scale (low, high, limit or 0, share below the limit): as in fields.py.
    float unit(float x) {
      if (scale.z <= 0.0) return (x - scale.x) / (scale.y - scale.x);
      float q = x / scale.z;
      return q < 1.0 ? scale.w * q : scale.w + (1.0 - scale.w) * log(q) / log(scale.y / scale.z);
    }
    void main() {
      if (clipped && dot(plane.xyz, o) > plane.w) discard;
      vec3 c = colour;
      if (mapped && known == 1) {
        float s = unit(v);
        c = s < -least ? below : texture(ramp, vec2(clamp(s, 0.0, 1.0) * 63.0 / 64.0 + 0.5 / 64.0, 0.5)).rgb;
      }
      if (lit) {
        vec3 m = normalize(n); if (m.z < 0.0) m = -m;
        float light = 0.52 + 0.24 * m.z + 0.36 * max(dot(m, normalize(vec3(-0.6, 0.9, 1.0))), 0.0);
        c *= min(light, 1.06);
      }
      result = vec4(min(c, 1.0) * opacity, opacity);
    }`;
  const LINE_VS = `#version 300 es
    in vec2 corner; in vec3 start; in vec3 end;
    uniform mat3 turn; uniform vec3 focus; uniform vec3 size; uniform vec2 pixel; uniform float nearer;
    void main() {
      vec3 a = turn * (start - focus), b = turn * (end - focus);
      vec3 p = mix(a, b, corner.x);
      vec2 along = (b.xy - a.xy) * size.xy / pixel;
      along = length(along) > 1e-6 ? normalize(along) : vec2(1.0, 0.0);
      vec2 aside = vec2(-along.y, along.x) * corner.y + along * (corner.x - 0.5);
      gl_Position = vec4(p.xy * size.xy + aside * pixel, -(p.z + nearer) * size.z, 1.0);
    }`;
  const LINE_FS = `#version 300 es
    precision highp float; uniform vec3 colour; out vec4 result;
    void main() { result = vec4(colour, 1.0); }`;
  const canvas = document.createElement("canvas");
  const gl = canvas.getContext("webgl2", { alpha: true, antialias: true, premultipliedAlpha: true });
  if (!gl) return null;

  function program(vs, fs) {
    const made = gl.createProgram();
    for (const [type, text] of [[gl.VERTEX_SHADER, vs], [gl.FRAGMENT_SHADER, fs]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    const found = { program: made, u: {}, a: {} };
    for (let i = 0; i < gl.getProgramParameter(made, gl.ACTIVE_UNIFORMS); i++) {
      const name = gl.getActiveUniform(made, i).name;
      found.u[name] = gl.getUniformLocation(made, name);
    }
    for (let i = 0; i < gl.getProgramParameter(made, gl.ACTIVE_ATTRIBUTES); i++) {
      const name = gl.getActiveAttrib(made, i).name;
      found.a[name] = gl.getAttribLocation(made, name);
    }
    return found;
  }
  const mesh = program(MESH_VS, MESH_FS), line = program(LINE_VS, LINE_FS);
  const corners = gl.createBuffer();
  gl.bindBuffer(gl.ARRAY_BUFFER, corners);
  gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([0, -1, 1, -1, 0, 1, 1, 1]), gl.STATIC_DRAW);

  function attribute(where, buffer, parts, offset, stride, perLine) {
    if (where === undefined) return;
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.enableVertexAttribArray(where);
    gl.vertexAttribPointer(where, parts, gl.FLOAT, false, stride, offset);
    gl.vertexAttribDivisor(where, perLine ? 1 : 0);
  }
  // A surface: places, normals and values change with the state, triangles do not.
  function surface(cells) {
    const made = { place: gl.createBuffer(), normal: gl.createBuffer(), value: gl.createBuffer(), origin: gl.createBuffer(),
      index: gl.createBuffer(), count: cells.length, array: gl.createVertexArray() };
    gl.bindVertexArray(made.array);
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, made.index);
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, Uint32Array.from(cells), gl.STATIC_DRAW);
    for (const [name, parts] of [["place", 3], ["normal", 3], ["value", 1], ["origin", 3]])
      attribute(mesh.a[name], made[name], parts, 0, 0, false);
    gl.bindVertexArray(null);
    return made;
  }
  function free(made) {
    for (const name of ["place", "normal", "value", "origin", "index"]) gl.deleteBuffer(made[name]);
    gl.deleteVertexArray(made.array);
  }
  function lines() {
    const made = { ends: gl.createBuffer(), count: 0, array: gl.createVertexArray() };
    gl.bindVertexArray(made.array);
    attribute(line.a.corner, corners, 2, 0, 0, false);
    attribute(line.a.start, made.ends, 3, 0, 24, true);
    attribute(line.a.end, made.ends, 3, 12, 24, true);
    gl.bindVertexArray(null);
    return made;
  }
  function fill(buffer, data) {
    gl.bindVertexArray(null);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.DYNAMIC_DRAW);
  }
  function ramp(bytes) {
    const texture = gl.createTexture(), pixels = new Uint8Array(256).fill(255);
    for (let i = 0; i < 64; i++) pixels.set(bytes.slice(3 * i, 3 * i + 3), 4 * i);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, 64, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    for (const name of ["MIN_FILTER", "MAG_FILTER"]) gl.texParameteri(gl.TEXTURE_2D, gl["TEXTURE_" + name], gl.LINEAR);
    for (const name of ["WRAP_S", "WRAP_T"]) gl.texParameteri(gl.TEXTURE_2D, gl["TEXTURE_" + name], gl.CLAMP_TO_EDGE);
    return texture;
  }
  function begin(width, height) {
    if (canvas.width < width || canvas.height < height) {
      canvas.width = Math.max(canvas.width, width);
      canvas.height = Math.max(canvas.height, height);
    }
    gl.viewport(0, canvas.height - height, width, height);
    gl.disable(gl.SCISSOR_TEST);
    gl.clearColor(0, 0, 0, 0);
    gl.depthMask(true);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.depthFunc(gl.LEQUAL);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  }
  function camera(use, view) {
    gl.useProgram(use.program);
    gl.uniformMatrix3fv(use.u.turn, false, view.turn);
    gl.uniform3fv(use.u.focus, view.focus);
    gl.uniform3fv(use.u.size, view.size);
  }
  // look: {colour, opacity, lit, ramp, scale, below, least, cull, plane}
  function draw(made, view, look) {
    camera(mesh, view);
    const clear = look.opacity < 1;
    gl[clear ? "enable" : "disable"](gl.BLEND);
    gl.depthMask(!clear);
    if (look.cull) { gl.enable(gl.CULL_FACE); gl.cullFace(look.cull === "back" ? gl.BACK : gl.FRONT); }
    else gl.disable(gl.CULL_FACE);
    gl.uniform3fv(mesh.u.colour, look.colour);
    gl.uniform1f(mesh.u.opacity, look.opacity);
    gl.uniform1i(mesh.u.lit, look.lit ? 1 : 0);
    gl.uniform1i(mesh.u.mapped, look.ramp ? 1 : 0);
    gl.uniform1i(mesh.u.clipped, look.plane ? 1 : 0);
    if (look.plane) gl.uniform4f(mesh.u.plane, ...look.plane.normal, look.plane.at);
    if (look.ramp) {
      gl.bindTexture(gl.TEXTURE_2D, look.ramp);
      const { low, high, limit, below } = look.scale;
      gl.uniform4f(mesh.u.scale, low, high, limit ?? 0, below);
      gl.uniform1f(mesh.u.least, look.least);
      gl.uniform3fv(mesh.u.below, look.below);
    }
    gl.bindVertexArray(made.array);
    gl.drawElements(gl.TRIANGLES, made.count, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }
  function drawLines(made, view, look) {
    if (!made.count) return;
    camera(line, view);
    gl.disable(gl.BLEND);
    gl.disable(gl.CULL_FACE);
    gl.depthMask(true);
    gl.uniform2f(line.u.pixel, look.width / view.width, look.width / view.height);
    gl.uniform1f(line.u.nearer, look.nearer);
    gl.uniform3fv(line.u.colour, look.colour);
    gl.bindVertexArray(made.array);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, made.count);
    gl.bindVertexArray(null);
  }
  return { canvas, surface, free, lines, fill, ramp, begin, draw, drawLines };
})();

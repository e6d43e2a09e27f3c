/** Routes must keep off the boxes: checked on random maps, by walking along every curve. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { build } from "esbuild";

const built = await build({ entryPoints: ["src/route.ts"], bundle: true, format: "esm", write: false });
const { routeEdges, relativePoints } = await import(`data:text/javascript,${encodeURIComponent(built.outputFiles[0].text)}`);

function seeded(seed) {
  return () => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed / 2147483648;
  };
}

function randomMap(seed) {
  const random = seeded(seed);
  const columns = Array.from({ length: 2 + Math.floor(random() * 8) }, (_, i) => ({ id: `c${i}`, title: "", x: 140 * i + 70, width: 140 }));
  const nodes = columns.flatMap((column, i) =>
    Array.from({ length: Math.floor(random() * 13) }, (_, row) => ({ id: `${i}.${row}`, title: "", column: i, x: column.x, y: 60 * row + 20 * (i % 3), width: 112, height: 44 })),
  );
  const pick = () => nodes[Math.floor(random() * nodes.length)].id;
  const edges = nodes.length ? Array.from({ length: 150 }, () => ({ source: pick(), target: pick(), kind: "prerequisite_of" })) : [];
  return { map_id: "m", columns, nodes, edges };
}

/** Points along the curve as Cytoscape draws it: quadratics that join midway between control points. */
function* walk({ start, via, end }) {
  const middle = (a, b) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  let from = start;
  for (const [i, control] of via.entries()) {
    const to = i === via.length - 1 ? end : middle(control, via[i + 1]);
    for (let t = 0; t <= 1; t += 0.05) {
      const u = 1 - t;
      yield { x: u * u * from.x + 2 * u * t * control.x + t * t * to.x, y: u * u * from.y + 2 * u * t * control.y + t * t * to.y };
    }
    from = to;
  }
}

const inside = (point, node) => Math.abs(point.x - node.x) < node.width / 2 - 0.5 && Math.abs(point.y - node.y) < node.height / 2 - 0.5;

for (let seed = 1; seed <= 40; seed++) {
  test(`no edge of map ${seed} crosses a box`, () => {
    const map = randomMap(seed);
    for (const [i, route] of routeEdges(map).entries()) {
      if (!route) {
        assert.equal(map.edges[i].source, map.edges[i].target);
        continue;
      }
      for (const point of walk(route)) {
        const hit = map.nodes.find((node) => inside(point, node));
        assert.equal(hit, undefined, `${map.edges[i].source} -> ${map.edges[i].target} runs over ${hit?.id}`);
      }
    }
  });
}

test("relative points lead back to the same places", () => {
  const route = { start: { x: 10, y: 20 }, via: [{ x: 40, y: -5 }, { x: 3, y: 90 }], end: { x: 110, y: 70 } };
  const { weights, distances } = relativePoints(route);
  const [dx, dy] = [100, 50];
  const length = Math.hypot(dx, dy);
  route.via.forEach((point, i) => {
    assert.ok(Math.abs(10 + dx * weights[i] - (dy / length) * distances[i] - point.x) < 1e-9);
    assert.ok(Math.abs(20 + dy * weights[i] + (dx / length) * distances[i] - point.y) < 1e-9);
  });
});

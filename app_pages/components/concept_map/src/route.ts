/**
 * Routes every edge around the boxes.
 *
 * Within a column an edge leaves the box on its right and returns through the gutter, in a lane of its own.
 * Between columns it runs through the gaps between boxes: in each column that it crosses it takes one gap,
 * chosen so that the whole way bends least, and edges that share a gap get lanes. Dynamic programming over
 * (column, gap), as layered layouts place the dummy nodes of long edges (Gansner et al., 1993).
 */
import type { MapEdge, MapGraph, MapNode, Point } from "./types.ts";

/** Ends on the boxes' sides, and the control points between them (quadratic B-spline), all in map units. */
export interface Route {
  start: Point;
  via: Point[];
  end: Point;
}

interface Gap {
  y: number;
  room: number;
  users: number[];
}

interface Column {
  left: number;
  right: number;
  gaps: Gap[];
}

interface Plan {
  edge: number;
  source: MapNode;
  target: MapNode;
  from: number;
  to: number;
  gaps: Gap[];
  lane: number;
}

const OUTER_ROOM = 28;
const LANE = 3;
const BRACKET_LANE = 4;
const BRACKET_FIRST = 10;
const CORNER = 12;
const ARROW_ROOM = 9;
const PORT = 6;
const CROWDING = 900;

const top = (node: MapNode) => node.y - node.height / 2;
const bottom = (node: MapNode) => node.y + node.height / 2;

export function columnIndex(graph: MapGraph): (node: MapNode) => number {
  const byId = new Map(graph.columns.map((column, index) => [column.id, index]));
  return (node) => (typeof node.column === "number" ? node.column : (byId.get(node.column) ?? 0));
}

function measureColumns(graph: MapGraph, indexOf: (node: MapNode) => number): Column[] {
  return graph.columns.map((column, index) => {
    const nodes = graph.nodes.filter((node) => indexOf(node) === index).sort((a, b) => a.y - b.y);
    const left = Math.min(column.x, ...nodes.map((node) => node.x - node.width / 2));
    const right = Math.max(column.x, ...nodes.map((node) => node.x + node.width / 2));
    return { left, right, gaps: gapsBetween(nodes) };
  });
}

function gapsBetween(nodes: MapNode[]): Gap[] {
  const first = nodes[0];
  const last = nodes[nodes.length - 1];
  if (!first || !last) return [];
  const inner = nodes.slice(1).map((node, i) => {
    const above = bottom(nodes[i]!);
    return { y: (above + top(node)) / 2, room: Math.max(0, top(node) - above - 6), users: [] };
  });
  return [
    { y: top(first) - OUTER_ROOM / 2, room: OUTER_ROOM - 8, users: [] },
    ...inner,
    { y: bottom(last) + OUTER_ROOM / 2, room: OUTER_ROOM - 8, users: [] },
  ];
}

/** The gap to take in each column on the way, by least squared climb; crowded gaps cost more. */
function chooseGaps(startY: number, endY: number, crossed: Column[]): Gap[] {
  const stages = crossed.map((column) => column.gaps).filter((gaps) => gaps.length > 0);
  let paths: { y: number; cost: number; gaps: Gap[] }[] = [{ y: startY, cost: 0, gaps: [] }];
  for (const stage of stages) {
    paths = stage.map((gap) => {
      const crowding = (CROWDING * gap.users.length) / Math.max(gap.room / LANE, 1);
      let best = { y: gap.y, cost: Infinity, gaps: [gap] };
      for (const path of paths) {
        const cost = path.cost + (gap.y - path.y) ** 2 + crowding;
        if (cost < best.cost) best = { y: gap.y, cost, gaps: [...path.gaps, gap] };
      }
      return best;
    });
  }
  const total = (path: { y: number; cost: number }) => path.cost + (endY - path.y) ** 2;
  return paths.reduce((a, b) => (total(b) < total(a) ? b : a)).gaps;
}

/** Same-column edges, shortest first, each in the innermost lane that is free over its height. */
function assignBracketLanes(plans: Plan[]): void {
  const lanes = new Map<number, { low: number; high: number }[][]>();
  const span = (plan: Plan) => Math.abs(plan.source.y - plan.target.y);
  for (const plan of plans.filter((p) => p.from === p.to).sort((a, b) => span(a) - span(b))) {
    const low = Math.min(plan.source.y, plan.target.y);
    const high = Math.max(plan.source.y, plan.target.y);
    const taken = lanes.get(plan.from) ?? [];
    const free = taken.findIndex((lane) => lane.every((other) => other.high <= low || other.low >= high));
    plan.lane = free < 0 ? taken.length : free;
    (taken[plan.lane] ??= []).push({ low, high });
    lanes.set(plan.from, taken);
  }
}

type Side = "left" | "right";

/** Where on its box each end of an edge sits: ends spread over the side in the order of where they lead. */
class Ports {
  private readonly ends = new Map<string, { edge: number; order: number }[]>();

  add(node: MapNode, side: Side, edge: number, order: number): void {
    const key = `${side} ${node.id}`;
    const list = this.ends.get(key) ?? [];
    list.push({ edge, order });
    this.ends.set(key, list);
  }

  sort(): void {
    for (const list of this.ends.values()) list.sort((a, b) => a.order - b.order || a.edge - b.edge);
  }

  at(node: MapNode, side: Side, edge: number): Point {
    const list = this.ends.get(`${side} ${node.id}`)!;
    const step = Math.min(PORT, (node.height - 14) / Math.max(list.length - 1, 1));
    const place = list.findIndex((end) => end.edge === edge);
    return {
      x: node.x + (side === "right" ? node.width : -node.width) / 2,
      y: node.y + (place - (list.length - 1) / 2) * step,
    };
  }
}

const sides = (plan: Plan): [Side, Side] =>
  plan.from === plan.to ? ["right", "right"] : plan.from < plan.to ? ["right", "left"] : ["left", "right"];

/** Brackets going up leave at the top of the side, those going down at its bottom, the shorter the further out. */
function bracketOrder(here: MapNode, there: MapNode): number {
  const climb = there.y - here.y;
  return climb < 0 ? -1e6 - climb : 1e6 - climb;
}

function placePorts(plans: Plan[]): Ports {
  const ports = new Ports();
  for (const plan of plans) {
    const [leaving, entering] = sides(plan);
    const within = plan.from === plan.to;
    const firstY = plan.gaps[0]?.y ?? plan.target.y;
    const lastY = plan.gaps[plan.gaps.length - 1]?.y ?? plan.source.y;
    ports.add(plan.source, leaving, plan.edge, within ? bracketOrder(plan.source, plan.target) : firstY);
    ports.add(plan.target, entering, plan.edge, within ? bracketOrder(plan.target, plan.source) : lastY);
  }
  ports.sort();
  return ports;
}

function laneOffset(gap: Gap, edge: number): number {
  const count = gap.users.length;
  const step = Math.min(LANE, gap.room / Math.max(count - 1, 1));
  return (gap.users.indexOf(edge) - (count - 1) / 2) * step;
}

function bracket(start: Point, end: Point, lane: number, gutter: number): Point[] {
  const x = Math.max(start.x, end.x) + Math.min(BRACKET_FIRST + lane * BRACKET_LANE, Math.max(gutter - 7, 8));
  const turn = Math.sign(end.y - start.y) * Math.min(CORNER, Math.abs(end.y - start.y) / 2);
  return [
    { x, y: start.y },
    { x, y: start.y + turn },
    { x, y: end.y - turn },
    { x, y: end.y },
  ];
}

/** The passage of one edge through one gutter, seen from left to right. */
interface Run {
  leftY: number;
  rightY: number;
  x: number;
}

/** Heights at which an edge passes the gutters on its way: between two heights lies one gutter. */
function levels(plan: Plan, start: Point, end: Point, columns: Column[]): { y: number; column: number }[] {
  const step = plan.from < plan.to ? 1 : -1;
  const way = [{ y: start.y, column: plan.from }];
  let used = 0;
  for (let at = plan.from + step; at !== plan.to; at += step) {
    const gap = columns[at]!.gaps.length ? plan.gaps[used++]! : null;
    way.push({ y: gap ? gap.y + laneOffset(gap, plan.edge) : way[way.length - 1]!.y, column: at });
  }
  return [...way, { y: end.y, column: plan.to }];
}

/**
 * Gives each passage of a gutter its own x. Of two that go down, the one that starts higher turns further right,
 * and the other way round for two that go up, so that they do not cross.
 */
function spreadRuns(runs: Run[], left: number, right: number): void {
  const low = Math.min(left + 6, (left + right) / 2);
  const high = Math.max(right - ARROW_ROOM - 2, (left + right) / 2);
  const spread = (group: Run[]) =>
    group.forEach((run, place) => {
      run.x = group.length === 1 ? (low + high) / 2 : high - ((high - low) * place) / (group.length - 1);
    });
  spread(runs.filter((run) => run.leftY <= run.rightY).sort((a, b) => a.leftY - b.leftY));
  spread(runs.filter((run) => run.leftY > run.rightY).sort((a, b) => b.leftY - a.leftY));
}

/** Upright in each gutter, level through each gap, with the same small turn everywhere. */
function crossing(way: { y: number; column: number }[], runs: Run[], columns: Column[]): Point[] {
  const forward = way[0]!.column < way[way.length - 1]!.column;
  return way.slice(1).flatMap(({ y, column }, place) => {
    const { x } = runs[place]!;
    const before = way[place]!.y;
    const turn = Math.sign(y - before) * Math.min(CORNER, Math.abs(y - before) / 2);
    const upright = [
      { x, y: before },
      { x, y: before + turn },
      { x, y: y - turn },
      { x, y },
    ];
    const { left, right } = columns[column]!;
    if (place === way.length - 2) return [...upright, { x: forward ? left - ARROW_ROOM : right + ARROW_ROOM, y }];
    return [...upright, { x: forward ? left : right, y }, { x: forward ? right : left, y }];
  });
}

/** Routes between columns: all passages first, since they share the gutters, then the points of each. */
function routeCrossings(plans: Plan[], ports: Ports, columns: Column[], routes: (Route | null)[]): void {
  const gutters = columns.map((): Run[] => []);
  const drafts = plans.filter((plan) => plan.from !== plan.to).map((plan) => {
    const [leaving, entering] = sides(plan);
    const start = ports.at(plan.source, leaving, plan.edge);
    const end = ports.at(plan.target, entering, plan.edge);
    const way = levels(plan, start, end, columns);
    const runs = way.slice(1).map((level, place) => {
      const [here, there] = [way[place]!, level];
      const [a, b] = here.column < there.column ? [here, there] : [there, here];
      const run = { leftY: a.y, rightY: b.y, x: 0 };
      gutters[a.column]!.push(run);
      return run;
    });
    return { edge: plan.edge, start, end, way, runs };
  });
  gutters.forEach((runs, index) => {
    const next = columns[index + 1];
    if (next) spreadRuns(runs, columns[index]!.right, next.left);
  });
  for (const { edge, start, end, way, runs } of drafts) routes[edge] = { start, via: crossing(way, runs, columns), end };
}

/** One route an edge, in the order of `graph.edges`; null where an end is unknown or both are one node. */
export function routeEdges(graph: MapGraph): (Route | null)[] {
  const indexOf = columnIndex(graph);
  const columns = measureColumns(graph, indexOf);
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const plans = graph.edges.flatMap((edge: MapEdge, index) => {
    const source = nodes.get(edge.source);
    const target = nodes.get(edge.target);
    if (!source || !target || source === target) return [];
    return [{ edge: index, source, target, from: indexOf(source), to: indexOf(target), gaps: [], lane: 0 } as Plan];
  });
  const reach = (plan: Plan) => Math.abs(plan.from - plan.to);
  for (const plan of [...plans].sort((a, b) => reach(a) - reach(b))) {
    const [low, high] = [Math.min(plan.from, plan.to), Math.max(plan.from, plan.to)];
    const crossed = columns.slice(low + 1, high);
    plan.gaps = chooseGaps(plan.source.y, plan.target.y, plan.from < plan.to ? crossed : crossed.reverse());
    for (const gap of plan.gaps) gap.users.push(plan.edge);
  }
  const slope = new Map(plans.map((plan) => [plan.edge, plan.source.y + plan.target.y]));
  for (const column of columns) {
    for (const gap of column.gaps) gap.users.sort((a, b) => slope.get(a)! - slope.get(b)! || a - b);
  }
  assignBracketLanes(plans);
  const ports = placePorts(plans);
  const routes: (Route | null)[] = graph.edges.map(() => null);
  routeCrossings(plans, ports, columns, routes);
  for (const plan of plans.filter((p) => p.from === p.to)) {
    const start = ports.at(plan.source, "right", plan.edge);
    const end = ports.at(plan.target, "right", plan.edge);
    const gutter = (columns[plan.from + 1]?.left ?? Infinity) - columns[plan.from]!.right;
    routes[plan.edge] = { start, via: bracket(start, end, plan.lane, Math.min(gutter, 60)), end };
  }
  return routes;
}

/** The same points as Cytoscape wants them: along and across the line from start to end. */
export function relativePoints(route: Route): { weights: number[]; distances: number[] } {
  const dx = route.end.x - route.start.x;
  const dy = route.end.y - route.start.y;
  const length = Math.hypot(dx, dy) || 1;
  return {
    weights: route.via.map((p) => ((p.x - route.start.x) * dx + (p.y - route.start.y) * dy) / length ** 2),
    distances: route.via.map((p) => ((p.y - route.start.y) * dx - (p.x - route.start.x) * dy) / length),
  };
}

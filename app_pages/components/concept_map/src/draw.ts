/** Turns a graph into Cytoscape elements: preset positions, fitted labels, routed edges. */
import cytoscape, { type Core, type ElementDefinition, type NodeSingular } from "cytoscape";

import { fitLabel, measureWith, type Measure } from "./label.ts";
import { columnIndex, relativePoints, routeEdges, type Route } from "./route.ts";
import { buildStyle } from "./style.ts";
import type { Theme } from "./theme.ts";
import type { MapGraph, MapNode, Point } from "./types.ts";

export const MAX_ZOOM = 2.5;
/** Above this many boxes a fade costs more than it shows. */
export const FADE_LIMIT = 250;
/** Room that the line with the count takes in the box of a group. */
const COUNT_HEIGHT = 18;

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const mayMove = () => !reducedMotion();

interface Labelled extends Pick<MapNode, "title" | "width" | "height" | "count"> {
  /** How many of a group's concepts the learner knows. */
  standing?: string;
}

/** A group's label ends with how many concepts it stands for, and how many of them are marked. */
function labelOf(node: Labelled, measure: Measure): { label: string; size: number } {
  const { title, width, height, count } = node;
  if (count === undefined || /^\+/.test(title)) {
    const { text, size } = fitLabel(title, width, height, measure);
    return { label: text, size };
  }
  const { text, size } = fitLabel(title, width, height - COUNT_HEIGHT, measure);
  const whole = count.toLocaleString("en");
  return { label: `${text}\n${node.standing ? `${node.standing}  of ${whole}` : `${whole} concept${count === 1 ? "" : "s"}`}`, size };
}

function nodeElement(node: MapNode, column: number, measure: Measure): ElementDefinition {
  const { id, title, width, height, kind, summary, count, opens } = node;
  const tint = node.tint ?? column;
  return {
    group: "nodes",
    data: { id, title, column, tint, width, height, kind, summary, count, opens, ...labelOf(node, measure) },
    position: { x: node.x, y: node.y },
    pannable: true,
    grabbable: false,
  };
}

const offset = (point: Point, node: MapNode) => `${(point.x - node.x).toFixed(1)}px ${(point.y - node.y).toFixed(1)}px`;

export function edgeElement(route: Route, index: number, graph: MapGraph, nodes: Map<string, MapNode>): ElementDefinition {
  const { source, target, kind, count } = graph.edges[index]!;
  const { weights, distances } = relativePoints(route);
  const data = {
    id: `edge ${source} ${kind} ${target}`,
    source,
    target,
    kind,
    weights,
    distances,
    start: offset(route.start, nodes.get(source)!),
    end: offset(route.end, nodes.get(target)!),
  };
  const betweenGroups = nodes.get(source)!.count !== undefined && nodes.get(target)!.count !== undefined;
  const bundle = count === undefined ? {} : betweenGroups ? { count, thickness: 1 + Math.min(5, Math.log2(count + 1)) } : { count };
  return { group: "edges", data: { ...data, ...bundle }, classes: graph.all_kinds ? "rest" : "" };
}

export function buildElements(graph: MapGraph, font: string): ElementDefinition[] {
  const indexOf = columnIndex(graph);
  const measure = measureWith(font);
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges = routeEdges(graph).flatMap((route, index) => (route ? [edgeElement(route, index, graph, nodes)] : []));
  return [...graph.nodes.map((node) => nodeElement(node, indexOf(node), measure)), ...edges];
}

export function applyTheme(cy: Core, theme: Theme): void {
  cy.style(buildStyle(theme, mayMove() && cy.nodes().length <= FADE_LIMIT));
}

export function openCanvas(container: HTMLElement): Core {
  return cytoscape({
    container,
    elements: [],
    style: [],
    maxZoom: MAX_ZOOM,
    minZoom: 0.1,
    boxSelectionEnabled: false,
    autounselectify: true,
    autoungrabify: true,
  });
}

/** The page's fonts arrive late, and a label that was measured in a fallback may not fit. */
export function refitLabels(cy: Core, font: string): void {
  const measure = measureWith(font);
  cy.batch(() => cy.nodes().forEach((node) => refitLabel(node, measure)));
}

/** Writes a box's label anew from its data. */
export const relabel = (node: NodeSingular, font: string): void => refitLabel(node, measureWith(font));

function refitLabel(node: NodeSingular, measure: Measure): void {
  const { label, size } = labelOf(node.data() as Labelled, measure);
  if (node.data("label") !== label || node.data("size") !== size) node.data({ label, size });
}

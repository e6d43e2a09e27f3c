/** Turns the payload into Cytoscape elements: preset positions, fitted labels, routed edges. */
import cytoscape, { type Core, type ElementDefinition } from "cytoscape";

import { fitLabel, measureWith, type Measure } from "./label.ts";
import { columnIndex, relativePoints, routeEdges, type Route } from "./route.ts";
import { buildStyle } from "./style.ts";
import type { Theme } from "./theme.ts";
import type { MapGraph, MapNode, Point } from "./types.ts";

export const MAX_ZOOM = 2.5;
/** Above this many boxes a fade costs more than it shows. */
const FADE_LIMIT = 250;

const reducedMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

export const mayMove = () => !reducedMotion();

function nodeElement(node: MapNode, column: number, measure: Measure): ElementDefinition {
  const { text, size } = fitLabel(node.title, node.width, node.height, measure);
  const { id, title, width, height, kind, summary } = node;
  return {
    group: "nodes",
    data: { id, title, column, width, height, kind, summary, label: text, size },
    position: { x: node.x, y: node.y },
    pannable: true,
    grabbable: false,
  };
}

const offset = (point: Point, node: MapNode) => `${(point.x - node.x).toFixed(1)}px ${(point.y - node.y).toFixed(1)}px`;

function edgeElement(route: Route, index: number, graph: MapGraph, nodes: Map<string, MapNode>): ElementDefinition {
  const { source, target, kind } = graph.edges[index]!;
  const { weights, distances } = relativePoints(route);
  return {
    group: "edges",
    data: {
      id: `edge ${index}`,
      source,
      target,
      kind,
      weights,
      distances,
      start: offset(route.start, nodes.get(source)!),
      end: offset(route.end, nodes.get(target)!),
    },
  };
}

function buildElements(graph: MapGraph, font: string): ElementDefinition[] {
  const indexOf = columnIndex(graph);
  const measure = measureWith(font);
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges = routeEdges(graph).flatMap((route, index) => (route ? [edgeElement(route, index, graph, nodes)] : []));
  return [...graph.nodes.map((node) => nodeElement(node, indexOf(node), measure)), ...edges];
}

export function applyTheme(cy: Core, theme: Theme): void {
  cy.style(buildStyle(theme, mayMove() && cy.nodes().length <= FADE_LIMIT));
}

export function draw(container: HTMLElement, graph: MapGraph, theme: Theme): Core {
  const cy = cytoscape({
    container,
    elements: buildElements(graph, theme.font),
    layout: { name: "preset", fit: false },
    style: [],
    maxZoom: MAX_ZOOM,
    minZoom: 0.1,
    boxSelectionEnabled: false,
    autounselectify: true,
    autoungrabify: true,
  });
  applyTheme(cy, theme);
  return cy;
}

/** The page's fonts arrive late, and a label that was measured in a fallback may not fit. */
export function refitLabels(cy: Core, font: string): void {
  const measure = measureWith(font);
  cy.batch(() => {
    cy.nodes().forEach((node) => {
      const { text, size } = fitLabel(node.data("title"), node.data("width"), node.data("height"), measure);
      if (node.data("label") !== text || node.data("size") !== size) node.data({ label: text, size });
    });
  });
}

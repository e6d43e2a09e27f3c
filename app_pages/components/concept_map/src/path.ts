/** The lines of a path: drawn over the map's own, which may lack some, since only what no longer way implies is drawn. */
import type { Core } from "cytoscape";

import { edgeElement } from "./draw.ts";
import { routeEdges } from "./route.ts";
import type { Hop, MapGraph } from "./types.ts";

export function removeHops(cy: Core): void {
  cy.edges(".hop").remove();
}

/** Draws each hop around the boxes, with its number; while boxes glide to their places it waits, as every line does. */
export function drawHops(cy: Core, hops: Hop[], graph: MapGraph): void {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const labelled = hops.flatMap(({ source, target, kind, label }) => {
    const [from, to] = [graph.nodes[source], graph.nodes[target]];
    return from && to ? [{ source: from.id, target: to.id, kind, label }] : [];
  });
  const path: MapGraph = { ...graph, edges: labelled.map(({ source, target, kind }) => ({ source, target, kind })) };
  const waits = cy.edges(".arriving").nonempty();
  routeEdges(path).forEach((route, index) => {
    if (!route) return;
    const { data } = edgeElement(route, index, path, nodes);
    const { label } = labelled[index]!;
    cy.add({ group: "edges", data: { ...data, id: `hop ${index}`, label }, classes: waits ? "hop arriving" : "hop" });
  });
}

/** The boxes of a path, which should all be in view. */
export const stopIds = (stops: number[], graph: MapGraph): string[] => stops.flatMap((place) => graph.nodes[place]?.id ?? []);

/**
 * From one scene to the next: boxes that both have glide to their new places, the others fade in.
 *
 * Lines are drawn anew and appear when the boxes have arrived, since a routed line fits only where its ends belong.
 */
import type { Core } from "cytoscape";

import { FADE_LIMIT, buildElements, mayMove } from "./draw.ts";
import type { MapGraph } from "./types.ts";

export const MORPH_MS = 320;

const later = new WeakMap<Core, ReturnType<typeof setTimeout>>();

export function showElements(cy: Core, graph: MapGraph, font: string): void {
  const elements = buildElements(graph, font);
  const smoothly = cy.nodes().nonempty() && mayMove() && graph.nodes.length <= FADE_LIMIT && cy.nodes().length <= FADE_LIMIT;
  const before = new Map(cy.nodes().map((node) => [node.id(), { ...node.position() }]));
  clearTimeout(later.get(cy));
  cy.stop(true);
  cy.elements().stop(true);
  cy.batch(() => {
    cy.elements().remove();
    cy.add(elements);
    if (!smoothly) return;
    cy.edges().addClass("arriving");
    cy.nodes().forEach((node) => {
      const old = before.get(node.id());
      if (old) node.position(old);
      else node.style("opacity", 0);
    });
  });
  if (!smoothly) return;
  for (const { id, x, y } of graph.nodes) {
    const node = cy.getElementById(id);
    if (before.has(id)) node.animate({ position: { x, y } }, { duration: MORPH_MS, easing: "ease-in-out-cubic" });
    else node.animate({ style: { opacity: 1 } }, { duration: MORPH_MS, complete: () => void node.removeStyle("opacity") });
  }
  later.set(cy, setTimeout(() => settle(cy, graph), MORPH_MS + 40));
}

/** Wherever an animation was cut short, boxes end where they belong. */
function settle(cy: Core, graph: MapGraph): void {
  if (cy.destroyed()) return;
  cy.batch(() => {
    for (const { id, x, y } of graph.nodes) cy.getElementById(id).removeStyle("opacity").position({ x, y });
    cy.edges().removeClass("arriving");
  });
}

/** What a selection looks like: which classes each box and each line wears. */
import type { Core, EdgeSingular, NodeSingular } from "cytoscape";

import { drawHops, removeHops } from "./path.ts";
import type { Focus, MapGraph, Path } from "./types.ts";

const CLASSES = "selected prerequisite unlock related applies part direct dim reason stop end";
/** Related boxes wear the colour of the line that leads to them. */
const KIND_CLASS: Record<string, string> = { applies_to: " applies", part_of: " part" };

interface Roles {
  selected: string | null;
  reason: string | null;
  prerequisites: Set<string>;
  unlocks: Set<string>;
  related: Set<string>;
  columns: Set<number>;
  learn: boolean;
  /** Neighbours of the selected concept: by a prerequisite, and the kind of relation to the others. */
  direct: Set<string>;
  kinds: Map<string, string>;
}

function nodeClasses(node: NodeSingular, roles: Roles): string {
  const id = node.id();
  if (id === roles.selected) return "selected";
  const near = roles.direct.has(id) ? " direct" : "";
  if (roles.prerequisites.has(id)) return `prerequisite${near}`;
  if (roles.unlocks.has(id)) return `unlock${near}`;
  if (node.data("count") !== undefined) return ""; // a group is the way on, whatever is selected
  if (roles.columns.has(node.data("column"))) return "";
  return roles.related.has(id) ? `related${KIND_CLASS[roles.kinds.get(id) ?? ""] ?? ""}` : "dim";
}

function edgeClasses(edge: EdgeSingular, roles: Roles): string {
  const [source, target] = [edge.data("source") as string, edge.data("target") as string];
  const touches = source === roles.selected || target === roles.selected;
  if (touches && (source === roles.reason || target === roles.reason)) return "related reason";
  if (edge.data("kind") === "prerequisite_of") {
    const near = touches ? " direct" : "";
    const needed = (id: string) => id === roles.selected || roles.prerequisites.has(id);
    const unlocked = (id: string) => id === roles.selected || roles.unlocks.has(id);
    if (roles.prerequisites.has(source) && needed(target)) return `prerequisite${near}`;
    if (unlocked(source) && roles.unlocks.has(target)) return `unlock${near}`;
  }
  return touches && !roles.learn ? "related" : "dim";
}

function neighbours(cy: Core, selected: string | null): Pick<Roles, "direct" | "kinds"> {
  const direct = new Set<string>();
  const kinds = new Map<string, string>();
  cy.getElementById(selected ?? "").connectedEdges().forEach((edge) => {
    const [source, target, kind] = [edge.data("source"), edge.data("target"), edge.data("kind")] as [string, string, string];
    const other = source === selected ? target : source;
    if (kind === "prerequisite_of") direct.add(other);
    else kinds.set(other, kind);
  });
  return { direct, kinds };
}

/** Dresses every element of a graph for `focus`; the boxes of a selected column are left as they are. */
export function dress(cy: Core, focus: Focus, graph: MapGraph): void {
  const ids = (places: (string | number)[]) => places.map((place) => (typeof place === "number" ? (graph.nodes[place]?.id ?? "") : place));
  const [prerequisites, unlocks, related] = [ids(focus.prerequisites), ids(focus.unlocks), ids(focus.related)];
  const columns = graph.columns.map((column) => column.selects ?? column.id);
  const roles: Roles = {
    selected: focus.selected,
    reason: focus.reason ?? null,
    prerequisites: new Set(prerequisites),
    unlocks: new Set(unlocks),
    related: new Set(related),
    learn: focus.learn ?? false,
    columns: new Set(columns.flatMap((selects, index) => (selects === focus.selected ? [index] : []))),
    ...neighbours(cy, focus.selected),
  };
  const lit = [focus.selected ?? "", ...prerequisites, ...unlocks, ...related];
  const known = roles.columns.size > 0 || lit.some((id) => cy.getElementById(id).nonempty());
  removeHops(cy);
  cy.batch(() => {
    hideKinds(cy, focus.hidden_kinds ?? []);
    if (focus.path?.stops.length) {
      dressPath(cy, focus.path, focus.selected, graph);
      return;
    }
    if (!known) {
      cy.elements().removeClass(CLASSES);
      return;
    }
    cy.nodes().forEach((node) => setClasses(node, nodeClasses(node, roles)));
    cy.edges().forEach((edge) => setClasses(edge, edgeClasses(edge, roles)));
  });
}

/** Lights a path alone: its boxes and its lines, some of which the map may not draw otherwise. */
function dressPath(cy: Core, path: Path, selected: string | null, graph: MapGraph): void {
  const places = new Map(path.stops.map((place) => [graph.nodes[place]?.id ?? "", place]));
  cy.nodes().forEach((node) => {
    const place = places.get(node.id());
    setClasses(node, node.id() === selected ? "selected" : place === undefined ? "dim" : place === path.end ? "stop end" : "stop");
  });
  cy.edges().forEach((edge) => setClasses(edge, "dim"));
  drawHops(cy, path.hops, graph);
}

/**
 * Kinds that the reader has switched off are not drawn at all. At rest only prerequisites are, for the order of
 * learning is enough to read; without them, what is left is.
 */
export function hideKinds(cy: Core, hidden: string[]): void {
  const withoutPrerequisites = hidden.includes("prerequisite_of");
  cy.edges().not(".hop").forEach((edge) => {
    setClass(edge, "off", hidden.includes(edge.data("kind")));
    setClass(edge, "left", withoutPrerequisites);
  });
}

function setClass(edge: EdgeSingular, name: string, wanted: boolean): void {
  if (edge.hasClass(name) !== wanted) edge.toggleClass(name, wanted);
}

/** Changes only what differs: Cytoscape restyles, and fades, whatever is touched. */
function setClasses(element: NodeSingular | EdgeSingular, wanted: string): void {
  const next = wanted.split(" ").filter(Boolean);
  const gone = CLASSES.split(" ").filter((name) => !next.includes(name) && element.hasClass(name));
  if (gone.length) element.removeClass(gone.join(" "));
  const fresh = next.filter((name) => !element.hasClass(name));
  if (fresh.length) element.addClass(fresh.join(" "));
}

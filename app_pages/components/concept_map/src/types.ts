/** The shapes that cross from Python, and those that the modules here share. */

export interface MapColumn {
  id: string;
  title: string;
  subtitle?: string;
  /** What a click on the header selects, if not the column's own id. */
  selects?: string;
  /** Centre and width, in map units; the same unit as the nodes'. */
  x: number;
  width: number;
}

export interface MapNode {
  id: string;
  title: string;
  /** The id of its column, or the column's position in `columns`. */
  column: string | number;
  /** Centre of the box. */
  x: number;
  y: number;
  width: number;
  height: number;
  kind?: string;
  /** One line for the tooltip. */
  summary?: string;
}

export interface MapEdge {
  source: string;
  target: string;
  kind: string;
}

export interface MapGraph {
  map_id: string;
  columns: MapColumn[];
  nodes: MapNode[];
  edges: MapEdge[];
}

/** What the control component carries: ids only. */
export interface Focus {
  selected: string | null;
  prerequisites: string[];
  unlocks: string[];
  related: string[];
}

export const NO_FOCUS: Focus = { selected: null, prerequisites: [], unlocks: [], related: [] };

export interface Point {
  x: number;
  y: number;
}

export interface Camera {
  zoom: number;
  pan: Point;
}

/** What Streamlit hands to the default export of a Components v2 module. */
export interface ComponentArgs<Data> {
  data: Data;
  parentElement: HTMLElement;
  setStateValue(name: string, value: unknown): void;
  setTriggerValue(name: string, value: unknown): void;
}

/** The shapes that cross from Python, and those that the modules here share. */

export interface MapColumn {
  id: string;
  title: string;
  subtitle?: string;
  /** What a click on the header selects, if not the column's own id. */
  selects?: string;
  /** The view that a click opens instead; with `selects`, that a double click opens. */
  opens?: string;
  /** A header that only names its column. */
  fixed?: boolean;
  /** Its place in the walk of colours, if not its place among the columns. */
  tint?: number;
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
  /** Its place in the walk of colours, if not its column's place. */
  tint?: number;
  /** How many concepts it stands for; then it is no concept itself, and a click opens a view. */
  count?: number;
  opens?: string;
}

export interface MapEdge {
  source: string;
  target: string;
  kind: string;
  /** How many relations it stands for. */
  count?: number;
}

export interface MapGraph {
  map_id: string;
  /** Which view this is: each has a camera of its own. */
  scene?: string;
  /** How many colours the walk has, if not one a column. */
  tints?: number;
  /** The view that Escape and the button in the corner lead back to. */
  up?: { label: string; view: string };
  /** Whether lines of every kind are drawn at rest, not only prerequisites. */
  all_kinds?: boolean;
  columns: MapColumn[];
  nodes: MapNode[];
  edges: MapEdge[];
}

/** A line of a path, between two places among the graph's nodes; it points as its relation does. */
export interface Hop {
  source: number;
  target: number;
  /** The relation's kind; empty for a line that stands for hops between concepts that are not drawn. */
  kind: string;
  label: string;
}

/** A path through the boxes: those on it in order, the place where it ends if that is drawn, and its lines. */
export interface Path {
  stops: number[];
  end: number | null;
  hops: Hop[];
}

/** What the control component carries: ids, or places among the graph's nodes, which are shorter. */
export interface Focus {
  selected: string | null;
  prerequisites: (string | number)[];
  unlocks: (string | number)[];
  related: (string | number)[];
  /** Kinds of relation that the reader has switched off. */
  hidden_kinds?: string[];
  /** The other end of the line whose reason is shown. */
  reason?: string | null;
  /** Then it is lit, and nothing else. */
  path?: Path;
  /** Only `prerequisites` and the lines between them are lit, not all that touches the selected concept. */
  learn?: boolean;
}

export type Level = "known" | "shaky" | "new";

/** What the learner has said of the concepts that are drawn, as places among the graph's nodes; the others are new. */
export interface LearnerMarks {
  colour_by: "week" | "known";
  known: number[];
  shaky: number[];
  /** The boxes of groups: the place, how many of its concepts are known, how many shaky. */
  groups: [place: number, known: number, shaky: number][];
}

export const NO_FOCUS: Focus = { selected: null, prerequisites: [], unlocks: [], related: [] };

/** What the reader did, as Python is told. `id` is a concept's, or the name of a view. */
export interface Action {
  action: "select" | "open" | "edge" | "kinds" | "view" | "go" | "mark" | "colour";
  id: string | null;
  /** The other end of an edge. */
  other?: string;
  /** The kinds that are now switched off. */
  hidden?: string[];
  /** How well the concept is known from now on. */
  level?: Level;
}

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

/**
 * The component that carries the graph to draw.
 *
 * Streamlit sends a component's code again with its data, so the data has a component of its own: moving to another
 * view sends a graph, and not the drawing library.
 */
import { openEntry } from "./registry.ts";
import type { ComponentArgs, MapGraph } from "./types.ts";

export default function mount({ data }: ComponentArgs<MapGraph>): void {
  const entry = openEntry(data.map_id);
  entry.graph = data;
  entry.view?.showGraph(data);
}

/**
 * The light component: tells the map what is selected, and Python what the reader did.
 *
 * Its data is a handful of ids, so a selection costs a few kilobytes instead of the whole graph and library.
 */
import { openEntry } from "./registry.ts";
import type { Action, ComponentArgs, Focus } from "./types.ts";

interface ControlData extends Focus {
  map_id: string;
}

export default function mount({ data, setStateValue }: ComponentArgs<ControlData>): () => void {
  const { map_id, ...focus } = data;
  const entry = openEntry(map_id);
  const send = (action: Action) => setStateValue("selected", { ...action, click: ++entry.clicks });
  entry.send = send;
  entry.focus = focus;
  entry.view?.showFocus(focus);
  return () => {
    if (entry.send === send) entry.send = null;
  };
}

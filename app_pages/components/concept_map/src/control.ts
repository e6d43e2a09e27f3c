/**
 * The light component: tells the map what is selected, and Python what the reader did.
 *
 * Its data is a handful of ids, so a selection costs a few kilobytes instead of the whole graph and library.
 */
import { openEntry } from "./registry.ts";
import type { Action, ComponentArgs, Focus, LearnerMarks } from "./types.ts";

interface ControlData extends Focus {
  map_id: string;
  marks?: LearnerMarks;
}

/** The panel that comes along is what is waited for: it is painted before a large map is dressed anew. */
const afterPaint = (work: () => void) => requestAnimationFrame(() => setTimeout(work));

export default function mount({ data, setStateValue }: ComponentArgs<ControlData>): () => void {
  const { map_id, marks, ...focus } = data;
  const entry = openEntry(map_id);
  const send = (action: Action) => setStateValue("selected", { ...action, click: ++entry.clicks });
  entry.send = send;
  const isSame = JSON.stringify(focus) === JSON.stringify(entry.focus); // a mark alone must not move the camera
  entry.focus = focus;
  entry.marks = marks ?? null;
  afterPaint(() => {
    if (!isSame) entry.view?.showFocus(entry.focus);
    if (entry.marks) entry.view?.showMarks(entry.marks);
    entry.view?.drawHeld();
  });
  return () => {
    if (entry.send === send) entry.send = null;
  };
}

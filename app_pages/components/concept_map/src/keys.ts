/**
 * The component for what works wherever the reader is on the page, beside the list too: the keys that lead to the
 * search, the map and the help, links to other views, and word of how wide the screen is.
 */
import { Help } from "./help.ts";
import { LEVEL_KEYS } from "./marks.ts";
import { openEntry, type MapEntry } from "./registry.ts";
import type { ComponentArgs } from "./types.ts";

const NARROW = "(max-width: 899px)";
const SEARCH = ".st-key-concept-search input";
const LINK = "a.pg-goto[href^='?']";

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

function listenForKeys(entry: MapEntry, help: Help): () => void {
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") document.querySelector<HTMLInputElement>(SEARCH)?.focus();
    else if (event.key === "?") help.toggle();
    else if (event.key === "m") entry.view?.takeKeyboard();
    else if (LEVEL_KEYS[event.key] && entry.focus.selected) entry.send?.({ action: "mark", id: entry.focus.selected, level: LEVEL_KEYS[event.key]! });
    else return;
    event.preventDefault();
  };
  document.addEventListener("keydown", onKey);
  return () => document.removeEventListener("keydown", onKey);
}

function listenForLinks(entry: MapEntry): () => void {
  const onClick = (event: MouseEvent) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.<HTMLAnchorElement>(LINK);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    entry.send?.({ action: "go", id: link.getAttribute("href") });
  };
  document.addEventListener("click", onClick, true);
  return () => document.removeEventListener("click", onClick, true);
}

/** Tells Python when the screen becomes too narrow for the map, and when there is room again. */
function watchWidth(tell: (narrow: boolean) => void): () => void {
  const query = matchMedia(NARROW);
  const changed = () => tell(query.matches);
  if (query.matches) setTimeout(changed); // not while mounting
  query.addEventListener("change", changed);
  return () => query.removeEventListener("change", changed);
}

const mounted = new WeakMap<HTMLElement, () => void>();

export default function mount({ data, parentElement, setStateValue }: ComponentArgs<{ map_id: string }>): () => void {
  if (!mounted.has(parentElement)) {
    const entry = openEntry(data.map_id);
    const help = new Help(parentElement);
    const undo = [listenForKeys(entry, help), listenForLinks(entry), watchWidth((narrow) => setStateValue("narrow", narrow))];
    mounted.set(parentElement, () => {
      for (const stop of undo) stop();
      help.remove();
    });
  }
  return () => {
    mounted.get(parentElement)?.();
    mounted.delete(parentElement);
  };
}

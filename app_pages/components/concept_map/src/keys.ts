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
const CONCEPT = ".prepgraph-note a[href^='?concept='], [class*='st-key-prepgraph-note'] a[href^='?concept=']";
/** How long (ms) a link that was followed may take to come back. */
const RETURN_MS = 3000;

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

/** A link that was followed by the keyboard is written anew with the page around it: the focus stays where it was. */
function keepFocus(link: HTMLAnchorElement): void {
  const { place } = link.dataset;
  if (!place || document.activeElement !== link) return;
  const find = () => document.querySelector<HTMLAnchorElement>(`${LINK}[data-place="${CSS.escape(place)}"]`);
  const watch = new MutationObserver(() => {
    if (link.isConnected) return;
    if (document.activeElement === document.body) find()?.focus();
    watch.disconnect();
  });
  watch.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), RETURN_MS);
}

/** Links to another state of the page, and from concept to concept: each is an action on the map, not a page load. */
function listenForLinks(entry: MapEntry): () => void {
  const onClick = (event: MouseEvent) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.<HTMLAnchorElement>(`${LINK}, ${CONCEPT}`);
    if (!link) return;
    event.preventDefault();
    event.stopPropagation();
    const href = link.getAttribute("href")!;
    keepFocus(link);
    if (link.matches(LINK)) entry.send?.({ action: "go", id: href });
    else entry.send?.({ action: "select", id: new URLSearchParams(href).get("concept") });
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

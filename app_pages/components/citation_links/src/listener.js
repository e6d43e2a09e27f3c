/**
 * Catches clicks on citations and on links between concepts. Enter on a focused link is a click too.
 *
 * Streamlit calls the default export again when the theme or the fragment changes, without unmounting, so each
 * call replaces the listener of the call before. It listens on the document, in the capture phase, ahead of
 * Streamlit's own links; the event's path reaches into shadow roots.
 */
const CITATION = "#cite-";
const CONCEPT = "?concept=";
const NOTE = ".prepgraph-note, [class*='st-key-prepgraph-note']";
const FLASH = "prepgraph-flash";
const FLASH_MS = 1500;
const SETTLE_MS = 1200;
/** How long to insist on a place, how often to look, when it counts as kept, and how long a smooth scroll may take. */
const HOLD_MS = 4000;
const LOOK_MS = 40;
const HELD_LOOKS = 8;
const GLIDE_MS = 500;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** The link that was meant, unless the reader asked for a new tab. */
function linkOf(event) {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  return event.composedPath().find((node) => node instanceof HTMLAnchorElement) ?? null;
}

/** Whether anything had to be opened. */
function openExpanders(target) {
  let opened = false;
  for (let details = target.closest("details"); details; details = details.parentElement?.closest("details")) {
    if (details.open) continue;
    details.querySelector(":scope > summary")?.click();
    opened = true;
  }
  return opened;
}

/** Waits until an expander has stopped growing, so that the scroll ends where the target does. */
async function settled(target) {
  let last = "";
  for (const end = performance.now() + SETTLE_MS; performance.now() < end; await pause(60)) {
    const { top, height } = target.getBoundingClientRect();
    const now = `${top}:${height}`;
    if (height > 0 && now === last) return;
    last = now;
  }
}

function flash(element) {
  element.classList.remove(FLASH);
  void element.offsetWidth;
  element.classList.add(FLASH);
  setTimeout(() => element.classList.remove(FLASH), FLASH_MS);
}

async function openCitation(name) {
  const target = document.querySelector(`.st-key-${CSS.escape(name)}`);
  if (!target) return;
  const grown = openExpanders(target);
  await settled(target);
  const quote = target.querySelector("mark") ?? target;
  target.tabIndex = -1;
  target.focus({ preventScroll: true });
  await bringIntoView(quote, grown);
  flash(quote);
}

/**
 * Scrolls until the quote stays in view. A page with a chat box holds itself at its bottom while it grows, and an
 * expander that opens makes it grow: a scroll in that moment is taken back, so it is repeated, and does not glide.
 */
async function bringIntoView(quote, grown) {
  const glide = !grown && !calm();
  quote.scrollIntoView({ block: "center", behavior: glide ? "smooth" : "instant" });
  const start = performance.now();
  for (let held = 0; held < HELD_LOOKS && performance.now() - start < HOLD_MS; ) {
    await pause(LOOK_MS);
    const { top, bottom } = quote.getBoundingClientRect();
    const inView = bottom > top && top >= 0 && bottom <= innerHeight; // in an expander still closed it has no height
    held = inView ? held + 1 : 0;
    if (!inView && performance.now() - start > (glide ? GLIDE_MS : 0)) {
      quote.scrollIntoView({ block: "center", behavior: "instant" });
    }
  }
}

function listen(report) {
  const onClick = (event) => {
    const link = linkOf(event);
    const href = link?.getAttribute("href") ?? "";
    if (href.startsWith(CITATION)) {
      event.preventDefault();
      event.stopPropagation();
      void openCitation(href.slice(1));
    } else if (href.startsWith(CONCEPT) && link.closest(NOTE)) {
      event.preventDefault();
      event.stopPropagation();
      report(new URLSearchParams(href).get("concept"));
    }
  };
  document.addEventListener("click", onClick, true);
  return () => document.removeEventListener("click", onClick, true);
}

const listeners = new WeakMap();

export default function mount({ parentElement, setTriggerValue }) {
  listeners.get(parentElement)?.();
  listeners.set(parentElement, listen((concept) => setTriggerValue("concept", concept)));
  return () => {
    listeners.get(parentElement)?.();
    listeners.delete(parentElement);
  };
}

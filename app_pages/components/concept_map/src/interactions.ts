/** Mouse, wheel and touch on the canvas. */
import type { Core, EdgeSingular, EventObject, NodeSingular } from "cytoscape";

import { zoomBy } from "./camera.ts";
import type { Chrome } from "./chrome.ts";
import { kindText } from "./legend.ts";
import type { Level } from "./types.ts";

export interface Handlers {
  select(id: string | null): void;
  /** The neighbourhood of a concept. */
  open(id: string): void;
  openView(view: string): void;
  /** Why two concepts are joined. */
  explain(source: string, target: string): void;
  /** How well the learner knows a concept. */
  mark(id: string, level: Level): void;
  /** One step out: of a view, or of a selection. */
  back(): void;
  /** The reader moves the camera: from now on it is theirs. */
  takeCamera(): void;
  fit(): void;
}

const TOOLTIP_DELAY = 220;
/** A pointer on its way across the map, or to a click, lights nothing up: each time the whole map is drawn again. */
const HOVER_DELAY = 60;
const WHEEL_SPEED = 0.0016;
const WHEEL_STEP = 120;
/** A page scroll that runs onto the map goes on scrolling the page for this long (ms). */
const SCROLL_GRACE = 300;

function hover(cy: Core, chrome: Chrome): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  let lighting: ReturnType<typeof setTimeout> | undefined;
  cy.on("mouseover", "node", (event: EventObject) => {
    const node = event.target as NodeSingular;
    lighting = setTimeout(() => {
      const edges = node.connectedEdges();
      cy.batch(() => {
        node.addClass("hover");
        edges.addClass("hover");
        edges.connectedNodes().not(node).addClass("near");
      });
    }, HOVER_DELAY);
    chrome.canvas.style.cursor = "pointer";
    const box = node.renderedBoundingBox({ includeLabels: false, includeOverlays: false });
    const at = { x: (box.x1 + box.x2) / 2, top: box.y1, bottom: box.y2 };
    waiting = setTimeout(() => chrome.showTooltip(at, node.data("title"), node.data("summary") ?? ""), TOOLTIP_DELAY);
  });
  cy.on("mouseover", "edge", (event: EventObject) => {
    const edge = event.target as EdgeSingular;
    edge.addClass("hover");
    chrome.canvas.style.cursor = "pointer";
    const { x, y } = event.renderedPosition;
    const [from, to] = [edge.source().data("title"), edge.target().data("title")];
    const text = edge.data("count") ? `${edge.data("count")} relations` : "Click for the sentence that says why";
    waiting = setTimeout(() => chrome.showTooltip({ x, top: y - 6, bottom: y + 6 }, `${from} ${kindText(edge.data("kind"))} ${to}`, text), TOOLTIP_DELAY);
  });
  const leave = () => {
    clearTimeout(waiting);
    clearTimeout(lighting);
    cy.batch(() => cy.elements(".hover, .near").removeClass("hover near"));
    chrome.canvas.style.cursor = "";
    chrome.hideTooltip();
  };
  const hush = () => {
    clearTimeout(waiting);
    clearTimeout(lighting);
    chrome.hideTooltip();
  };
  cy.on("mouseout", "node, edge", leave);
  cy.on("tap", "node, edge", hush); // the panel says it all
  cy.on("viewport destroy", hush);
  chrome.canvas.addEventListener("mouseleave", leave);
}

const TRACKED = ["pointerdown", "pointermove", "mousedown", "touchstart"];

function taps(cy: Core, handlers: Handlers): void {
  cy.on("tap", "node", (event: EventObject) => {
    const node = event.target as NodeSingular;
    if (node.data("opens")) handlers.openView(node.data("opens"));
    else handlers.select(node.id());
  });
  cy.on("dbltap", "node", (event: EventObject) => {
    const node = event.target as NodeSingular;
    if (!node.data("opens")) handlers.open(node.id());
  });
  cy.on("tap", "edge", (event: EventObject) => {
    const edge = event.target as EdgeSingular;
    if (!edge.data("count")) handlers.explain(edge.data("source"), edge.data("target"));
  });
  cy.on("onetap", (event: EventObject) => {
    if (event.target === cy) handlers.select(null);
  });
  cy.on("dbltap", (event: EventObject) => {
    if (event.target === cy) handlers.fit();
  });
  cy.on("dragpan pinchzoom", handlers.takeCamera);
}

/** Pixels, whatever unit the browser counts in, and no more than one notch at a time. */
function wheelDelta(event: WheelEvent): number {
  const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : event.deltaMode === WheelEvent.DOM_DELTA_PAGE ? 400 : 1;
  return Math.max(-WHEEL_STEP, Math.min(WHEEL_STEP, event.deltaY * unit));
}

/** Zooms about the pointer. At either end of the range, or mid page scroll, the wheel belongs to the page. */
function wheel(cy: Core, chrome: Chrome, handlers: Handlers): () => void {
  let pageScrolled = -Infinity;
  const onCanvas = (event: WheelEvent) => {
    event.stopImmediatePropagation();
    if (event.timeStamp - pageScrolled < SCROLL_GRACE && !event.ctrlKey) {
      pageScrolled = event.timeStamp;
      return;
    }
    const factor = Math.exp(-wheelDelta(event) * WHEEL_SPEED * (event.ctrlKey ? 3 : 1));
    const atEnd = factor > 1 ? cy.zoom() >= cy.maxZoom() : cy.zoom() <= cy.minZoom();
    if (!atEnd || event.ctrlKey) event.preventDefault();
    if (atEnd) return;
    const bounds = chrome.canvas.getBoundingClientRect();
    handlers.takeCamera();
    zoomBy(cy, factor, { x: event.clientX - bounds.left, y: event.clientY - bounds.top });
  };
  const onPage = (event: WheelEvent) => {
    if (!event.composedPath().includes(chrome.canvas)) pageScrolled = event.timeStamp;
  };
  chrome.canvas.addEventListener("wheel", onCanvas, { capture: true, passive: false });
  window.addEventListener("wheel", onPage, { capture: true, passive: true });
  return () => window.removeEventListener("wheel", onPage, { capture: true });
}

/**
 * Cytoscape remembers where its container stands and looks again only when it is resized. What vanishes above the
 * map moves it without that, and clicks would then land on other boxes than those under the pointer.
 */
function trackPlace(cy: Core, chrome: Chrome): () => void {
  let known = { left: NaN, top: NaN };
  const look = () => {
    const { left, top } = chrome.canvas.getBoundingClientRect();
    if (left !== known.left || top !== known.top) cy.resize();
    known = { left, top };
  };
  for (const name of TRACKED) chrome.canvas.addEventListener(name, look, true);
  return () => TRACKED.forEach((name) => chrome.canvas.removeEventListener(name, look, true));
}

/** Wires the canvas up; returns what undoes the listeners that outlive it. */
export function listen(cy: Core, chrome: Chrome, handlers: Handlers): () => void {
  hover(cy, chrome);
  taps(cy, handlers);
  const undo = [trackPlace(cy, chrome), wheel(cy, chrome, handlers)];
  return () => undo.forEach((stop) => stop());
}

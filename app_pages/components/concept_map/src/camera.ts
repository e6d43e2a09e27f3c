/** Moves of the camera: fit, zoom by step, and the least pan that brings a box into view. */
import type { Core } from "cytoscape";

import { mayMove } from "./draw.ts";
import type { Camera, MapGraph, Point } from "./types.ts";

const PADDING = 6;
const PADDING_Y = 14;
const MARGIN = 28;
/** Fitting neither blows a small map up nor shrinks labels past reading. */
const FIT_MAX = 1.15;
const FIT_MIN = 0.6;
const DURATION = 260;

export const readCamera = (cy: Core): Camera => ({ zoom: cy.zoom(), pan: { ...cy.pan() } });

function move(cy: Core, camera: Camera, smoothly: boolean): void {
  cy.stop(true);
  if (smoothly && mayMove()) cy.animate({ zoom: camera.zoom, pan: camera.pan }, { duration: DURATION, easing: "ease-in-out-cubic" });
  else cy.viewport(camera);
}

export interface Bounds {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** From the graph, not from the picture: an outline must not move the fit. */
export function measureBounds({ columns, nodes }: MapGraph): Bounds {
  return {
    left: Math.min(...columns.map((c) => c.x - c.width / 2), ...nodes.map((n) => n.x - n.width / 2)),
    right: Math.max(...columns.map((c) => c.x + c.width / 2), ...nodes.map((n) => n.x + n.width / 2)),
    top: Math.min(...nodes.map((n) => n.y - n.height / 2)),
    bottom: Math.max(...nodes.map((n) => n.y + n.height / 2)),
  };
}

/** The whole map at the top of the view, or with `middle` a little above its middle, centred across; cut off at the right or below only if it would be unreadable. False if there is no room yet. */
export function fit(cy: Core, { left, right, top, bottom }: Bounds, smoothly: boolean, middle = false): boolean {
  const [width, height] = [cy.width(), cy.height()];
  if (!cy.nodes().length || width <= 2 * PADDING || height <= 2 * PADDING_Y) return false;
  const whole = Math.min((width - 2 * PADDING) / (right - left), (height - 2 * PADDING_Y) / (bottom - top));
  const zoom = Math.min(Math.max(whole, FIT_MIN), FIT_MAX);
  const spareX = width - (right - left) * zoom;
  const spareY = height - (bottom - top) * zoom;
  const x = spareX >= 0 ? spareX / 2 : PADDING;
  const y = spareY >= 0 ? Math.min(spareY / 2, middle ? spareY / 3 : PADDING_Y * 2) : PADDING_Y;
  cy.minZoom(Math.min(whole, FIT_MIN) * 0.8);
  move(cy, { zoom, pan: { x: x - left * zoom, y: y - top * zoom } }, smoothly);
  return true;
}

export function zoomBy(cy: Core, factor: number, around?: Point, smoothly = false): void {
  const zoom = Math.min(Math.max(cy.zoom() * factor, cy.minZoom()), cy.maxZoom());
  const fixed = around ?? { x: cy.width() / 2, y: cy.height() / 2 };
  const scale = zoom / cy.zoom();
  const pan = { x: fixed.x - (fixed.x - cy.pan().x) * scale, y: fixed.y - (fixed.y - cy.pan().y) * scale };
  move(cy, { zoom, pan }, smoothly);
}

/** How far one axis must shift so that [low, high] lies within [margin, size - margin]. */
function shift(low: number, high: number, size: number): number {
  if (low >= 0 && high <= size) return 0;
  return low < 0 ? MARGIN - low : size - MARGIN - high;
}

/** Brings a number of boxes into view together: by no move if they are, by a pan if that will do, else from further away. */
export function revealAll(cy: Core, ids: string[]): void {
  const nodes = ids.map((id) => cy.getElementById(id)).filter((node) => node.nonempty());
  if (!nodes.length || cy.width() <= 2 * MARGIN || cy.height() <= 2 * MARGIN) return;
  const sides = nodes.map((node) => ({ ...node.position(), w: node.width() / 2, h: node.height() / 2 }));
  const [left, right] = [Math.min(...sides.map((s) => s.x - s.w)), Math.max(...sides.map((s) => s.x + s.w))];
  const [top, bottom] = [Math.min(...sides.map((s) => s.y - s.h)), Math.max(...sides.map((s) => s.y + s.h))];
  const whole = Math.min((cy.width() - 2 * MARGIN) / (right - left), (cy.height() - 2 * MARGIN) / (bottom - top));
  const zoom = Math.max(Math.min(cy.zoom(), whole), cy.minZoom());
  const [pan, grown] = [cy.pan(), zoom < cy.zoom()];
  const along = (low: number, high: number, offset: number, size: number) =>
    grown ? (size - (low + high) * zoom) / 2 : offset + shift(low * zoom + offset, high * zoom + offset, size);
  const next = { x: along(left, right, pan.x, cy.width()), y: along(top, bottom, pan.y, cy.height()) };
  if (grown || next.x !== pan.x || next.y !== pan.y) move(cy, { zoom, pan: next }, true);
}

/** Pans to a box that is even partly out of view; otherwise leaves the camera alone. */
export function reveal(cy: Core, id: string): void {
  const node = cy.getElementById(id);
  if (node.empty() || cy.width() === 0) return;
  const box = node.renderedBoundingBox({ includeLabels: false, includeOverlays: false });
  const dx = shift(box.x1, box.x2, cy.width());
  const dy = shift(box.y1, box.y2, cy.height());
  if (dx || dy) move(cy, { zoom: cy.zoom(), pan: { x: cy.pan().x + dx, y: cy.pan().y + dy } }, true);
}

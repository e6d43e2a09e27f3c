/**
 * How well the learner knows each concept: a sign on the corner of its box and, where the reader wants it, its colour.
 *
 * The signs differ in shape, shaky ones have a dashed border and known ones the darker fill: nothing rests on hue.
 */
import type { Core, NodeSingular } from "cytoscape";

import { drawing } from "./dom.ts";
import { relabel } from "./draw.ts";
import type { Theme } from "./theme.ts";
import type { LearnerMarks, Level, MapGraph } from "./types.ts";

export const NO_MARKS: LearnerMarks = { colour_by: "week", known: [], shaky: [], groups: [] };
export const LEVEL_KEYS: Record<string, Level> = { k: "known", s: "shaky", n: "new" };

const SIGNS = { known: "M4.6 8.3 L7 10.7 L11.4 5.4", shaky: "M3.8 9 C5.2 6 6.8 6.4 8 8 S10.8 10 12.2 7" } as const;
const ROUND = "M8 1 a7 7 0 1 0 0 14 a7 7 0 1 0 0 -14 Z";

/** The sign for HTML, in the colours of the style sheet. */
export const signDrawing = (level: "known" | "shaky"): SVGElement =>
  drawing("0 0 16 16", `pm-sign pm-sign-${level}`, [{ d: ROUND, className: "pm-sign-round" }, { d: SIGNS[level] }]);

/** Enough for a sharp sign at all but the closest zoom. */
const SIGN_PIXELS = 40;
const images = new Map<string, string>();

/**
 * The sign for the canvas, which takes the address of an image: one of pixels, since a drawing would be drawn anew in
 * every frame, and with a short address, since Cytoscape reads it letter by letter for every box in every frame of a fade.
 */
export function signImage(level: "known" | "shaky", theme: Theme): string {
  const colours = `${level} ${theme[level]} ${theme.background}`;
  const address = images.get(colours) ?? URL.createObjectURL(signBlob(level, theme));
  images.set(colours, address);
  return address;
}

function signBlob(level: "known" | "shaky", theme: Theme): Blob {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIGN_PIXELS;
  const pen = canvas.getContext("2d")!;
  const round = new Path2D(ROUND);
  pen.scale(SIGN_PIXELS / 16, SIGN_PIXELS / 16);
  pen.lineCap = pen.lineJoin = "round";
  pen.strokeStyle = theme.background;
  pen.fillStyle = theme[level];
  pen.fill(round);
  pen.lineWidth = 1.5;
  pen.stroke(round);
  pen.lineWidth = 2;
  pen.stroke(new Path2D(SIGNS[level]));
  const bytes = atob(canvas.toDataURL().split(",")[1]!);
  return new Blob([Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))], { type: "image/png" });
}

/** How many are known and how many shaky, by their signs. */
const standingOf = (known: number, shaky: number) => [known && `✓ ${known}`, shaky && `~ ${shaky}`].filter(Boolean).join("  ");

/** Puts the marks on the boxes of a graph, touching only what differs; returns the boxes whose mark changed. */
export function dressMarks(cy: Core, marks: LearnerMarks, graph: MapGraph, font: string): NodeSingular[] {
  const [known, shaky] = [new Set(marks.known), new Set(marks.shaky)];
  const standing = new Map(marks.groups.map(([place, ...levels]) => [place, standingOf(...levels)]));
  const byKnown = marks.colour_by === "known";
  const changed: NodeSingular[] = [];
  cy.batch(() => {
    graph.nodes.forEach(({ id, count }, place) => {
      const node = cy.getElementById(id);
      if (node.hasClass("by-known") !== byKnown) node.toggleClass("by-known", byKnown);
      if (count !== undefined) {
        if ((node.data("standing") ?? "") !== (standing.get(place) ?? "")) relabel(node.data("standing", standing.get(place) ?? ""), font);
        return;
      }
      const level: Level = known.has(place) ? "known" : shaky.has(place) ? "shaky" : "new";
      if (node.data("level") === level) return;
      if (node.data("level") !== undefined) changed.push(node);
      node.data("level", level);
    });
  });
  return changed;
}

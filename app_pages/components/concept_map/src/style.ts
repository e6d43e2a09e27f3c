/**
 * The Cytoscape stylesheet for a theme.
 *
 * Kinds of relation differ by dash and arrowhead as well as by colour, and what a selection means by fill,
 * border and side (needs come from the left), so that nothing rests on colour alone.
 */
import type { StylesheetJson } from "cytoscape";

import { signImage } from "./marks.ts";
import type { Theme } from "./theme.ts";

const FADE = 160;

/** The sign sits on the upper right corner, half outside, where it covers no label. */
const sign = (level: "known" | "shaky", theme: Theme) => ({
  selector: `node[level = "${level}"]`,
  style: {
    "background-image": signImage(level, theme),
    "background-fit": "none",
    "background-width": "17px",
    "background-height": "17px",
    "background-position-x": "100%",
    "background-position-y": "0%",
    "background-offset-x": "7px",
    "background-offset-y": "-7px",
    "background-clip": "none",
    "background-image-containment": "over",
    "bounds-expansion": 9,
  } as never,
});

function markStyles(theme: Theme): StylesheetJson {
  return [
    sign("known", theme),
    sign("shaky", theme),
    { selector: "node.by-known", style: { "background-color": theme.background, "border-color": theme.mutedText } },
    {
      selector: 'node.by-known[level = "known"]',
      style: { "background-color": theme.knownFill, "border-color": theme.known, "border-width": 2 },
    },
    {
      selector: 'node.by-known[level = "shaky"]',
      style: { "background-color": theme.shakyFill, "border-color": theme.shaky, "border-width": 2, "border-style": "dashed" },
    },
  ];
}

function nodeStyles(theme: Theme): StylesheetJson {
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        "corner-radius": "9px",
        width: "data(width)",
        height: "data(height)",
        label: "data(label)",
        "font-family": theme.font,
        "font-size": "data(size)",
        "font-weight": 500,
        "line-height": 1.15,
        color: theme.text,
        "text-wrap": "wrap",
        "text-max-width": "1000px",
        "text-valign": "center",
        "text-halign": "center",
        "min-zoomed-font-size": 4,
        "border-width": 1.25,
        "overlay-opacity": 0,
        "background-color": theme.background,
        "border-color": theme.mutedText,
      } as never,
    },
    ...theme.columns.map((column, index) => ({
      selector: `node[tint = ${index}]`,
      style: { "background-color": column.fill, "border-color": column.border },
    })),
    ...markStyles(theme),
    {
      selector: "node[count]",
      style: { "border-style": "double", "border-width": 4, "font-weight": 600 } as never,
    },
    { selector: "node.dim", style: { opacity: 0.36, "border-width": 1 } },
    {
      selector: "node.prerequisite",
      style: { "background-color": theme.prerequisiteFaint, "border-color": theme.prerequisite, "border-width": 1.5 },
    },
    {
      selector: "node.prerequisite.direct",
      style: { "background-color": theme.prerequisiteFill, "border-width": 2.75 },
    },
    {
      selector: "node.unlock",
      style: { "background-color": theme.unlockFaint, "border-color": theme.unlock, "border-width": 1.5 },
    },
    { selector: "node.unlock.direct", style: { "background-color": theme.unlockFill, "border-width": 2.75 } },
    {
      selector: "node.related",
      style: { "background-color": theme.relatedFill, "border-color": theme.related, "border-width": 2, "border-style": "dashed" },
    },
    { selector: "node.applies", style: { "background-color": theme.appliesFill, "border-color": theme.applies } },
    { selector: "node.part", style: { "background-color": theme.background, "border-color": theme.mutedText } },
    {
      selector: "node.hover",
      style: { opacity: 1, "border-color": theme.text, "border-width": 2 },
    },
    { selector: "node.near", style: { opacity: 1 } },
    {
      selector: "node.selected",
      style: {
        opacity: 1,
        "background-color": theme.selectedFill,
        "border-color": theme.accent,
        "border-style": "solid",
        "border-width": 2.5,
        "font-weight": 700,
        "outline-color": theme.accent,
        "outline-opacity": 0.3,
        "outline-width": 5,
        "outline-offset": 1.5,
      } as never,
    },
    {
      selector: "node.stop",
      style: { opacity: 1, "background-color": theme.selectedFill, "border-color": theme.accent, "border-width": 2.5, "border-style": "solid" } as never,
    },
    {
      selector: "node.end",
      style: { "font-weight": 700, "outline-color": theme.accent, "outline-opacity": 0.3, "outline-width": 5, "outline-offset": 1.5 } as never,
    },
    {
      selector: "node.focus",
      style: { opacity: 1, "outline-color": theme.text, "outline-opacity": 1, "outline-width": 3, "outline-style": "dashed", "outline-offset": 3 } as never,
    },
  ];
}

function edgeStyles(theme: Theme): StylesheetJson {
  return [
    {
      selector: "edge",
      style: {
        "curve-style": "unbundled-bezier",
        "edge-distances": "endpoints",
        "source-endpoint": "data(start)",
        "target-endpoint": "data(end)",
        "control-point-weights": "data(weights)",
        "control-point-distances": "data(distances)",
        width: 1.1,
        opacity: 0.45,
        "line-color": theme.line,
        "target-arrow-color": theme.line,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.7,
        "overlay-opacity": 0,
      } as never,
    },
    { selector: 'edge[kind = "part_of"]', style: { "target-arrow-shape": "circle", "arrow-scale": 0.6 } },
    {
      selector: 'edge[kind = "applies_to"]',
      style: { "line-style": "dashed", "line-dash-pattern": [7, 3], "target-arrow-shape": "vee", "line-color": theme.applies, "target-arrow-color": theme.applies },
    },
    {
      selector: 'edge[kind = "related_to"]',
      style: { "line-style": "dashed", "line-dash-pattern": [1.5, 3.5], "line-cap": "round", "target-arrow-shape": "none", "line-color": theme.related },
    },
    {
      selector: 'edge[kind = "contrasts_with"]',
      style: { "line-style": "dashed", "line-dash-pattern": [5, 4], "target-arrow-shape": "none", "line-color": theme.related },
    },
    { selector: "edge[count]", style: { opacity: 0.14, "target-arrow-shape": "none" } },
    { selector: "edge[thickness]", style: { opacity: 0.9, "target-arrow-shape": "triangle", "line-color": theme.mutedText, "target-arrow-color": theme.mutedText, width: "data(thickness)", label: "data(count)", "font-size": 11, color: theme.text, "text-background-color": theme.background, "text-background-opacity": 0.85, "text-background-padding": "2px" } as never },
    { selector: "edge.dim", style: { opacity: 0.06, events: "no" } as never },
    // At rest the order of learning is enough to read; the other kinds show once a box is chosen or pointed at.
    { selector: 'edge[kind != "prerequisite_of"]', style: { opacity: 0, events: "no" } as never },
    { selector: "edge.rest, edge.left", style: { opacity: 0.6, events: "yes" } as never },
    { selector: "edge.related", style: { opacity: 1, width: 1.75, "arrow-scale": 0.95, "z-index": 5, events: "yes" } as never },
    litEdge("edge.prerequisite", theme.prerequisite, 1.75, 6),
    litEdge("edge.unlock", theme.unlock, 1.75, 6),
    litEdge("edge.prerequisite.direct", theme.prerequisite, 2.75, 7),
    litEdge("edge.unlock.direct", theme.unlock, 2.75, 7),
    litEdge("edge.hover", theme.text, 2, 8),
    litEdge("edge.reason", theme.accent, 3.5, 9),
    {
      selector: "edge.hop",
      style: {
        opacity: 1,
        width: 3.25,
        "line-color": theme.accent,
        "target-arrow-color": theme.accent,
        "arrow-scale": 1,
        "z-index": 10,
        events: "no",
        label: "data(label)",
        "font-family": theme.font,
        "font-size": 12,
        "font-weight": 700,
        color: theme.text,
        "text-background-color": theme.background,
        "text-background-opacity": 1,
        "text-background-padding": "3px",
        "text-background-shape": "round-rectangle",
        "text-border-color": theme.accent,
        "text-border-width": 1.25,
        "text-border-opacity": 1,
      } as never,
    },
    { selector: 'edge.hop[kind = ""]', style: { "target-arrow-shape": "none", "line-style": "dashed", "line-dash-pattern": [2, 5] } as never },
    { selector: "edge.off", style: { display: "none" } },
    { selector: "edge.arriving", style: { opacity: 0 } },
  ];
}

function litEdge(selector: string, colour: string, width: number, layer: number): StylesheetJson[number] {
  return {
    selector,
    style: { opacity: 1, width, "line-color": colour, "target-arrow-color": colour, "arrow-scale": 0.95, "z-index": layer, events: "yes" } as never,
  };
}

export function buildStyle(theme: Theme, moving: boolean): StylesheetJson {
  const fade = { "transition-property": "opacity, background-color, border-color, line-color", "transition-duration": FADE };
  return [
    ...nodeStyles(theme),
    ...edgeStyles(theme),
    ...(moving ? [{ selector: "node, edge", style: fade as never }] : []),
  ];
}

/** Everything around the canvas: column bands and headers, tooltip, legend, buttons. Text only ever by textContent. */
import type { Core } from "cytoscape";

import { columnHue, type Theme } from "./theme.ts";
import type { MapGraph } from "./types.ts";

export interface Chrome {
  root: HTMLElement;
  canvas: HTMLElement;
  /** Below a box, or above it where there is no room; `x` is its middle, all in pixels of the canvas. */
  showTooltip(box: { x: number; top: number; bottom: number }, title: string, detail: string): void;
  hideTooltip(): void;
  announce(text: string): void;
  markColumns(selected: string | null): void;
  /** The header of a column, by its id or by what it selects. */
  header(id: string): HTMLElement | null;
  /** The legend in the colours of the canvas. */
  colour(theme: Theme): void;
  /** Puts bands and headers where the camera has the columns. */
  follow(cy: Core): void;
}

export interface ChromeActions {
  selectColumn(id: string): void;
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  legendOpen: boolean;
  legendToggled(open: boolean): void;
}

function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

function icon(...paths: string[]): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  for (const d of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}

function button(label: string, act: () => void, ...paths: string[]): HTMLButtonElement {
  const element = make("button", "pm-button");
  element.type = "button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.append(icon(...paths));
  element.addEventListener("click", act);
  return element;
}

const ARROW = "M26 2.5 L32 6 L26 9.5 Z";
const DOT = "M26 6 a3 3 0 1 0 6 0 a3 3 0 1 0 -6 0 Z";
const VEE = "M26 2.5 L32 6 L26 9.5";

function lineSample(kind: string, head: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 34 12");
  svg.setAttribute("class", `pm-line pm-${kind}`);
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", head ? "M1 6 H28" : "M1 6 H33");
  svg.append(line);
  if (head) {
    const tip = document.createElementNS(SVG, "path");
    tip.setAttribute("d", head);
    tip.setAttribute("class", head === VEE ? "pm-vee" : "pm-tip");
    svg.append(tip);
  }
  return svg;
}

const STATES: [string, string][] = [
  ["selected", "Selected"],
  ["prerequisite", "Learn first"],
  ["unlock", "Unlocks"],
];
const KINDS: [string, string, string, string][] = [
  ["prerequisite_of", "prerequisite", ARROW, "comes before"],
  ["part_of", "part", DOT, "part of"],
  ["applies_to", "applies", VEE, "applies to"],
  ["related_to", "related", "", "related"],
  ["contrasts_with", "contrasts", "", "contrasts"],
];

function buildLegend(graph: MapGraph, actions: ChromeActions): HTMLElement {
  const legend = make("details", "pm-legend");
  legend.open = actions.legendOpen;
  legend.addEventListener("toggle", () => actions.legendToggled(legend.open));
  legend.append(make("summary", "", "Legend"));
  const list = make("ul", "");
  const entry = (sample: Element, text: string) => {
    const item = make("li", "");
    item.append(sample, make("span", "", text));
    list.append(item);
  };
  for (const [state, text] of STATES) entry(make("span", `pm-swatch pm-${state}`), text);
  const used = new Set(graph.edges.map((edge) => edge.kind));
  for (const [kind, className, head, text] of KINDS) if (used.has(kind)) entry(lineSample(className, head), text);
  legend.append(list);
  return legend;
}

function buildFooter(graph: MapGraph, actions: ChromeActions): HTMLElement {
  const footer = make("div", "pm-footer");
  const buttons = make("div", "pm-buttons");
  buttons.append(
    button("Zoom out", actions.zoomOut, "M3 8h10"),
    button("Zoom in", actions.zoomIn, "M3 8h10", "M8 3v10"),
    button("Fit the whole map", actions.fit, "M2.5 6v-3.5h3.5", "M10 2.5h3.5v3.5", "M13.5 10v3.5h-3.5", "M6 13.5h-3.5v-3.5"),
  );
  footer.append(buildLegend(graph, actions), buttons);
  return footer;
}

interface ColumnParts {
  id: string;
  selects: string;
  x: number;
  width: number;
  band: HTMLElement;
  header: HTMLButtonElement;
}

function buildColumn(graph: MapGraph, index: number, actions: ChromeActions): ColumnParts {
  const { id, title, subtitle, selects = id, x, width } = graph.columns[index]!;
  const band = make("div", "pm-band");
  const header = make("button", "pm-header");
  header.type = "button";
  header.dataset.column = id;
  header.append(make("span", "pm-header-title", title));
  if (subtitle) header.append(make("span", "pm-header-subtitle", subtitle));
  header.title = subtitle ? `${title}: ${subtitle}` : title;
  header.setAttribute("aria-pressed", "false");
  header.addEventListener("click", () => actions.selectColumn(selects));
  for (const part of [band, header]) part.style.setProperty("--pm-hue", String(columnHue(index, graph.columns.length)));
  return { id, selects, x, width, band, header };
}

/** What fits over a column this many pixels wide. */
const headerSize = (pixels: number) => (pixels < 52 ? "tiny" : pixels < 84 ? "small" : "full");

const TOOLTIP_GAP = 8;

function buildTooltip(stage: HTMLElement, canvas: HTMLElement): Pick<Chrome, "showTooltip" | "hideTooltip"> {
  const tooltip = make("div", "pm-tooltip");
  const heading = make("strong", "");
  const detail = make("span", "");
  tooltip.append(heading, detail);
  tooltip.setAttribute("role", "tooltip");
  stage.append(tooltip);
  return {
    showTooltip({ x, top, bottom }, title, text) {
      heading.textContent = title;
      detail.textContent = text;
      tooltip.classList.add("pm-shown");
      const { offsetWidth: width, offsetHeight: height } = tooltip;
      const left = Math.max(Math.min(x - width / 2, stage.clientWidth - width - TOOLTIP_GAP), TOOLTIP_GAP);
      const below = bottom + canvas.offsetTop + TOOLTIP_GAP;
      const above = top + canvas.offsetTop - TOOLTIP_GAP - height;
      tooltip.style.transform = `translate(${left}px, ${below + height > stage.clientHeight ? above : below}px)`;
    },
    hideTooltip() {
      tooltip.classList.remove("pm-shown");
    },
  };
}

export function buildChrome(graph: MapGraph, actions: ChromeActions): Chrome {
  const root = make("div", "prepgraph-map");
  const stage = make("div", "pm-stage");
  const bands = make("div", "pm-bands");
  const headers = make("div", "pm-headers");
  const canvas = make("div", "pm-canvas");
  const status = make("div", "pm-status");
  const columns = graph.columns.map((_, index) => buildColumn(graph, index, actions));
  bands.append(...columns.map((column) => column.band));
  headers.append(...columns.map((column) => column.header));
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "map");
  canvas.setAttribute("aria-label", `Concept map: ${graph.nodes.length} concepts in ${graph.columns.length} columns. Plus and minus zoom, 0 fits, Escape clears the selection.`);
  status.setAttribute("role", "status");
  stage.append(bands, canvas, headers);
  root.append(stage, buildFooter(graph, actions), status);

  return {
    root,
    canvas,
    ...buildTooltip(stage, canvas),
    announce: (text) => void (status.textContent = text),
    header: (id) => columns.find((column) => column.id === id || column.selects === id)?.header ?? null,
    markColumns(selected) {
      for (const { selects, band, header } of columns) {
        band.classList.toggle("pm-marked", selects === selected);
        header.setAttribute("aria-pressed", String(selects === selected));
      }
    },
    colour(theme) {
      for (const name of ["prerequisite", "unlock", "related", "applies"] as const) root.style.setProperty(`--pm-${name}-colour`, theme[name]);
      root.style.setProperty("--pm-band", theme.dark ? "20%" : "15%");
    },
    follow(cy) {
      const zoom = cy.zoom();
      const pan = cy.pan().x;
      for (const { x, width, band, header } of columns) {
        const pixels = width * zoom;
        for (const part of [band, header]) {
          part.style.width = `${pixels}px`;
          part.style.transform = `translateX(${(x - width / 2) * zoom + pan}px)`;
        }
        header.dataset.size = headerSize(pixels);
      }
    },
  };
}

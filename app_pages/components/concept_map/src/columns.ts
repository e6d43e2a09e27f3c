/** The bands behind the boxes and the headers above them, which the camera carries along. */
import type { Core } from "cytoscape";

import { make } from "./dom.ts";
import { columnHue } from "./theme.ts";
import type { MapColumn, MapGraph } from "./types.ts";

export interface ColumnActions {
  selectColumn(id: string): void;
  openView(view: string): void;
}

interface ColumnParts {
  id: string;
  selects: string;
  x: number;
  width: number;
  band: HTMLElement;
  header: HTMLElement;
}

function buildHeader(column: MapColumn, actions: ColumnActions): HTMLElement {
  const { id, title, subtitle, selects, opens, fixed } = column;
  const header = make(fixed ? "div" : "button", "pm-header");
  header.dataset.column = id;
  header.append(make("span", "pm-header-title", title));
  if (subtitle) header.append(make("span", "pm-header-subtitle", subtitle));
  header.title = subtitle ? `${title}: ${subtitle}` : title;
  if (!(header instanceof HTMLButtonElement)) return header;
  header.type = "button";
  header.setAttribute("aria-pressed", "false");
  header.addEventListener("click", () => (opens && !selects ? actions.openView(opens) : actions.selectColumn(selects ?? id)));
  if (opens) header.addEventListener("dblclick", () => actions.openView(opens));
  return header;
}

function buildColumn(graph: MapGraph, index: number, actions: ColumnActions): ColumnParts {
  const column = graph.columns[index]!;
  const { id, selects = id, x, width, tint } = column;
  const band = make("div", "pm-band");
  const header = buildHeader(column, actions);
  const hue = tint === -1 ? null : columnHue(tint ?? index, graph.tints ?? graph.columns.length);
  for (const part of [band, header]) {
    if (!column.title) part.classList.add("pm-untitled");
    if (hue === null) part.classList.add("pm-plain");
    else part.style.setProperty("--pm-hue", String(hue));
  }
  return { id, selects, x, width, band, header };
}

/** What fits over a column this many pixels wide. */
const headerSize = (pixels: number) => (pixels < 52 ? "tiny" : pixels < 84 ? "small" : "full");

export class Columns {
  readonly bands = make("div", "pm-bands");
  readonly headers = make("div", "pm-headers");
  private parts: ColumnParts[] = [];

  constructor(private readonly actions: ColumnActions) {}

  setGraph(graph: MapGraph): void {
    this.parts = graph.columns.map((_, index) => buildColumn(graph, index, this.actions));
    this.bands.replaceChildren(...this.parts.map((part) => part.band));
    this.headers.replaceChildren(...this.parts.map((part) => part.header));
  }

  /** The header of a column, by its id or by what it selects. */
  header(id: string): HTMLElement | null {
    return this.parts.find((part) => part.id === id || part.selects === id)?.header ?? null;
  }

  mark(selected: string | null): void {
    for (const { selects, band, header } of this.parts) {
      band.classList.toggle("pm-marked", selects === selected);
      if (header instanceof HTMLButtonElement) header.setAttribute("aria-pressed", String(selects === selected));
    }
  }

  /** Puts bands and headers where the camera has the columns. */
  follow(cy: Core): void {
    const zoom = cy.zoom();
    const pan = cy.pan().x;
    for (const { x, width, band, header } of this.parts) {
      const pixels = width * zoom;
      for (const part of [band, header]) {
        part.style.width = `${pixels}px`;
        part.style.transform = `translateX(${(x - width / 2) * zoom + pan}px)`;
      }
      header.dataset.size = headerSize(pixels);
    }
  }
}

/** Everything around the canvas: columns, tooltip, legend, buttons, and the text for screen readers. */
import { Columns, type ColumnActions } from "./columns.ts";
import { iconButton, make } from "./dom.ts";
import { Legend, type LegendActions } from "./legend.ts";
import type { Theme } from "./theme.ts";
import type { LearnerMarks, MapGraph } from "./types.ts";

export interface Chrome {
  root: HTMLElement;
  canvas: HTMLElement;
  columns: Columns;
  legend: Legend;
  /** Below a box, or above it where there is no room; `x` is its middle, all in pixels of the canvas. */
  showTooltip(box: { x: number; top: number; bottom: number }, title: string, detail: string): void;
  hideTooltip(): void;
  /** An outline around a box at once, while the canvas itself is not drawn anew; none for null. In pixels of the canvas. */
  outline(box: { x1: number; y1: number; x2: number; y2: number } | null): void;
  announce(text: string): void;
  setGraph(graph: MapGraph): void;
  /** Whether the colours are those of the weeks, or of how well each concept is known. */
  showMarks(marks: LearnerMarks): void;
  /** The legend in the colours of the canvas. */
  colour(theme: Theme): void;
}

export interface ChromeActions extends ColumnActions {
  zoomIn(): void;
  zoomOut(): void;
  fit(): void;
  legend: LegendActions;
}

function buildButtons(actions: ChromeActions): HTMLElement {
  const buttons = make("div", "pm-buttons");
  buttons.append(
    iconButton("Zoom out", actions.zoomOut, "M3 8h10"),
    iconButton("Zoom in", actions.zoomIn, "M3 8h10", "M8 3v10"),
    iconButton("Fit the whole map", actions.fit, "M2.5 6v-3.5h3.5", "M10 2.5h3.5v3.5", "M13.5 10v3.5h-3.5", "M6 13.5h-3.5v-3.5"),
  );
  return buttons;
}

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

function buildOutline(canvas: HTMLElement): Chrome["outline"] {
  const element = make("div", "pm-outline");
  element.hidden = true;
  canvas.append(element);
  return (box) => {
    element.hidden = box === null;
    if (box) Object.assign(element.style, { left: `${box.x1}px`, top: `${box.y1}px`, width: `${box.x2 - box.x1}px`, height: `${box.y2 - box.y1}px` });
  };
}

/** What a screen reader says of the map when the keyboard reaches it. */
function describe(graph: MapGraph): string {
  const hidden = graph.nodes.reduce((sum, node) => sum + (node.count ?? 0), 0);
  const shown = graph.nodes.filter((node) => node.count === undefined).length;
  const folded = hidden ? ` and ${hidden} folded into groups` : "";
  return `Concept map: ${shown} concepts${folded} in ${graph.columns.length} columns. Arrows move, Enter opens, question mark lists the keys.`;
}

export function buildChrome(actions: ChromeActions): Chrome {
  const root = make("div", "prepgraph-map");
  const stage = make("div", "pm-stage");
  const canvas = make("div", "pm-canvas");
  const status = make("div", "pm-status");
  const up = make("button", "pm-up");
  const footer = make("div", "pm-footer");
  const columns = new Columns(actions);
  const legend = new Legend(actions.legend);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.setAttribute("aria-roledescription", "map");
  status.setAttribute("role", "status");
  up.type = "button";
  let upView = "overview";
  up.addEventListener("click", () => actions.openView(upView));
  stage.append(columns.bands, canvas, columns.headers);
  footer.append(up, legend.element, buildButtons(actions));
  root.append(stage, footer, status);

  return {
    root,
    canvas,
    columns,
    legend,
    ...buildTooltip(stage, canvas),
    outline: buildOutline(canvas),
    announce: (text) => void (status.textContent = text),
    setGraph(graph) {
      columns.setGraph(graph);
      legend.setGraph(graph);
      canvas.setAttribute("aria-label", describe(graph));
      up.hidden = !graph.up;
      up.textContent = graph.up ? `← ${graph.up.label}` : "";
      upView = graph.up?.view ?? "overview";
    },
    showMarks(marks) {
      root.classList.toggle("pm-by-known", marks.colour_by === "known");
      legend.showMarks(marks);
    },
    colour(theme) {
      for (const name of ["prerequisite", "unlock", "related", "applies", "known", "shaky"] as const) root.style.setProperty(`--pm-${name}-colour`, theme[name]);
      root.style.setProperty("--pm-band", theme.dark ? "20%" : "15%");
    },
  };
}

/**
 * The heavy component: the library, the graph and the picture.
 *
 * Streamlit calls the default export on mounting, and again, without unmounting, when the data or the theme
 * changes. So a mounted map is kept by its parent element; the camera and the selection are kept by map id in
 * the registry, where they outlive a page switch.
 */
import type { Core } from "cytoscape";

import { fit, measureBounds, readCamera, reveal, zoomBy, type Bounds } from "./camera.ts";
import { buildChrome, type Chrome } from "./chrome.ts";
import { applyTheme, draw, refitLabels } from "./draw.ts";
import { dress } from "./focus.ts";
import { listen } from "./interactions.ts";
import { openEntry, type MapEntry, type MapView } from "./registry.ts";
import { readTheme, type Theme } from "./theme.ts";
import type { ComponentArgs, Focus, MapGraph } from "./types.ts";

class MountedMap implements MapView {
  readonly graph: MapGraph;
  private readonly entry: MapEntry;
  private readonly parent: HTMLElement;
  private readonly chrome: Chrome;
  private readonly bounds: Bounds;
  private readonly cy: Core;
  private theme: Theme;
  private shown: string | null = null;
  /** Whether there was room to fit the map into; on mounting there may be none yet. */
  private placed = false;
  private readonly undo: (() => void)[] = [];

  constructor(parent: HTMLElement, graph: MapGraph) {
    this.parent = parent;
    this.graph = graph;
    this.bounds = measureBounds(graph);
    this.entry = openEntry(graph.map_id);
    this.chrome = this.buildChrome();
    parent.append(this.chrome.root);
    this.theme = readTheme(parent, graph.columns.length);
    this.chrome.colour(this.theme);
    this.cy = draw(this.chrome.canvas, graph, this.theme);
    this.undo.push(
      listen(this.cy, this.chrome, { select: (id) => this.select(id), takeCamera: () => this.takeCamera(), fit: () => this.fitAll() }),
    );
    this.placeCamera();
    this.cy.on("viewport", () => this.cameraMoved());
    this.watch();
    this.entry.view = this;
    this.showFocus(this.entry.focus);
  }

  private buildChrome(): Chrome {
    const zoom = (factor: number) => () => {
      this.takeCamera();
      zoomBy(this.cy, factor, undefined, true);
    };
    return buildChrome(this.graph, {
      selectColumn: (id) => this.select(id),
      zoomIn: zoom(1.3),
      zoomOut: zoom(1 / 1.3),
      fit: () => this.fitAll(),
      legendOpen: this.entry.legendOpen,
      legendToggled: (open) => void (this.entry.legendOpen = open),
    });
  }

  private placeCamera(): void {
    this.placed = fit(this.cy, this.bounds, false);
    if (this.entry.savedCamera) this.cy.viewport(this.entry.savedCamera);
    this.chrome.follow(this.cy);
  }

  /** A panel that opens beside the map takes its room, but not the reader's place: only an untouched overview is fitted again. */
  private keepInView(): void {
    if (!this.entry.savedCamera && (!this.placed || this.shown === null)) this.placed = fit(this.cy, this.bounds, false);
    if (this.shown !== null) reveal(this.cy, this.shown);
  }

  /** From the reader's first move on the camera is theirs: neither a resize nor a page switch takes it away. */
  private takeCamera(): void {
    this.entry.savedCamera = readCamera(this.cy);
  }

  private fitAll(): void {
    this.entry.savedCamera = null;
    fit(this.cy, this.bounds, true);
  }

  private cameraMoved(): void {
    this.chrome.follow(this.cy);
    if (this.entry.savedCamera) this.entry.savedCamera = readCamera(this.cy);
  }

  private watch(): void {
    const resized = new ResizeObserver(() => {
      this.cy.resize();
      this.keepInView();
      this.chrome.follow(this.cy);
    });
    resized.observe(this.chrome.canvas);
    const flipped = new MutationObserver(() => this.retheme());
    for (let host = this.parent.parentElement; host; host = host.parentElement) {
      flipped.observe(host, { attributes: true, attributeFilter: ["class", "style"] });
    }
    this.undo.push(() => resized.disconnect(), () => flipped.disconnect());
    void document.fonts.ready.then(() => this.entry.view === this && refitLabels(this.cy, this.theme.font));
  }

  /** Redraws in the page's colours if they have changed. */
  retheme(): void {
    const theme = readTheme(this.parent, this.graph.columns.length);
    if (theme.signature === this.theme.signature) return;
    this.theme = theme;
    this.chrome.colour(theme);
    applyTheme(this.cy, theme);
  }

  /** Outlines the choice at once; what it needs and unlocks is lit when Python has answered. */
  private select(id: string | null): void {
    if (id === this.shown) return;
    this.cy.nodes(".selected").removeClass("selected");
    if (id !== null) this.cy.getElementById(id).removeClass("dim").addClass("selected");
    this.chrome.markColumns(id);
    this.shown = id;
    this.entry.select?.(id);
  }

  showFocus(focus: Focus): void {
    this.shown = focus.selected;
    dress(this.cy, focus, this.graph.columns.map((column) => column.selects ?? column.id));
    this.chrome.markColumns(focus.selected);
    if (focus.selected === null) return;
    reveal(this.cy, focus.selected);
    const title = this.cy.getElementById(focus.selected).data("title") ?? this.chrome.header(focus.selected)?.title;
    if (title) this.chrome.announce(`${title}: ${focus.prerequisites.length} to learn first, unlocks ${focus.unlocks.length}`);
  }

  camera() {
    return readCamera(this.cy);
  }

  screenPosition(id: string) {
    const node = this.cy.getElementById(id);
    const element = node.nonempty() ? this.chrome.canvas : this.chrome.header(id);
    if (!element) return null;
    const bounds = element.getBoundingClientRect();
    const inside = node.nonempty() ? node.renderedPosition() : { x: bounds.width / 2, y: bounds.height / 2 };
    return { x: bounds.left + inside.x, y: bounds.top + inside.y };
  }

  classes(id: string): string[] {
    const header = this.chrome.header(id);
    if (header) return header.getAttribute("aria-pressed") === "true" ? ["selected"] : [];
    return [...(this.cy.getElementById(id).classes() as unknown as string[])];
  }

  nodeCount(): number {
    return this.cy.nodes().length;
  }

  unmount(): void {
    for (const undo of this.undo) undo();
    if (this.entry.view === this) this.entry.view = null;
    this.cy.destroy();
    this.chrome.root.remove();
  }
}

const mounted = new WeakMap<HTMLElement, MountedMap>();

export default function mount({ data, parentElement }: ComponentArgs<MapGraph>): () => void {
  const current = mounted.get(parentElement);
  if (current && JSON.stringify(current.graph) === JSON.stringify(data)) {
    current.retheme();
  } else {
    current?.unmount();
    mounted.set(parentElement, new MountedMap(parentElement, data));
  }
  return () => {
    mounted.get(parentElement)?.unmount();
    mounted.delete(parentElement);
  };
}

/**
 * The heavy component: the library and the picture. What to draw comes from the scene, what is lit from the control.
 *
 * Streamlit calls the default export on mounting, and again, without unmounting, when the theme changes. So a mounted
 * map is kept by its parent element; the cameras and the selection are kept by map id in the registry, where they
 * outlive a page switch.
 */
import type { Core } from "cytoscape";

import { fit, measureBounds, readCamera, reveal, revealAll, zoomBy, type Bounds } from "./camera.ts";
import { buildChrome, type Chrome } from "./chrome.ts";
import { applyTheme, openCanvas, refitLabels } from "./draw.ts";
import { dress, hideKinds } from "./focus.ts";
import { Hold } from "./hold.ts";
import { listen, type Handlers } from "./interactions.ts";
import { Keyboard } from "./keyboard.ts";
import { NO_MARKS, dressMarks } from "./marks.ts";
import { showElements } from "./morph.ts";
import { stopIds } from "./path.ts";
import { openEntry, type LitHop, type MapEntry, type MapView, type NodeBox } from "./registry.ts";
import { readTheme, type Theme } from "./theme.ts";
import type { Action, Camera, ComponentArgs, Focus, LearnerMarks, MapGraph } from "./types.ts";

const EMPTY: Omit<MapGraph, "map_id"> = { columns: [], nodes: [], edges: [] };

class MountedMap implements MapView {
  private graph: MapGraph;
  private readonly entry: MapEntry;
  private readonly parent: HTMLElement;
  private readonly chrome: Chrome;
  private readonly keyboard: Keyboard;
  private readonly cy: Core;
  private readonly hold: Hold;
  private bounds: Bounds = { left: 0, right: 1, top: 0, bottom: 1 };
  private theme: Theme;
  private shown: string | null = null;
  /** Whether there was room to fit the map into; on mounting there may be none yet. */
  private placed = false;
  private readonly undo: (() => void)[] = [];

  constructor(parent: HTMLElement, mapId: string) {
    this.parent = parent;
    this.graph = { map_id: mapId, ...EMPTY };
    this.entry = openEntry(mapId);
    this.chrome = this.buildChrome();
    parent.append(this.chrome.root);
    this.theme = readTheme(parent, 0);
    this.chrome.colour(this.theme);
    this.cy = openCanvas(this.chrome.canvas);
    this.hold = new Hold(this.cy, () => this.chrome.outline(null));
    const handlers = this.handlers();
    this.undo.push(listen(this.cy, this.chrome, handlers));
    this.keyboard = new Keyboard(this.cy, this.chrome, handlers);
    this.cy.on("viewport", () => this.cameraMoved());
    this.watch();
    this.entry.view = this;
    if (this.entry.graph) this.showGraph(this.entry.graph);
  }

  private get scene(): string {
    return this.graph.scene ?? "";
  }

  /** Whether the view was made for what is selected: it goes when that does. */
  private get isOwnView(): boolean {
    return /^(ego|ego-full|path) /.test(this.scene);
  }

  private get savedCamera(): Camera | null {
    return this.entry.cameras[this.scene] ?? null;
  }

  private buildChrome(): Chrome {
    const zoom = (factor: number) => () => {
      this.takeCamera();
      zoomBy(this.cy, factor, undefined, true);
    };
    return buildChrome({
      selectColumn: (id) => this.select(id),
      openView: (view) => this.send({ action: "view", id: view }),
      zoomIn: zoom(1.3),
      zoomOut: zoom(1 / 1.3),
      fit: () => this.fitAll(),
      legend: {
        open: this.entry.legendOpen,
        toggled: (open) => void (this.entry.legendOpen = open),
        setHidden: (hidden) => this.setHidden(hidden),
        colourBy: (by) => this.send({ action: "colour", id: by }),
      },
    });
  }

  private handlers(): Handlers {
    return {
      select: (id) => this.select(id),
      open: (id) => this.send({ action: "open", id }),
      openView: (view) => this.send({ action: "view", id: view }),
      explain: (source, target) => this.send({ action: "edge", id: target, other: source }),
      mark: (id, level) => this.send({ action: "mark", id, level }),
      back: () => this.back(),
      takeCamera: () => this.takeCamera(),
      fit: () => this.fitAll(),
    };
  }

  private send(action: Action): void {
    this.entry.send?.(action);
  }

  /** What is selected is closed first in a view of many, and the view first where it is that concept's own. */
  private back(): void {
    const { up } = this.graph;
    if (up && (this.isOwnView || this.shown === null)) this.send({ action: "view", id: up.view });
    else this.select(null);
  }

  private setHidden(hidden: string[]): void {
    hideKinds(this.cy, hidden);
    this.send({ action: "kinds", id: null, hidden });
  }

  private fit(smoothly: boolean): boolean {
    return fit(this.cy, this.bounds, smoothly, this.graph.up !== undefined || this.graph.nodes.every((node) => node.count !== undefined));
  }

  private placeCamera(smoothly: boolean): void {
    const { savedCamera } = this;
    this.placed = this.fit(smoothly && !savedCamera);
    if (savedCamera) this.cy.viewport(savedCamera);
    this.chrome.columns.follow(this.cy);
  }

  /** A panel that opens beside the map takes its room, but not the reader's place: only an untouched overview is fitted again. */
  private keepInView(): void {
    if (!this.savedCamera && (!this.placed || this.shown === null || this.isOwnView)) this.placed = this.fit(false);
    this.revealFocus();
  }

  private revealFocus(): void {
    const { path } = this.entry.focus;
    if (path?.stops.length) revealAll(this.cy, stopIds(path.stops, this.graph));
    else if (this.shown !== null) reveal(this.cy, this.shown);
  }

  private titlesOf(places: number[]): string {
    return places.map((place) => this.graph.nodes[place]?.title ?? "").join(", ");
  }

  /** From the reader's first move on the camera is theirs: neither a resize nor a page switch takes it away. */
  private takeCamera(): void {
    this.entry.cameras[this.scene] = readCamera(this.cy);
  }

  private fitAll(): void {
    delete this.entry.cameras[this.scene];
    this.fit(true);
  }

  private cameraMoved(): void {
    this.chrome.columns.follow(this.cy);
    if (this.savedCamera) this.takeCamera();
  }

  private watch(): void {
    const resized = new ResizeObserver(() => {
      this.cy.resize();
      this.keepInView();
      this.chrome.columns.follow(this.cy);
    });
    resized.observe(this.chrome.canvas);
    const flipped = new MutationObserver(() => this.retheme());
    for (let host = this.parent.parentElement; host; host = host.parentElement) {
      flipped.observe(host, { attributes: true, attributeFilter: ["class", "style"] });
    }
    this.undo.push(() => resized.disconnect(), () => flipped.disconnect());
    void document.fonts.ready.then(() => this.entry.view === this && refitLabels(this.cy, this.theme.font));
  }

  private readTheme(): Theme {
    return readTheme(this.parent, this.graph.tints ?? this.graph.columns.length);
  }

  /** Redraws in the page's colours if they have changed. */
  retheme(): void {
    const theme = this.readTheme();
    if (theme.signature === this.theme.signature) return;
    this.theme = theme;
    this.chrome.colour(theme);
    applyTheme(this.cy, theme);
  }

  showGraph(graph: MapGraph): void {
    if (JSON.stringify(graph) === JSON.stringify(this.graph)) return;
    this.hold.end();
    const moved = graph.scene !== this.graph.scene;
    const first = this.cy.nodes().empty();
    if (!first && this.savedCamera) this.takeCamera();
    this.graph = graph;
    this.bounds = measureBounds(graph);
    this.chrome.setGraph(graph);
    this.theme = this.readTheme();
    showElements(this.cy, graph, this.theme.font);
    applyTheme(this.cy, this.theme);
    if (moved || first) this.placeCamera(!first);
    this.chrome.columns.follow(this.cy);
    this.showFocus(this.entry.focus);
    this.showMarks(this.entry.marks ?? NO_MARKS);
  }

  /** Outlines the choice at once; it is drawn, with what it needs and unlocks, when Python has answered. */
  private select(id: string | null): void {
    if (id === this.shown || (id === null && this.isOwnView)) return;
    const node = this.cy.getElementById(id ?? "");
    this.hold.begin();
    this.chrome.outline(node.nonempty() ? node.renderedBoundingBox({ includeLabels: false, includeOverlays: false }) : null);
    this.cy.nodes(".selected").removeClass("selected");
    node.removeClass("dim").addClass("selected");
    this.chrome.columns.mark(id);
    this.shown = id;
    this.send({ action: "select", id });
  }

  showFocus(focus: Focus): void {
    const before = this.shown;
    this.shown = focus.selected;
    dress(this.cy, focus, this.graph);
    this.chrome.legend.show(focus.hidden_kinds ?? []);
    this.chrome.columns.mark(focus.selected);
    if (focus.selected === null) return;
    this.revealFocus();
    if (before !== focus.selected) this.keyboard.follow(focus.selected);
    const title = this.cy.getElementById(focus.selected).data("title") ?? this.chrome.columns.header(focus.selected)?.title;
    if (title && focus.path) this.chrome.announce(`${title}: path of ${focus.path.hops.length} hops, through ${this.titlesOf(focus.path.stops.slice(1))}`);
    else if (title) this.chrome.announce(`${title}: ${focus.prerequisites.length} to learn first, unlocks ${focus.unlocks.length}`);
  }

  showMarks(marks: LearnerMarks): void {
    const changed = dressMarks(this.cy, marks, this.graph, this.theme.font);
    this.chrome.showMarks(marks);
    if (changed.length === 1) this.chrome.announce(`${changed[0]!.data("title")} is marked ${changed[0]!.data("level")}.`);
  }

  drawHeld(): void {
    this.hold.end();
  }

  takeKeyboard(): void {
    this.chrome.canvas.focus();
  }

  camera() {
    return readCamera(this.cy);
  }

  screenPosition(id: string) {
    const node = this.cy.getElementById(id);
    const element = node.nonempty() ? this.chrome.canvas : this.chrome.columns.header(id);
    if (!element) return null;
    const bounds = element.getBoundingClientRect();
    const inside = node.nonempty() ? node.renderedPosition() : { x: bounds.width / 2, y: bounds.height / 2 };
    return { x: bounds.left + inside.x, y: bounds.top + inside.y };
  }

  classes(id: string): string[] {
    const header = this.chrome.columns.header(id);
    if (header) return header.getAttribute("aria-pressed") === "true" ? ["selected"] : [];
    return [...(this.cy.getElementById(id).classes() as unknown as string[])];
  }

  levelShown(id: string) {
    const node = this.cy.getElementById(id);
    return { level: (node.data("level") as string | undefined) ?? "", fill: node.style("background-color") as string, label: node.data("label") as string };
  }

  nodeCount(): number {
    return this.cy.nodes().length;
  }

  boxes(): NodeBox[] {
    return this.cy.nodes().map((node) => {
      const box = node.renderedBoundingBox({ includeLabels: false, includeOverlays: false });
      const label = node.renderedBoundingBox({ includeNodes: false, includeOverlays: false });
      return { id: node.id(), box: [box.x1, box.y1, box.x2, box.y2], label: [label.x1, label.y1, label.x2, label.y2] };
    });
  }

  edgePosition(source: string, target: string) {
    const edge = this.cy.edges(`[source = "${CSS.escape(source)}"][target = "${CSS.escape(target)}"]`);
    if (edge.empty()) return null;
    const bounds = this.chrome.canvas.getBoundingClientRect();
    const { x, y } = (edge[0] as unknown as { renderedMidpoint(): { x: number; y: number } }).renderedMidpoint();
    return { x: bounds.left + x, y: bounds.top + y };
  }

  hops(): LitHop[] {
    return this.cy.edges(".hop").map((edge) => ({ label: edge.data("label"), source: edge.data("source"), target: edge.data("target") }));
  }

  unmount(): void {
    for (const undo of this.undo) undo();
    this.hold.end();
    if (this.entry.view === this) this.entry.view = null;
    this.cy.destroy();
    this.chrome.root.remove();
  }
}

const mounted = new WeakMap<HTMLElement, MountedMap>();

export default function mount({ data, parentElement }: ComponentArgs<{ map_id: string }>): () => void {
  const current = mounted.get(parentElement);
  if (current) current.retheme();
  else mounted.set(parentElement, new MountedMap(parentElement, data.map_id));
  return () => {
    mounted.get(parentElement)?.unmount();
    mounted.delete(parentElement);
  };
}

/**
 * Where the heavy map and its control meet, and what outlives both.
 *
 * Either may mount first, be called again, or go away on a page switch. The entry of a map stays for as long
 * as the browser tab does, and with it the camera. Two bundles import this file: all state is on `globalThis`.
 */
import { NO_FOCUS, type Action, type Camera, type Focus, type LearnerMarks, type MapGraph, type Point } from "./types.ts";

/** What a mounted map can do. */
export interface MapView {
  showGraph(graph: MapGraph): void;
  showFocus(focus: Focus): void;
  showMarks(marks: LearnerMarks): void;
  /** Draws what was put off until Python had answered. */
  drawHeld(): void;
  /** Puts the keyboard on the map. */
  takeKeyboard(): void;
  boxes(): NodeBox[];
  edgePosition(source: string, target: string): Point | null;
  /** The lines of the path that is lit, by number. */
  hops(): LitHop[];
  camera(): Camera;
  screenPosition(id: string): Point | null;
  classes(id: string): string[];
  levelShown(id: string): ShownLevel;
  nodeCount(): number;
}

/** Where a box and its label are on the screen, in pixels of the canvas. */
export interface NodeBox {
  id: string;
  box: [left: number, top: number, right: number, bottom: number];
  label: [left: number, top: number, right: number, bottom: number];
}

/** How well a box is known, the colour that it is drawn in, and its words. */
export interface ShownLevel {
  level: string;
  fill: string;
  label: string;
}

export interface LitHop {
  label: string;
  source: string;
  target: string;
}

export interface MapEntry {
  graph: MapGraph | null;
  focus: Focus;
  /** Null until Python has told. */
  marks: LearnerMarks | null;
  view: MapView | null;
  /** Tells Python what the reader did; null while no control is mounted. */
  send: ((action: Action) => void) | null;
  /** Clicks so far: what makes a second click on the same node a new event. */
  clicks: number;
  /** Where the reader left the camera in each scene; none where they have not moved it, and the map is fitted. */
  cameras: Record<string, Camera>;
  legendOpen: boolean;
  camera(): Camera | null;
  screenPosition(id: string): Point | null;
  classes(id: string): string[];
  levelShown(id: string): ShownLevel | null;
  nodeCount(): number;
  boxes(): NodeBox[];
  edgePosition(source: string, target: string): Point | null;
  hops(): LitHop[];
}

const scope = globalThis as typeof globalThis & { __prepgraphMaps?: Record<string, MapEntry> };

function createEntry(): MapEntry {
  return {
    graph: null,
    focus: NO_FOCUS,
    marks: null,
    view: null,
    send: null,
    clicks: 0,
    cameras: {},
    legendOpen: true,
    camera() {
      return this.view?.camera() ?? this.cameras[this.graph?.scene ?? ""] ?? null;
    },
    screenPosition(id) {
      return this.view?.screenPosition(id) ?? null;
    },
    classes(id) {
      return this.view?.classes(id) ?? [];
    },
    levelShown(id) {
      return this.view?.levelShown(id) ?? null;
    },
    nodeCount() {
      return this.view?.nodeCount() ?? 0;
    },
    boxes() {
      return this.view?.boxes() ?? [];
    },
    edgePosition(source, target) {
      return this.view?.edgePosition(source, target) ?? null;
    },
    hops() {
      return this.view?.hops() ?? [];
    },
  };
}

export function openEntry(mapId: string): MapEntry {
  const maps = (scope.__prepgraphMaps ??= {});
  return (maps[mapId] ??= createEntry());
}

/**
 * Where the heavy map and its control meet, and what outlives both.
 *
 * Either may mount first, be called again, or go away on a page switch. The entry of a map stays for as long
 * as the browser tab does, and with it the camera. Two bundles import this file: all state is on `globalThis`.
 */
import { NO_FOCUS, type Camera, type Focus, type Point } from "./types.ts";

/** What a mounted map can do. */
export interface MapView {
  showFocus(focus: Focus): void;
  camera(): Camera;
  screenPosition(id: string): Point | null;
  classes(id: string): string[];
  nodeCount(): number;
}

export interface MapEntry {
  focus: Focus;
  view: MapView | null;
  /** Tells Python what was clicked; null while no control is mounted. */
  select: ((id: string | null) => void) | null;
  /** Clicks so far: what makes a second click on the same node a new event. */
  clicks: number;
  /** Where the reader left the camera; null while they have not moved it, and the map is fitted. */
  savedCamera: Camera | null;
  legendOpen: boolean;
  camera(): Camera | null;
  screenPosition(id: string): Point | null;
  classes(id: string): string[];
  nodeCount(): number;
}

const scope = globalThis as typeof globalThis & { __prepgraphMaps?: Record<string, MapEntry> };

function createEntry(): MapEntry {
  return {
    focus: NO_FOCUS,
    view: null,
    select: null,
    clicks: 0,
    savedCamera: null,
    legendOpen: true,
    camera() {
      return this.view?.camera() ?? this.savedCamera;
    },
    screenPosition(id) {
      return this.view?.screenPosition(id) ?? null;
    },
    classes(id) {
      return this.view?.classes(id) ?? [];
    },
    nodeCount() {
      return this.view?.nodeCount() ?? 0;
    },
  };
}

export function openEntry(mapId: string): MapEntry {
  const maps = (scope.__prepgraphMaps ??= {});
  return (maps[mapId] ??= createEntry());
}

/**
 * The map without a mouse: arrows follow the lines, and what they reach wears a ring and is said aloud.
 *
 * The ring is not the selection: moving about opens nothing until Enter does.
 */
import type { Core, EdgeSingular, NodeCollection, NodeSingular } from "cytoscape";

import { reveal, zoomBy } from "./camera.ts";
import type { Chrome } from "./chrome.ts";
import type { Handlers } from "./interactions.ts";
import { LEVEL_KEYS } from "./marks.ts";
import type { Level } from "./types.ts";

type Move = "left" | "right" | "up" | "down";
const MOVES: Record<string, Move> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

const isDrawn = (edge: EdgeSingular) => edge.data("kind") === "prerequisite_of" && !edge.hasClass("off");

const sources = (node: NodeSingular): NodeCollection => node.incomers("edge").filter((e) => isDrawn(e as EdgeSingular)).sources();

const targets = (node: NodeSingular): NodeCollection => node.outgoers("edge").filter((e) => isDrawn(e as EdgeSingular)).targets();

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? "" : "s"}`;

/** What is said of a concept that the keyboard reaches. */
function describe(node: NodeSingular): string {
  const count = node.data("count") as number | undefined;
  if (count !== undefined) return `${node.data("title")}, ${plural(count, "concept")}. Enter opens.`;
  const summary = (node.data("summary") as string | undefined) ?? "";
  const level = node.data("level") as Level | undefined;
  const known = level === "known" || level === "shaky" ? `, ${level}` : "";
  return `${node.data("title")}${known}. Needs ${sources(node).length}, unlocks ${targets(node).length}. ${summary}`;
}

export class Keyboard {
  private ring: string | null = null;

  constructor(
    private readonly cy: Core,
    private readonly chrome: Chrome,
    private readonly handlers: Handlers,
  ) {
    chrome.canvas.addEventListener("keydown", (event) => this.pressed(event));
    chrome.canvas.addEventListener("focus", () => this.entered());
    chrome.canvas.addEventListener("blur", () => this.unring());
  }

  /** The selection moved by other means: the ring goes with it. */
  follow(id: string | null): void {
    if (id !== null && this.cy.getElementById(id).nonempty()) this.put(id, false);
  }

  private pressed(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const move = MOVES[event.key];
    const level = LEVEL_KEYS[event.key];
    const act = move ? () => this.move(move) : level ? () => this.mark(level) : this.keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  private readonly keys: Record<string, () => void> = {
    "+": () => this.zoom(1.25),
    "=": () => this.zoom(1.25),
    "-": () => this.zoom(0.8),
    "0": () => this.handlers.fit(),
    Enter: () => this.open(),
    Escape: () => this.handlers.back(),
  };

  private zoom(factor: number): void {
    this.handlers.takeCamera();
    zoomBy(this.cy, factor, undefined, true);
  }

  /** Only a keyboard's focus shows the ring: a click has its own outline. */
  private entered(): void {
    if (this.chrome.canvas.matches(":focus-visible")) this.put(this.current()?.id() ?? null, true);
  }

  private current(): NodeSingular | null {
    const ringed = this.ring === null ? this.cy.collection() : this.cy.getElementById(this.ring);
    const selected = this.cy.nodes(".selected");
    const first = ringed.nonempty() ? ringed : selected.nonempty() ? selected : this.cy.nodes().first();
    return first.nonempty() ? (first[0] as NodeSingular) : null;
  }

  private move(move: Move): void {
    const from = this.current();
    if (!from) return;
    if (this.cy.nodes(".focus").empty()) return this.put(from.id(), true);
    const next = move === "left" ? this.nearest(from, sources(from)) : move === "right" ? this.nearest(from, targets(from)) : this.beside(from, move);
    if (next) this.put(next.id(), true);
    else this.chrome.announce(move === "left" ? `${from.data("title")} needs nothing here.` : move === "right" ? `${from.data("title")} unlocks nothing here.` : "End of the column.");
  }

  private nearest(from: NodeSingular, among: NodeCollection): NodeSingular | null {
    const { x, y } = from.position();
    const distance = (node: NodeSingular) => Math.abs(node.position().y - y) + Math.abs(node.position().x - x) / 4;
    const rows = among.toArray() as NodeSingular[];
    return rows.reduce<NodeSingular | null>((best, node) => (best && distance(best) <= distance(node) ? best : node), null);
  }

  private beside(from: NodeSingular, move: Move): NodeSingular | null {
    const column = (this.cy.nodes(`[column = ${from.data("column")}]`).toArray() as NodeSingular[]).sort((a, b) => a.position().y - b.position().y);
    const place = column.findIndex((node) => node.id() === from.id());
    return column[place + (move === "up" ? -1 : 1)] ?? null;
  }

  private put(id: string | null, aloud: boolean): void {
    const hadRing = this.cy.nodes(".focus").nonempty();
    this.unring();
    this.ring = id;
    if (id === null || (!aloud && !hadRing)) return;
    const node = this.cy.getElementById(id);
    if (node.empty()) return;
    node.addClass("focus");
    reveal(this.cy, id);
    if (aloud) this.chrome.announce(describe(node));
  }

  private unring(): void {
    this.cy.nodes(".focus").removeClass("focus");
  }

  private mark(level: Level): void {
    const ringed = this.cy.nodes(".focus");
    const node = (ringed.nonempty() ? ringed : this.cy.nodes(".selected")).first(); // never one that shows no sign of it
    if (node.nonempty() && node.data("count") === undefined) this.handlers.mark(node.id(), level);
  }

  private open(): void {
    const node = this.current();
    if (!node) return;
    if (node.data("opens")) this.handlers.openView(node.data("opens"));
    else if (node.hasClass("selected")) this.handlers.open(node.id());
    else this.handlers.select(node.id());
  }
}

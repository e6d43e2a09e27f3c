/** Keeps the canvas as it is while something else is to be painted first. */
import type { Core } from "cytoscape";

/** After this long (ms) the canvas is drawn anyway. */
const LONGEST = 400;

/**
 * Drawing a large map takes longer than an answer takes to come, and would hold both the question and the answer back.
 * While a batch is open Cytoscape neither styles nor draws, so one that is held open puts all of it off, to be done once.
 */
export class Hold {
  private readonly cy: Core;
  private readonly ended: () => void;
  private waiting: ReturnType<typeof setTimeout> | undefined;

  constructor(cy: Core, ended: () => void) {
    this.cy = cy;
    this.ended = ended;
    cy.on("viewport", () => this.end()); // the reader moves the map, which must follow at once
  }

  begin(): void {
    if (this.waiting === undefined) this.cy.startBatch();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.end(), LONGEST);
  }

  end(): void {
    if (this.waiting === undefined) return;
    clearTimeout(this.waiting);
    this.waiting = undefined;
    this.cy.endBatch();
    this.ended();
  }
}

/** What the colours and lines mean; the entry of a kind of relation switches its lines off and on. */
import { drawing, make } from "./dom.ts";
import { signDrawing } from "./marks.ts";
import type { LearnerMarks, MapGraph } from "./types.ts";

const ARROW = "M26 2.5 L32 6 L26 9.5 Z";
const DOT = "M26 6 a3 3 0 1 0 6 0 a3 3 0 1 0 -6 0 Z";
const VEE = "M26 2.5 L32 6 L26 9.5";

const STATES: [string, string][] = [
  ["selected", "Selected"],
  ["prerequisite", "Learn first"],
  ["unlock", "Unlocks"],
];

interface Kind {
  kind: string;
  className: string;
  head: string;
  text: string;
}

const KINDS: Kind[] = [
  { kind: "prerequisite_of", className: "prerequisite", head: ARROW, text: "comes before" },
  { kind: "part_of", className: "part", head: DOT, text: "part of" },
  { kind: "applies_to", className: "applies", head: VEE, text: "applies to" },
  { kind: "related_to", className: "related", head: "", text: "related" },
  { kind: "contrasts_with", className: "contrasts", head: "", text: "contrasts" },
];

/** A kind of relation in words, as on the legend. */
export const kindText = (kind: string): string => KINDS.find((entry) => entry.kind === kind)?.text ?? kind;

function lineSample({ className, head }: Kind): SVGElement {
  const tip = head ? [{ d: head, className: head === VEE ? "pm-vee" : "pm-tip" }] : [];
  return drawing("0 0 34 12", `pm-line pm-${className}`, [{ d: head ? "M1 6 H28" : "M1 6 H33" }, ...tip]);
}

const COLOURS: [LearnerMarks["colour_by"], string][] = [
  ["week", "Week"],
  ["known", "How well known"],
];

export interface LegendActions {
  open: boolean;
  toggled(open: boolean): void;
  setHidden(hidden: string[]): void;
  colourBy(by: LearnerMarks["colour_by"]): void;
}

export class Legend {
  readonly element = make("details", "pm-legend");
  private readonly list = make("ul", "");
  private readonly switches = new Map<string, HTMLButtonElement>();
  private readonly colours = new Map<string, HTMLButtonElement>();
  private hidden: string[] = [];

  constructor(private readonly actions: LegendActions) {
    this.element.open = actions.open;
    this.element.addEventListener("toggle", () => actions.toggled(this.element.open));
    this.element.append(make("summary", "", "Legend"), this.list);
  }

  /** The entries for what this graph has; a kind that is switched off keeps its entry. */
  setGraph(graph: MapGraph): void {
    const used = new Set(graph.edges.map((edge) => edge.kind));
    this.switches.clear();
    this.list.replaceChildren(
      this.item(this.colourSwitch()),
      ...(["known", "shaky"] as const).map((level) => this.item(signDrawing(level), make("span", "", level === "known" ? "Known" : "Shaky"))),
      this.newItem(),
      ...STATES.map(([state, text]) => this.item(make("span", `pm-swatch pm-${state}`), make("span", "", text))),
      ...KINDS.filter(({ kind }) => used.has(kind) || this.hidden.includes(kind)).map((kind) => this.item(this.kindSwitch(kind))),
    );
    this.show(this.hidden);
  }

  show(hidden: string[]): void {
    this.hidden = hidden;
    for (const [kind, button] of this.switches) button.setAttribute("aria-pressed", String(!hidden.includes(kind)));
  }

  showMarks({ colour_by }: LearnerMarks): void {
    for (const [by, button] of this.colours) button.setAttribute("aria-pressed", String(by === colour_by));
  }

  private colourSwitch(): HTMLElement {
    const group = make("span", "pm-colour-by");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Colour the map by");
    group.append(make("span", "", "Colour:"));
    for (const [by, text] of COLOURS) {
      const button = make("button", "pm-choice", text);
      button.type = "button";
      button.addEventListener("click", () => this.actions.colourBy(by));
      this.colours.set(by, button);
      group.append(button);
    }
    return group;
  }

  /** Only where colours say how well known: otherwise a new concept looks like any. */
  private newItem(): HTMLLIElement {
    const item = this.item(make("span", "pm-swatch pm-new"), make("span", "", "New"));
    item.className = "pm-when-known";
    return item;
  }

  private item(...parts: Element[]): HTMLLIElement {
    const item = make("li", "");
    item.append(...parts);
    return item;
  }

  private kindSwitch(entry: Kind): HTMLButtonElement {
    const { kind, text } = entry;
    const button = make("button", "pm-kind");
    button.type = "button";
    button.title = `Show or hide the lines: ${text}`;
    button.append(lineSample(entry), make("span", "", text));
    button.addEventListener("click", () => {
      const hidden = this.hidden.includes(kind) ? this.hidden.filter((other) => other !== kind) : [...this.hidden, kind];
      this.show(hidden);
      this.actions.setHidden(hidden);
    });
    this.switches.set(kind, button);
    return button;
  }
}

/** The colours of the map in the page's theme, read from Streamlit's CSS variables. */
import { css, isDark, mix, parseColour, type Rgb } from "./colour.ts";

export interface ColumnColours {
  fill: string;
  border: string;
}

export interface Theme {
  /** Changes exactly when something that is drawn would. */
  signature: string;
  dark: boolean;
  font: string;
  text: string;
  mutedText: string;
  background: string;
  line: string;
  accent: string;
  selectedFill: string;
  prerequisite: string;
  prerequisiteFill: string;
  prerequisiteFaint: string;
  unlock: string;
  unlockFill: string;
  unlockFaint: string;
  related: string;
  relatedFill: string;
  applies: string;
  appliesFill: string;
  known: string;
  knownFill: string;
  shaky: string;
  shakyFill: string;
  columns: ColumnColours[];
}

const LIGHT = { prerequisite: [217, 119, 6], unlock: [5, 150, 105], related: [124, 58, 237], applies: [37, 99, 235], known: [0, 98, 160], shaky: [170, 51, 119] } as const;
const DARK = { prerequisite: [251, 191, 36], unlock: [52, 211, 153], related: [167, 139, 250], applies: [96, 165, 250], known: [86, 180, 233], shaky: [240, 140, 195] } as const;

/** A walk from cyan to rose: amber and green stay free to mean "needed" and "unlocked". */
export function columnHue(index: number, count: number): number {
  return 205 + (150 * index) / Math.max(count - 1, 1);
}

const columnTint = (index: number, count: number, dark: boolean): Rgb =>
  parseColour(`oklch(${dark ? 0.72 : 0.6} 0.13 ${columnHue(index, count)})`, [90, 120, 200]);

export function readTheme(element: HTMLElement, columnCount: number): Theme {
  const style = getComputedStyle(element);
  const variable = (name: string) => style.getPropertyValue(name).trim();
  const background = parseColour(variable("--st-background-color"), [255, 255, 255]);
  const dark = isDark(background);
  const text = parseColour(variable("--st-text-color"), dark ? [250, 250, 250] : [49, 51, 63]);
  const accent = parseColour(variable("--st-primary-color"), [255, 75, 75]);
  const meaning: Record<keyof typeof LIGHT, Rgb> = dark ? DARK : LIGHT;
  const over = (tint: Rgb, share: number) => css(mix(background, tint, share));
  const columns = Array.from({ length: columnCount }, (_, index) => {
    const tint = columnTint(index, columnCount, dark);
    return { fill: over(tint, dark ? 0.22 : 0.03), border: over(tint, dark ? 0.6 : 0.55) };
  });
  const font = variable("--st-font") || style.fontFamily || "sans-serif";
  return {
    signature: [css(background), css(text), css(accent), font, columnCount].join("|"),
    dark,
    font,
    text: css(text),
    mutedText: over(text, 0.6),
    background: css(background),
    line: over(text, dark ? 0.42 : 0.4),
    accent: css(accent),
    selectedFill: over(accent, dark ? 0.3 : 0.16),
    prerequisite: css(meaning.prerequisite),
    prerequisiteFill: over(meaning.prerequisite, dark ? 0.34 : 0.3),
    prerequisiteFaint: over(meaning.prerequisite, dark ? 0.16 : 0.12),
    unlock: css(meaning.unlock),
    unlockFill: over(meaning.unlock, dark ? 0.34 : 0.26),
    unlockFaint: over(meaning.unlock, dark ? 0.16 : 0.1),
    related: css(meaning.related),
    relatedFill: over(meaning.related, dark ? 0.3 : 0.16),
    applies: css(meaning.applies),
    appliesFill: over(meaning.applies, dark ? 0.26 : 0.12),
    known: css(meaning.known),
    knownFill: over(meaning.known, dark ? 0.45 : 0.36),
    shaky: css(meaning.shaky),
    shakyFill: over(meaning.shaky, dark ? 0.24 : 0.13),
    columns,
  };
}

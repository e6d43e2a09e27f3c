/** Fits a title into its box: the largest type that holds, broken at spaces, shortened only as a last resort. */

export interface Label {
  text: string;
  size: number;
}

export type Measure = (text: string, size: number) => number;

/** Titles mostly take two lines: the largest type is the one at which two fit, so that boxes look alike. */
const LARGEST = 17;
const SMALLEST = 11;
const LINE_HEIGHT = 1.15;
const PADDING_X = 5;
const PADDING_Y = 3;

export function measureWith(font: string): Measure {
  const pen = document.createElement("canvas").getContext("2d")!;
  return (text, size) => {
    pen.font = `600 ${size}px ${font}`;
    return pen.measureText(text).width;
  };
}

/** Break before a space or after a hyphen or slash, so that "Encoder-decoder" may wrap too. */
function wrap(title: string, width: number, size: number, measure: Measure): string[] {
  const words = title.match(/[^\s/-]+[/-]?|[/-]/g) ?? [title];
  const lines: string[] = [];
  let line = "";
  let end = 0;
  for (const word of words) {
    const start = title.indexOf(word, end);
    const joined = line + title.slice(end, start) + word;
    if (line && measure(joined, size) > width) {
      lines.push(line);
      line = word;
    } else {
      line = joined;
    }
    end = start + word.length;
  }
  return [...lines, line];
}

const fits = (lines: string[], size: number, width: number, height: number, measure: Measure) =>
  lines.length * size * LINE_HEIGHT <= height && lines.every((line) => measure(line, size) <= width);

function shorten(line: string, width: number, size: number, measure: Measure): string {
  let kept = line;
  while (kept.length > 1 && measure(`${kept}…`, size) > width) kept = kept.slice(0, -1).trimEnd();
  return `${kept}…`;
}

export function fitLabel(title: string, boxWidth: number, boxHeight: number, measure: Measure): Label {
  const width = boxWidth - 2 * PADDING_X;
  const height = boxHeight - 2 * PADDING_Y;
  const largest = Math.min(LARGEST, Math.max(SMALLEST, Math.floor(height / (2 * LINE_HEIGHT))));
  for (let size = largest; size >= SMALLEST; size--) {
    const lines = wrap(title, width, size, measure);
    if (fits(lines, size, width, height, measure)) return { text: lines.join("\n"), size };
  }
  const size = SMALLEST;
  const room = Math.max(1, Math.floor(height / (size * LINE_HEIGHT)));
  const lines = wrap(title, width, size, measure);
  const kept = lines.slice(0, room);
  if (lines.length > room) kept[room - 1] = lines.slice(room - 1).join(" ");
  return { text: kept.map((line) => (measure(line, size) <= width ? line : shorten(line, width, size, measure))).join("\n"), size };
}

/**
 * Colours that a canvas library takes: `rgb(…)` only, since Cytoscape drops `hsl(…)`, `oklch(…)` and
 * `#rrggbbaa` without a word.
 */
export type Rgb = readonly [number, number, number];

const probe = document.createElement("canvas");
probe.width = probe.height = 1;
const pen = probe.getContext("2d", { willReadFrequently: true })!;

/** Any CSS colour as sRGB, by letting the browser paint one pixel of it. */
export function parseColour(css: string, fallback: Rgb): Rgb {
  if (!css || !CSS.supports("color", css)) return fallback;
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = css;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return a ? [r!, g!, b!] : fallback;
}

export function mix(base: Rgb, tint: Rgb, share: number): Rgb {
  const blend = (i: 0 | 1 | 2) => Math.round(base[i] + (tint[i] - base[i]) * share);
  return [blend(0), blend(1), blend(2)];
}

export const css = ([r, g, b]: Rgb): string => `rgb(${r},${g},${b})`;

export const isDark = ([r, g, b]: Rgb): boolean => 0.2126 * r + 0.7152 * g + 0.0722 * b < 128;

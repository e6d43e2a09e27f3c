/** Small makers of elements. Text only ever by textContent. */

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className: string, text = ""): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  element.className = className;
  if (text) element.textContent = text;
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function drawing(viewBox: string, className: string, paths: { d: string; className?: string }[]): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  for (const { d, className: name } of paths) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    if (name) path.setAttribute("class", name);
    svg.append(path);
  }
  return svg;
}

export function iconButton(label: string, act: () => void, ...paths: string[]): HTMLButtonElement {
  const element = make("button", "pm-button");
  element.type = "button";
  element.title = label;
  element.setAttribute("aria-label", label);
  element.append(drawing("0 0 16 16", "pm-icon", paths.map((d) => ({ d }))));
  element.addEventListener("click", act);
  return element;
}

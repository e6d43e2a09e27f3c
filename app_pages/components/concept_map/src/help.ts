/** The list of keys, as a dialog of the browser's own: it keeps the focus in and gives it back. */

const KEYS: [string, string][] = [
  ["←", "go to something it needs"],
  ["→", "go to something it unlocks"],
  ["↑ ↓", "go along the column"],
  ["Enter", "open the concept; once more, its neighbourhood"],
  ["Escape", "close: the neighbourhood, then the panel"],
  ["+ − 0", "zoom in, zoom out, show all"],
  ["m", "put the keyboard on the map"],
  ["k s n", "mark it as known, shaky or new: the concept with the ring, or the one that is open"],
  ["/", "search"],
  ["Path to …", "the tab in the panel; then choose the other end: Enter on the map, or by name"],
  ["?", "show or close this help"],
];

function element<K extends keyof HTMLElementTagNameMap>(tag: K, text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

export class Help {
  private readonly dialog = document.createElement("dialog");

  constructor(parent: HTMLElement) {
    const title = element("h2", "Keys on the map");
    title.id = "pm-help-title";
    const close = element("button", "Close");
    close.type = "button";
    close.addEventListener("click", () => this.dialog.close());
    const list = element("dl");
    for (const [key, meaning] of KEYS) list.append(element("dt", key), element("dd", meaning));
    this.dialog.className = "pm-help";
    this.dialog.setAttribute("aria-labelledby", title.id);
    this.dialog.append(title, list, close);
    parent.append(this.dialog);
  }

  toggle(): void {
    if (this.dialog.open) this.dialog.close();
    else this.dialog.showModal();
  }

  remove(): void {
    this.dialog.remove();
  }
}

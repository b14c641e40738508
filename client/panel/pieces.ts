/** What the page is put together from. Text enters through `textContent` only. */
import type { PanelMessage } from './state.ts';

interface Kept {
  readonly open: readonly string[];
}
declare function acquireVsCodeApi(): { postMessage(message: PanelMessage): void; getState(): Kept | undefined; setState(state: Kept): void };

export const vscode = acquireVsCodeApi();
const SVG = 'http://www.w3.org/2000/svg';

const live = element('p', 'aside');
live.setAttribute('role', 'status');
document.body.append(live);

/** For screen readers; the same thing is said once. */
export function say(words: string): void {
  const plain = words.replaceAll('`', '');
  if (live.textContent !== plain) live.textContent = plain;
}

export function symbol(paths: readonly string[], name: string): SVGElement {
  const svg = shape('svg', { viewBox: '0 0 16 16', class: name, 'aria-hidden': 'true' });
  svg.append(...paths.map((d) => shape('path', { d })));
  return svg;
}

export function shape(tag: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const it = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) it.setAttribute(name, String(value));
  return it;
}

export function element(tag: string, name = ''): HTMLElement {
  const it = document.createElement(tag);
  if (name !== '') it.className = name;
  return it;
}

export function text(tag: string, name: string, content: string): HTMLElement {
  const it = element(tag, name);
  it.textContent = content;
  return it;
}

export function button(label: string, key: string, action: () => void): HTMLButtonElement {
  const it = document.createElement('button');
  it.type = 'button';
  it.textContent = label;
  it.dataset['key'] = key;
  it.addEventListener('click', action);
  return it;
}

/** Fills an element with text whose backticks mark code. */
export function prose(into: HTMLElement, content: string): HTMLElement {
  content.split(/`([^`]+)`/).forEach((part, index) => {
    if (part !== '') into.append(index % 2 === 1 ? text('code', '', part) : part);
  });
  return into;
}

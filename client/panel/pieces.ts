/** What the page is put together from. Text enters through `textContent` only. */
import type { PanelMessage } from './state.ts';

interface Kept {
  readonly open: readonly string[];
}
declare function acquireVsCodeApi(): { postMessage(message: PanelMessage): void; getState(): Kept | undefined; setState(state: Kept): void };

export const vscode = acquireVsCodeApi();
const SVG = 'http://www.w3.org/2000/svg';

const presses = new Map<string, () => void>();
document.addEventListener('click', ({ target }) => {
  const key = target instanceof Element ? target.closest('[data-key]')?.getAttribute('data-key') : undefined;
  if (typeof key === 'string') presses.get(key)?.();
});

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
  onPress(it, key, action);
  return it;
}

/** The action belongs to the key: what is on the page may be an earlier element of the same key. */
export function onPress(it: Element, key: string, action: () => void): void {
  it.setAttribute('data-key', key);
  presses.set(key, action);
}

/**
 * Makes what is shown equal to what is wanted, and leaves standing what is so already: while a review runs the page is
 * drawn several times a second, and a button must still be there when the press that began on it ends.
 */
export function update(shown: Element, wanted: Element): void {
  for (const name of shown.getAttributeNames()) if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  for (const { name, value } of wanted.attributes) if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  const before = [...shown.childNodes];
  const after = [...wanted.childNodes];
  for (const it of before.slice(after.length)) it.remove();
  for (const [index, it] of after.entries()) {
    const old = before[index];
    if (old === undefined) shown.append(it);
    else if (old instanceof Element && it instanceof Element && isSameThing(old, it)) update(old, it);
    else if (!old.isEqualNode(it)) old.replaceWith(it);
  }
}

function isSameThing(a: Element, b: Element): boolean {
  return a.tagName === b.tagName && a.getAttribute('data-key') === b.getAttribute('data-key');
}

/** Fills an element with text whose backticks mark code. */
export function prose(into: HTMLElement, content: string): HTMLElement {
  content.split(/`([^`]+)`/).forEach((part, index) => {
    if (part !== '') into.append(index % 2 === 1 ? text('code', '', part) : part);
  });
  return into;
}

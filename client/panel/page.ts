/**
 * The page of the summary view. Draws a `PanelState` and reports clicks; keeps what is opened and where the focus is
 * while it draws again. Text enters through `textContent` only.
 */
import type { Mark, PanelAction, PanelCategory, PanelCount, PanelLine, PanelMessage, PanelState, PanelVerdict, Scope } from './state.ts';

interface Kept {
  readonly open: readonly string[];
}
declare function acquireVsCodeApi(): { postMessage(message: PanelMessage): void; getState(): Kept | undefined; setState(state: Kept): void };

const SVG = 'http://www.w3.org/2000/svg';
const SHIELD = 'M8 1.2 13.5 3v4.6c0 3.4-2.3 5.9-5.5 7.2-3.2-1.3-5.5-3.8-5.5-7.2V3z';
/** Strokes on a 16 by 16 field. */
const SYMBOLS: Record<Mark | PanelVerdict | 'not-applicable', readonly string[]> = {
  clear: [SHIELD, 'M5.3 7.9 7.3 9.9 10.8 6'],
  review: [SHIELD, 'M8 4.6v4', 'M8 10.9v.2'],
  defects: [SHIELD, 'M6 5.8 10 9.8', 'M10 5.8 6 9.8'],
  'not-applicable': ['M4 8h8'],
  error: ['M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z', 'M5.8 5.8l4.4 4.4', 'M10.2 5.8 5.8 10.2'],
  warning: ['M8 2.2 14.3 13.4H1.7z', 'M8 6.4v3.4', 'M8 11.6v.1'],
  note: ['M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z', 'M8 7.4v3.8', 'M8 4.9v.1'],
  open: ['M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z', 'M6.2 6.3a1.8 1.8 0 1 1 2.6 1.6c-.6.3-.8.7-.8 1.3', 'M8 11.3v.1'],
  pass: ['M3 8.4 6.4 11.8 13 4.6'],
  suppressed: ['M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z', 'M3.7 3.7l8.6 8.6'],
};
/** A line that a person must decide looks like an eye. */
const EYE = ['M1.3 8C2.8 5.2 5.2 3.8 8 3.8s5.2 1.4 6.7 4.2C13.2 10.8 10.8 12.2 8 12.2S2.8 10.8 1.3 8z', 'M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4z'];

const VERDICT_WORDS: Record<PanelVerdict, string> = { clear: 'Clear', review: 'Review', defects: 'Defects' };
const CATEGORY_WORDS: Record<PanelVerdict | 'not-applicable', string> = {
  clear: 'Clear',
  review: 'Review',
  defects: 'Defects',
  'not-applicable': 'Nothing to judge',
};
const SCOPE_WORDS: Record<Scope, string> = { file: 'This file', workspace: 'Workspace' };
const ACTION_WORDS: Record<PanelAction, string> = {
  review: 'Review again',
  reviewWorkspace: 'Review workspace',
  cancel: 'Stop',
  report: 'Open report',
  restart: 'Restart Attest',
};

const vscode = acquireVsCodeApi();
const root = document.querySelector('main') ?? document.body;
const live = element('p', 'aside');
live.setAttribute('role', 'status');
document.body.append(live);
let drawn = '';

window.addEventListener('message', ({ data }: MessageEvent<PanelState>) => {
  const text = JSON.stringify(data);
  if (text === drawn) return;
  drawn = text;
  draw(data);
});
vscode.postMessage({ type: 'ready' });

function draw(state: PanelState): void {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset['key'] : undefined;
  const scroll = document.scrollingElement?.scrollTop ?? 0;
  const hasVerdict = state.verdict !== undefined;
  root.className = state.scope;
  root.replaceChildren(header(state), ...(hasVerdict ? [cards(state), element('footer', 'controls')] : []));
  // With a verdict it is the verdict that matters; what can be done next stands below it.
  root.querySelector(hasVerdict ? 'footer' : 'header .controls')?.append(...actions(state));
  for (const it of root.querySelectorAll<HTMLElement>('[data-key]'))
    if (it.dataset['key'] === focused && focused !== undefined) it.focus({ preventScroll: true });
  if (document.scrollingElement !== null) document.scrollingElement.scrollTop = scroll;
  const said = state.verdict === undefined ? state.conclusion : `${VERDICT_WORDS[state.verdict]}. ${state.conclusion}`;
  if (live.textContent !== said) live.textContent = said;
}

// ---------------------------------------------------------------------------------------------- header

function header(state: PanelState): HTMLElement {
  const box = element('header', `verdict ${state.verdict ?? 'none'}`);
  const words = element('div', 'words');
  const details = element('div', 'details');
  if (state.verdict !== undefined) box.append(symbol(SYMBOLS[state.verdict], 'emblem'));
  const title = element('h1');
  title.textContent = state.verdict === undefined ? state.subject : VERDICT_WORDS[state.verdict];
  const conclusion = prose(element('p', 'conclusion'), state.conclusion);
  words.append(title, conclusion);
  if (state.verdict !== undefined) {
    const subject = element('p', 'subject');
    subject.append(text('span', 'path', state.subject), text('span', 'about', state.about));
    details.append(subject);
  }
  if (state.counts.length > 0) details.append(counts(state.counts));
  for (const it of state.notes) details.append(prose(element('p', 'remark'), it));
  if (state.busy !== undefined) details.append(text('p', 'busy', `Reviewing ${state.busy}`));
  box.append(words, scopes(state), details);
  return box;
}

function counts(all: readonly PanelCount[]): HTMLElement {
  const list = element('ul', 'counts');
  for (const { mark, count, word } of all) {
    const item = element('li', mark);
    item.append(symbol(symbolOf(mark), 'mark'), text('span', '', `${count} ${word}`));
    list.append(item);
  }
  return list;
}

function scopes(state: PanelState): HTMLElement {
  const box = element('div', 'controls');
  if (state.busy !== undefined) box.append(actionButton('cancel', 'Stop'));
  if (state.scopes.length < 2) return box;
  const group = element('div', 'scopes');
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', 'What is shown');
  for (const scope of state.scopes) {
    const it = button(SCOPE_WORDS[scope], `scope.${scope}`, () => vscode.postMessage({ type: 'scope', scope }));
    it.setAttribute('aria-pressed', String(scope === state.scope));
    group.append(it);
  }
  box.append(group);
  return box;
}

function actions(state: PanelState): HTMLElement[] {
  const all = state.actions.filter((it) => it !== 'cancel');
  return all.map((action, index) => {
    const it = actionButton(action, action === 'review' && state.verdict === undefined ? 'Review this file' : ACTION_WORDS[action]);
    if (state.verdict === undefined && index === 0) it.classList.add('first');
    return it;
  });
}

function actionButton(action: PanelAction, label: string): HTMLElement {
  const it = button(label, `action.${action}`, () => vscode.postMessage({ type: 'action', action }));
  it.className = 'action';
  return it;
}

// ----------------------------------------------------------------------------------------------- cards

function cards(state: PanelState): HTMLElement {
  const grid = element('div', 'cards');
  grid.append(...state.categories.map((it, index) => card(it, index + 1)));
  return grid;
}

function card(category: PanelCategory, number: number): HTMLElement {
  const box = element('section', `card ${category.verdict}`);
  const title = element('h2');
  title.id = `title-${category.id}`;
  title.title = category.question;
  title.append(text('span', 'number', `${number}`), text('span', '', category.title));
  box.setAttribute('aria-labelledby', title.id);
  const badge = element('p', 'badge');
  badge.append(symbol(SYMBOLS[category.verdict], 'mark'), text('span', '', CATEGORY_WORDS[category.verdict]));
  const head = element('div', 'head');
  head.append(title, badge);
  box.append(head);
  if (category.summary !== '') box.append(prose(element('p', 'summary'), category.summary));
  if (category.concerns.length > 0) box.append(lines(category.concerns));
  if (category.evidence.length > 0) box.append(evidence(category));
  if (category.more > 0) box.append(text('p', 'more', `${category.more} more in the tree of findings`));
  return box;
}

function evidence(category: PanelCategory): HTMLElement {
  const box = document.createElement('details');
  const summary = document.createElement('summary');
  const kinds = [
    ['Evidence', category.evidence.filter((it) => it.mark === 'pass').length],
    ['Notes', category.evidence.filter((it) => it.mark === 'note').length],
    ['Suppressed', category.evidence.filter((it) => it.mark === 'suppressed').length],
  ] as const;
  const words = kinds.filter(([, count]) => count > 0).map(([word, count]) => `${word} (${count})`);
  summary.textContent = words.join(' · ');
  summary.dataset['key'] = `evidence.${category.id}`;
  box.append(summary, lines(category.evidence));
  box.open = kept().has(category.id);
  box.addEventListener('toggle', () => {
    const open = kept();
    if (box.open) open.add(category.id);
    else open.delete(category.id);
    vscode.setState({ open: [...open] });
  });
  return box;
}

function kept(): Set<string> {
  return new Set(vscode.getState()?.open ?? []);
}

function lines(all: readonly PanelLine[]): HTMLElement {
  const list = element('ul', 'lines');
  for (const it of all) {
    const item = element('li');
    const open = button('', it.key, () => vscode.postMessage({ type: 'open', key: it.key }));
    open.className = `line ${it.mark}`;
    open.append(
      symbol(symbolOf(it.mark), 'mark'),
      text('span', 'aside', `${it.word}: `),
      prose(element('span', 'message'), it.message),
      text('span', 'where', it.where),
    );
    item.append(open);
    list.append(item);
  }
  return list;
}

// ---------------------------------------------------------------------------------------------- pieces

function symbolOf(mark: Mark): readonly string[] {
  return mark === 'review' ? EYE : SYMBOLS[mark];
}

function symbol(paths: readonly string[], name: string): SVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 16 16');
  svg.setAttribute('class', name);
  svg.setAttribute('aria-hidden', 'true');
  for (const it of paths) {
    const path = document.createElementNS(SVG, 'path');
    path.setAttribute('d', it);
    svg.append(path);
  }
  return svg;
}

function element(tag: string, name = ''): HTMLElement {
  const it = document.createElement(tag);
  if (name !== '') it.className = name;
  return it;
}

function text(tag: string, name: string, content: string): HTMLElement {
  const it = element(tag, name);
  it.textContent = content;
  return it;
}

function button(label: string, key: string, action: () => void): HTMLButtonElement {
  const it = document.createElement('button');
  it.type = 'button';
  it.textContent = label;
  it.dataset['key'] = key;
  it.addEventListener('click', action);
  return it;
}

/** Fills an element with text whose backticks mark code. */
function prose(into: HTMLElement, content: string): HTMLElement {
  content.split(/`([^`]+)`/).forEach((part, index) => {
    if (part !== '') into.append(index % 2 === 1 ? text('code', '', part) : part);
  });
  return into;
}

/**
 * The page of the summary view. Draws a `PanelState` and reports clicks; keeps what is opened and where the focus is
 * while it draws again. Text enters through `textContent` only.
 */
import { filePicture, workspacePicture } from './pictures.ts';
import { button, element, prose, say, symbol, text, update, vscode } from './pieces.ts';
import type { PanelAction, PanelCategory, PanelCount, PanelLine, PanelState } from './state.ts';
import { EYE, SYMBOLS } from './symbols.ts';

const root = document.querySelector('main') ?? document.body;
let drawn = '';

window.addEventListener('message', ({ data }: MessageEvent<PanelState>) => {
  const told = JSON.stringify(data);
  if (told === drawn) return;
  drawn = told;
  draw(data);
});
// What is unfolded stays so, also when the view was hidden meanwhile.
root.addEventListener(
  'toggle',
  ({ target: box }) => {
    if (!(box instanceof HTMLDetailsElement)) return;
    const open = kept();
    if (box.open) open.add(box.dataset['key'] ?? '');
    else open.delete(box.dataset['key'] ?? '');
    vscode.setState({ open: [...open] });
  },
  true,
);
vscode.postMessage({ type: 'ready' });

function draw(state: PanelState): void {
  const focused = document.activeElement instanceof Element ? document.activeElement.getAttribute('data-key') : null;
  const hasVerdict = state.verdict !== undefined;
  const page = element('main', state.scope);
  page.append(header(state), ...(hasVerdict ? [cards(state), element('footer', 'controls')] : []));
  // With a verdict it is the verdict that matters; what can be done next stands below it.
  page.querySelector(hasVerdict ? 'footer' : 'header .words')?.append(...actions(state));
  update(root, page);
  if (focused !== null && document.activeElement?.getAttribute('data-key') !== focused)
    for (const it of root.querySelectorAll<HTMLElement>('[data-key]')) if (it.dataset['key'] === focused) it.focus({ preventScroll: true });
  say(state.verdict === undefined ? `${state.subject}. ${state.conclusion}` : `${state.verdictWord}. ${state.conclusion}`);
}

// ---------------------------------------------------------------------------------------------- header

function header(state: PanelState): HTMLElement {
  const box = element('header', `verdict ${state.verdict ?? 'none'}`);
  const words = element('div', 'words');
  const top = element('div', 'top');
  top.append(text('h1', '', state.verdict === undefined ? state.subject : state.verdictWord));
  const side = scopes(state);
  if (side.childElementCount > 0) top.append(side);
  words.append(top, prose(element('p', 'conclusion'), state.conclusion));
  if (state.verdict !== undefined) {
    const subject = element('p', 'subject');
    subject.append(text('span', 'path', state.subject), text('span', 'about', state.about));
    words.append(subject);
  }
  for (const it of state.notes) words.append(prose(element('p', 'remark'), it));
  if (state.busy !== undefined) words.append(busy(state.busy));
  if (state.verdict !== undefined) box.append(symbol(SYMBOLS[state.verdict], 'emblem'));
  box.append(words);
  if (state.counts.length > 0) box.append(counts(state.counts, state.words.counts));
  if (state.picture?.kind === 'file') box.append(filePicture(state.picture, state.words.picture));
  if (state.picture?.kind === 'workspace') box.append(workspacePicture(state.picture, state.words.picture));
  return box;
}

function busy({ text: at, percent }: NonNullable<PanelState['busy']>): HTMLElement {
  const box = element('div', 'busy');
  const bar = document.createElement('progress');
  bar.max = 100;
  if (percent !== undefined) bar.value = percent;
  bar.setAttribute('aria-label', at);
  box.append(bar, text('span', '', at));
  return box;
}

function counts(all: readonly PanelCount[], label: string): HTMLElement {
  const list = element('ul', 'counts');
  list.setAttribute('aria-label', label);
  for (const { kind, mark, label: words, only } of all) {
    const it = button('', `count.${kind}`, () => vscode.postMessage({ type: 'kind', kind }));
    it.className = `count ${mark}`;
    it.setAttribute('aria-pressed', String(only));
    it.append(symbol(mark === 'review' ? EYE : SYMBOLS[mark], 'mark'), text('span', '', words));
    const item = element('li');
    item.append(it);
    list.append(item);
  }
  return list;
}

function scopes(state: PanelState): HTMLElement {
  const box = element('div', 'controls');
  if (state.busy !== undefined) box.append(actionButton('cancel', state.words.stop));
  if (state.scopes.length < 2) return box;
  const group = element('div', 'scopes');
  group.setAttribute('role', 'group');
  group.setAttribute('aria-label', state.words.scopes);
  for (const { scope, label } of state.scopes) {
    const it = button(label, `scope.${scope}`, () => vscode.postMessage({ type: 'scope', scope }));
    it.setAttribute('aria-pressed', String(scope === state.scope));
    group.append(it);
  }
  box.append(group);
  return box;
}

function actions(state: PanelState): HTMLElement[] {
  const box = element('div', 'controls');
  for (const { action, label } of state.actions) {
    if (action === 'cancel') continue;
    const it = actionButton(action, label);
    if (state.verdict === undefined && box.childElementCount === 0) it.classList.add('first');
    box.append(it);
  }
  return box.childElementCount === 0 ? [] : [box];
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
  badge.append(symbol(SYMBOLS[category.verdict], 'mark'), text('span', '', category.verdictWord));
  const head = element('div', 'head');
  head.append(title, badge);
  box.append(head);
  if (category.summary !== '') box.append(prose(element('p', 'summary'), category.summary));
  if (category.concerns.length > 0) box.append(lines(category.concerns));
  box.append(...category.folds.map(fold));
  return box;
}

function fold({ id, label, lines: all }: PanelCategory['folds'][number]): HTMLElement {
  const box = document.createElement('details');
  const summary = document.createElement('summary');
  summary.textContent = label;
  summary.dataset['key'] = `fold.${id}`;
  box.dataset['key'] = id;
  box.append(summary, lines(all));
  box.open = kept().has(id);
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
      symbol(it.mark === 'review' ? EYE : SYMBOLS[it.mark], 'mark'),
      text('span', 'aside', `${it.word}: `),
      prose(element('span', 'message'), it.message),
      text('span', 'where', it.where),
    );
    item.append(open);
    list.append(item);
  }
  return list;
}

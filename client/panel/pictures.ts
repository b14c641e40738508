/**
 * The two pictures: a file as seven lanes, its first line at the left, and a workspace as folders by categories. A
 * press leads to the code, or narrows what is shown. What a picture shows can be had without seeing it: a lane is an
 * image with its words, the map is a table of buttons.
 */
import { button, element, onPress, shape, symbol, text, vscode } from './pieces.ts';
import type { FilePicture, WorkspacePicture } from './state.ts';
import { SYMBOLS } from './symbols.ts';

/** In units of the lane's drawing; it is stretched to the width there is. */
const WIDTH = 1000;
const LEAST = 5;

export function filePicture({ lines, lanes }: FilePicture, label: string): HTMLElement {
  const list = element('ol', 'lanes');
  list.setAttribute('aria-label', label);
  for (const { title, short, verdict, said, marks } of lanes) {
    const item = element('li', `lane ${verdict}`);
    item.title = title;
    const svg = shape('svg', { viewBox: `0 0 ${WIDTH} 12`, preserveAspectRatio: 'none', role: 'img', 'aria-label': said, class: 'track' });
    svg.append(shape('rect', { x: 0, y: 0, width: WIDTH, height: 12, class: 'ground' }));
    const at = (line: number) => (WIDTH * (line - 1)) / Math.max(1, lines);
    for (const { key, mark, line, endLine, tip } of marks) {
      const isLoud = mark === 'error' || mark === 'warning' || mark === 'review';
      const width = Math.max(isLoud ? LEAST + 2 : LEAST, at(Math.min(endLine + 1, line + lines / 40)) - at(line));
      const spot = shape('rect', { x: Math.min(at(line), WIDTH - width), y: isLoud ? 0 : 3, width, height: isLoud ? 12 : 6, class: `spot ${mark}` });
      const title = shape('title', {});
      title.textContent = tip;
      spot.append(title);
      onPress(spot, key, () => vscode.postMessage({ type: 'open', key }));
      svg.append(spot);
    }
    const name = text('span', 'short', short);
    name.setAttribute('aria-hidden', 'true');
    item.append(name, svg, symbol(SYMBOLS[verdict], 'mark'));
    list.append(item);
  }
  return list;
}

export function workspacePicture({ head, columns, rows, more }: WorkspacePicture, label: string): HTMLElement {
  const box = element('div', 'map');
  const table = element('table');
  table.setAttribute('aria-label', label);
  const titles = element('tr');
  titles.append(headOf('col', head), ...columns.map(({ short, title }) => headOf('col', short, title)));
  const top = element('thead');
  top.append(titles);
  const body = element('tbody');
  for (const { folder, label: name, about, only, cells } of rows) {
    const row = element('tr');
    const title = headOf('row', '');
    const all = button('', `row.${folder}`, () => vscode.postMessage({ type: 'cell', folder, category: '' }));
    all.setAttribute('aria-pressed', String(only));
    const path = element('span', 'path');
    // A long one breaks between its folders.
    path.append(...name.split(/(?<=\/)/).flatMap((it) => [it, element('wbr')]));
    all.append(path, text('span', 'about', about));
    title.append(all);
    row.append(title, ...cells.map((it) => cellOf(folder, it)));
    body.append(row);
  }
  table.append(top, body);
  box.append(table);
  if (more !== '') box.append(text('p', 'more', more));
  return box;
}

function headOf(scope: 'col' | 'row', words: string, tip = ''): HTMLElement {
  const it = text('th', '', words);
  it.setAttribute('scope', scope);
  if (tip !== '') it.title = tip;
  return it;
}

function cellOf(folder: string, { category, verdict, count, said, only }: WorkspacePicture['rows'][number]['cells'][number]): HTMLElement {
  const cell = element('td', verdict);
  if (verdict === 'not-applicable') {
    cell.append(text('span', 'aside', said));
    return cell;
  }
  const it = button('', `cell.${folder}.${category}`, () => vscode.postMessage({ type: 'cell', folder, category }));
  it.className = 'cell';
  it.title = said;
  it.setAttribute('aria-label', said);
  it.setAttribute('aria-pressed', String(only));
  it.append(symbol(SYMBOLS[verdict], 'mark'), text('span', '', count === 0 ? '' : count < 1000 ? `${count}` : `${Math.floor(count / 1000)}k+`));
  cell.append(it);
  return cell;
}

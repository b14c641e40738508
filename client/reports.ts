/** What leaves the editor: reports to a file, the effective configuration, a baseline, a false alarm to be reported. */
import * as vscode from 'vscode';
import type { ExportFormat } from '../server/protocol.ts';
import type { Server } from './connection.ts';
import type { FindingItem } from './findings.ts';
import type { Reviews } from './reviews.ts';
import { counted } from './words.ts';

const { t } = vscode.l10n;
const ENDINGS: Readonly<Record<ExportFormat, string>> = { markdown: 'md', html: 'html', sarif: 'sarif', json: 'json' };
const AROUND = 2;

interface FormatItem extends vscode.QuickPickItem {
  readonly format: ExportFormat;
}

export class Reports {
  readonly #connected: () => Promise<Server>;
  readonly #reviews: Reviews;
  readonly #version: string;

  constructor(connected: () => Promise<Server>, reviews: Reviews, version: string) {
    this.#connected = connected;
    this.#reviews = reviews;
    this.#version = version;
  }

  /** All reviews that there are, in a format and to a file that are asked for where they are not given. */
  async exportTo(format?: ExportFormat, target?: vscode.Uri): Promise<void> {
    const uris = this.#reviews.all().map((it) => it.uri);
    if (uris.length === 0) return void vscode.window.setStatusBarMessage(t('Attest: there is no review yet'), 5000);
    const chosen = format !== undefined && format in ENDINGS ? format : await askForFormat(uris.length);
    if (chosen === undefined) return;
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `attest-report.${ENDINGS[chosen]}`;
    const options: vscode.SaveDialogOptions = {
      title: t('Export Report'),
      filters: { [chosen.toUpperCase()]: [ENDINGS[chosen]] },
      ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    };
    const file = target ?? (await vscode.window.showSaveDialog(options));
    if (file === undefined) return;
    const server = await this.#connected();
    const progress = { location: vscode.ProgressLocation.Window, title: t('Attest writes the report') };
    const { text } = await vscode.window.withProgress(progress, () => server.request('attest/export', { uris, format: chosen }));
    await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(text));
    if (target === undefined) await vscode.commands.executeCommand(chosen === 'markdown' ? 'markdown.showPreview' : 'vscode.open', file);
  }

  /** Of the active file. */
  async showConfiguration(): Promise<void> {
    const uri = vscode.window.activeTextEditor?.document.uri ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    if (uri === undefined) return void vscode.window.setStatusBarMessage(t('Attest: open a Python test first'), 5000);
    const { text } = await (await this.#connected()).request('attest/configuration', { uri: uri.toString() });
    const settings = vscode.workspace.getConfiguration('attest', uri);
    const own = OWN.flatMap((key) => {
      const { globalValue, workspaceValue, workspaceFolderValue } = settings.inspect(key) ?? {};
      const from = workspaceFolderValue !== undefined ? t('folder settings') : workspaceValue !== undefined ? t('workspace settings') : t('user settings');
      const value = workspaceFolderValue ?? workspaceValue ?? globalValue;
      return value === undefined ? [] : [`attest.${key} = ${JSON.stringify(value)}  # ${from}`];
    });
    const content = `${text}\n# ${t('Settings of the editor that differ from their defaults')}\n${own.length === 0 ? `# ${t('none')}` : own.join('\n')}\n`;
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: 'toml' }));
  }

  /** Writes what all reviews found into the baseline of each root. */
  async createBaseline(): Promise<void> {
    const files = await (await this.#connected()).request('attest/baseline', { uris: this.#reviews.all().map((it) => it.uri) });
    for (const { uri, text } of files) await vscode.workspace.fs.writeFile(vscode.Uri.parse(uri), new TextEncoder().encode(text));
    const known = files.reduce((sum, it) => sum + it.findings, 0);
    vscode.window.setStatusBarMessage(t('Attest: {0} in the baseline', counted(known, t('finding'), t('findings'))), 8000);
  }

  /** A page to copy from, in which no text of the code is left: its strings, numbers and comments are masked. */
  async reportFalseAlarm({ file, finding }: FindingItem): Promise<void> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(file.uri));
    const from = Math.max(0, finding.line - 1 - AROUND);
    const to = Math.min(document.lineCount, finding.endLine + AROUND);
    const lines = document.getText(new vscode.Range(from, 0, to, 0)).split(/\r\n|\r|\n/);
    const content = `# ${t('A false alarm of Attest?')}

${t('Nothing was sent. Check what stands here, say why it is a false alarm, and paste it into a new issue at {0}.', 'https://github.com/attest-review/attest/issues')}

- Attest ${this.#version}, VS Code ${vscode.version}
- \`${finding.rule}\`, ${finding.kind}, ${finding.confidence}

\`\`\`python
${masked(lines.join('\n'))}
\`\`\`

${t('Why it is a false alarm:')}
`;
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content, language: 'markdown' }));
  }
}

const OWN = [
  'enable',
  'run',
  'debounceMs',
  'files.include',
  'files.exclude',
  'maxFileSizeKb',
  'rules.disabled',
  'severityOverrides',
  'minConfidence',
  'configurationPreference',
  'hover.detail',
];

async function askForFormat(files: number): Promise<ExportFormat | undefined> {
  const items: FormatItem[] = [
    { format: 'html', label: 'HTML', description: t('one page to send to somebody, without scripts') },
    { format: 'markdown', label: 'Markdown', description: t('for a pull request or a wiki') },
    { format: 'sarif', label: 'SARIF', description: t('for code-scanning sites') },
    { format: 'json', label: 'JSON', description: t('for programs') },
  ];
  const chosen = await vscode.window.showQuickPick(items, {
    title: t('Export Report'),
    placeHolder: t('{0} will be in it', counted(files, t('file'), t('files'))),
  });
  return chosen?.format;
}

const STRING = /("""|''')[\s\S]*?(?:\1|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?/g;

/** Python in which the texts of strings, long numbers and comments are gone. */
function masked(code: string): string {
  return code
    .replace(STRING, (it, long: string | undefined) => (long === undefined ? `${it[0]}…${it[0]}` : `${long}…${long}`))
    .replace(/#.*/g, '# …')
    .replace(/\d{3,}/g, (it) => '0'.repeat(it.length));
}

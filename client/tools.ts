/**
 * Tools for language models, where VS Code has them: the same review, as data. They read; nothing is run or changed.
 */
import * as vscode from 'vscode';
import type { ReviewedFile } from '../server/protocol.ts';
import type { Server } from './connection.ts';
import { countedAs } from './filter.ts';
import { type Reviews, uriIn } from './reviews.ts';

/** What is needed of an API that the oldest supported VS Code does not have. */
interface Models {
  registerTool?(name: string, tool: { invoke(options: { readonly input: unknown }, token: vscode.CancellationToken): Promise<unknown> }): vscode.Disposable;
}
interface Newer {
  readonly lm?: Models;
  readonly LanguageModelToolResult?: new (parts: readonly unknown[]) => unknown;
  readonly LanguageModelTextPart?: new (text: string) => unknown;
}

export interface ToolActions {
  connected(): Promise<Server>;
  reviewFolders(folder: vscode.Uri | undefined): Promise<void>;
  isFolder(uri: vscode.Uri): Promise<boolean>;
}

/** In one answer. */
const MOST = 200;

export function registerTools(reviews: Reviews, actions: ToolActions): vscode.Disposable {
  const { lm, LanguageModelToolResult: Result, LanguageModelTextPart: Text } = vscode as unknown as Newer;
  if (lm?.registerTool === undefined || Result === undefined || Text === undefined) return vscode.Disposable.from();
  const answer = (value: unknown) => new Result([new Text(typeof value === 'string' ? value : JSON.stringify(value, null, 2))]);

  return vscode.Disposable.from(
    lm.registerTool('review_python_tests', {
      async invoke({ input }) {
        const target = targetOf(input);
        if (target !== undefined && !(await actions.isFolder(target))) {
          const server = await actions.connected();
          const reviewed = await server.request('attest/review', { uri: target.toString() });
          if (reviewed === null)
            return answer({
              verdict: null,
              reason: 'The file is not test code, cannot be read, its review is turned off, or the configuration has a mistake.',
            });
          reviews.put([reviewed]);
          return answer(verdictOf([reviewed]));
        }
        await actions.reviewFolders(target);
        return answer(verdictOf(within(reviews, target)));
      },
    }),
    lm.registerTool('get_security_findings', {
      async invoke({ input }) {
        const wanted = recordOf(input);
        const files = within(reviews, targetOf(input));
        const found = files.flatMap((file) =>
          file.snapshot.categories
            .filter((it) => wanted['category'] === undefined || it.id === wanted['category'])
            .flatMap((category) => category.findings.map((finding) => ({ file, category, finding })))
            .filter(({ finding }) => (wanted['kind'] === undefined ? finding.kind !== 'pass' : countedAs(finding) === wanted['kind'])),
        );
        const shown = found.slice(0, MOST).map(({ file, category, finding }) => ({
          path: pathOf(file),
          line: finding.line,
          column: finding.column,
          category: category.id,
          rule: finding.rule,
          kind: countedAs(finding),
          level: finding.level,
          confidence: finding.confidence,
          message: finding.message,
          trail: finding.trail.map((it) => ({ path: uriIn(file, it.path).fsPath, line: it.line, note: it.note })),
        }));
        return answer({ files: files.length, findings: shown, leftOut: found.length - shown.length });
      },
    }),
    lm.registerTool('explain_security_rule', {
      async invoke({ input }) {
        const rule = String(recordOf(input)['rule'] ?? '');
        const page = await (await actions.connected()).request('attest/explain', { rule });
        return answer(page?.markdown ?? `There is no rule ${JSON.stringify(rule.slice(0, 80))}.`);
      },
    }),
  );
}

function verdictOf(files: readonly ReviewedFile[]) {
  const worst = ['defects', 'review', 'not-reviewed', 'clear'].find((verdict) => files.some((it) => it.snapshot.verdict === verdict)) ?? null;
  return {
    verdict: worst,
    files: files.slice(0, MOST).map((it) => ({
      path: pathOf(it),
      verdict: it.snapshot.verdict,
      conclusion: it.snapshot.conclusion,
      counts: it.snapshot.counts,
      categories: Object.fromEntries(it.snapshot.categories.map((category) => [category.id, category.verdict])),
    })),
    leftOut: Math.max(0, files.length - MOST),
  };
}

function within(reviews: Reviews, target: vscode.Uri | undefined): ReviewedFile[] {
  if (target === undefined) return reviews.all();
  const start = target.toString().replace(/\/$/, '');
  return reviews.all().filter((it) => {
    const uri = vscode.Uri.parse(it.uri).toString();
    return uri === start || uri.startsWith(`${start}/`);
  });
}

/** The file or folder that `path` names: absolute, or below the first folder of the workspace. */
function targetOf(input: unknown): vscode.Uri | undefined {
  const path = recordOf(input)['path'];
  if (typeof path !== 'string' || path === '' || path === '.') return undefined;
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(path)) return folder === undefined ? vscode.Uri.file(path) : folder.with({ path: vscode.Uri.file(path).path });
  return folder === undefined ? undefined : vscode.Uri.joinPath(folder, path);
}

function pathOf(file: ReviewedFile): string {
  return vscode.Uri.parse(file.uri).fsPath;
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/**
 * What was not understood: settings of the editor, and the files in which a repository says something of its own
 * reviews. A mistake in a file is shown in that file, in any editor and whether or not somebody opened it; all of them
 * are said once in words.
 */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { Rule } from '../rules/rule.ts';
import { CONFIGURATION_FILES, type ConfigurationFile, type ConfigurationProblem, configurationOf } from './configuration.ts';
import { type Documents, spelled } from './documents.ts';
import type { Host } from './host.ts';
import { stopped } from './review/prose.ts';
import { uriIn } from './reviewer.ts';
import type { Speaker } from './speaker.ts';
import { SOURCE } from './views/diagnostics.ts';

export interface MistakesOptions {
  readonly host: Host;
  readonly rules: readonly Rule[];
  readonly documents: Documents;
  readonly speaker: Speaker;
  /** Does the editor ask for the diagnostics of an open document itself? */
  pulls(): boolean;
}

export class Mistakes {
  readonly #options: MistakesOptions;
  #inSettings: readonly string[] = [];
  /** In the files of a root, as they are on the disk. */
  readonly #inRoots = new Map<string, readonly ConfigurationProblem[]>();
  /** Closed files for which diagnostics were sent, and their roots; by their spelled URI. */
  readonly #sent = new Map<string, { readonly uri: string; readonly root: string }>();
  #said = '';

  constructor(options: MistakesOptions) {
    this.#options = options;
  }

  inSettings(found: readonly string[]): void {
    this.#inSettings = found;
    this.#say();
  }

  inRoot(root: string, found: readonly ConfigurationProblem[]): void {
    this.#inRoots.set(root, found);
    this.#say();
    const sent = [...this.#sent.values()].flatMap((it) => (it.root === root ? [it.uri] : []));
    for (const uri of new Set([...sent, ...found.map((it) => uriIn(root, it.file))])) if (this.#options.documents.get(uri) === undefined) this.#sendKnown(uri);
  }

  /** Of an open configuration file, as it is typed. */
  async diagnosticsIn(uri: string, file: ConfigurationFile): Promise<Diagnostic[]> {
    const { documents, host, rules } = this.#options;
    const root = uri.slice(0, uri.lastIndexOf('/'));
    const texts: Partial<Record<ConfigurationFile, string>> = {};
    for (const it of CONFIGURATION_FILES) {
      const text = documents.get(uriIn(root, it))?.text.toString() ?? (await host.read(root, it));
      if (text !== undefined) texts[it] = text;
    }
    return configurationOf(texts, rules).problems.flatMap((it) => (it.file === file ? [diagnosticOf(it)] : []));
  }

  /** A configuration file was opened or changed in the editor. */
  async shown(uri: string, file: ConfigurationFile): Promise<void> {
    const { documents, speaker, pulls } = this.#options;
    const sent = this.#sent.get(spelled(uri));
    this.#sent.delete(spelled(uri));
    if (pulls()) {
      if (sent !== undefined) await speaker.publish(sent.uri, []);
      return;
    }
    const document = documents.get(uri);
    const found = await this.diagnosticsIn(uri, file);
    if (documents.get(uri) === document) await speaker.publish(uri, found, document?.version);
  }

  /** A configuration file was closed: what counts is the disk's. */
  closed(uri: string): void {
    this.#sendKnown(uri);
  }

  #sendKnown(uri: string): void {
    const found = [...this.#inRoots].flatMap(([root, problems]) =>
      problems.flatMap((it) => (spelled(uriIn(root, it.file)) === spelled(uri) ? [{ root, diagnostic: diagnosticOf(it) }] : [])),
    );
    const [first] = found;
    if (first === undefined) this.#sent.delete(spelled(uri));
    else this.#sent.set(spelled(uri), { uri, root: first.root });
    void this.#options.speaker.publish(
      uri,
      found.map((it) => it.diagnostic),
    );
  }

  #say(): void {
    const inRoots = [...this.#inRoots.values()].flat().map((it) => `${it.file}:${it.line}: ${stopped(it.message)}`);
    const all = [...this.#inSettings, ...inRoots];
    const message = [...all, ...(inRoots.length > 0 ? ['Until that is mended, nothing there is reviewed.'] : [])].join(' ');
    if (message === this.#said) return;
    this.#said = message;
    for (const it of all) this.#options.speaker.log(it);
    this.#options.speaker.status({ state: all.length === 0 ? 'ready' : 'problem', message });
  }
}

/** An error, since nothing is reviewed under a misread configuration. */
function diagnosticOf({ line, column, endLine, endColumn, message }: ConfigurationProblem): Diagnostic {
  return {
    range: { start: { line: line - 1, character: column - 1 }, end: { line: endLine - 1, character: endColumn - 1 } },
    severity: DiagnosticSeverity.Error,
    source: SOURCE,
    message,
  };
}

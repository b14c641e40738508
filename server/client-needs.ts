/**
 * What the client can do and wants, read once from its first message.
 */
import type { InitializeParams } from 'vscode-languageserver';
import type { InitializationOptions } from './protocol.ts';
import type { Encoding } from './views/positions.ts';

export interface ClientNeeds {
  readonly encoding: Encoding;
  /** Asks for diagnostics itself; else they are sent to it. */
  readonly pulls: boolean;
  readonly refreshes: boolean;
  readonly related: boolean;
  readonly markdown: boolean;
  readonly documentChanges: boolean;
  readonly snippets: boolean;
  /** Asks for the edit of the one action that is chosen. */
  readonly resolvesActions: boolean;
  /** Can be asked for settings, by file. */
  readonly configuration: boolean;
  readonly tellsConfiguration: boolean;
  readonly watches: boolean;
  readonly folderChanges: boolean;
  /** Attest's own extension: has commands, panel and tree. */
  readonly own: boolean;
  readonly storage: string | undefined;
  readonly settings: unknown;
  /** Without `/` at their ends. */
  readonly folders: readonly string[];
}

export function needsOf(params: InitializeParams): ClientNeeds {
  const { capabilities, workspaceFolders, rootUri } = params;
  const { general, textDocument, workspace } = capabilities;
  const own = optionsOf(params.initializationOptions);
  const encodings = general?.positionEncodings ?? ['utf-16'];
  const folders = workspaceFolders?.map((it) => it.uri) ?? (typeof rootUri === 'string' ? [rootUri] : []);
  return {
    // Offsets are UTF-16 here, so that encoding costs nothing; UTF-8 is for clients that know nothing else.
    encoding: encodings.includes('utf-16') || !encodings.includes('utf-8') ? 'utf-16' : 'utf-8',
    pulls: textDocument?.diagnostic !== undefined,
    refreshes: workspace?.diagnostics?.refreshSupport === true,
    related: (textDocument?.diagnostic?.relatedInformation ?? textDocument?.publishDiagnostics?.relatedInformation) === true,
    markdown: textDocument?.hover?.contentFormat?.includes('markdown') ?? false,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    snippets: workspace?.workspaceEdit?.snippetEditSupport === true,
    resolvesActions: textDocument?.codeAction?.resolveSupport?.properties.includes('edit') === true,
    configuration: workspace?.configuration === true,
    tellsConfiguration: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watches: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    folderChanges: workspace?.workspaceFolders === true,
    own: own.commands === true,
    storage: typeof own.storage === 'string' && own.storage !== '' ? own.storage : undefined,
    settings: ownSettings(own.settings),
    folders: folders.map(folderName),
  };
}

/** Settings below `attest`, whether or not that name stands around them: editors have it both ways. */
export function ownSettings(settings: unknown): unknown {
  return typeof settings === 'object' && settings !== null && 'attest' in settings ? settings.attest : settings;
}

export function folderName(uri: string): string {
  return uri.replace(/(?<!\/)\/+$/, '');
}

function optionsOf(value: unknown): InitializationOptions {
  return typeof value === 'object' && value !== null ? value : {};
}

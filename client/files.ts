/**
 * Files that the server cannot read itself: it runs in a web worker, or the workspace is a virtual one. Only what is
 * below an open folder, or beside an open document, is given.
 */
import * as vscode from 'vscode';
import type { EditorRequests } from '../server/protocol.ts';

/** A Python file beyond this is data. */
const LARGEST = 32 * 1024 * 1024;
const CHUNK = 0x8000;

export async function readFile(uri: string): Promise<EditorRequests['attest/readFile']['result']> {
  const file = vscode.Uri.parse(uri);
  if (!isOpenTo(file)) return null;
  try {
    const bytes = await vscode.workspace.fs.readFile(file);
    if (bytes.length > LARGEST) return null;
    const parts: string[] = [];
    for (let i = 0; i < bytes.length; i += CHUNK) parts.push(String.fromCharCode(...bytes.subarray(i, i + CHUNK)));
    return parts.join('');
  } catch {
    return null;
  }
}

export async function readFolder(uri: string): Promise<EditorRequests['attest/readFolder']['result']> {
  const folder = vscode.Uri.parse(uri);
  if (!isOpenTo(folder)) return null;
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    return entries.flatMap(([name, type]): [string, 'file' | 'folder'][] => {
      if (type & vscode.FileType.File) return [[name, 'file']];
      // A linked folder may lead anywhere, also back to where it stands.
      return type === vscode.FileType.Directory ? [[name, 'folder']] : [];
    });
  } catch {
    return null;
  }
}

function isOpenTo(uri: vscode.Uri): boolean {
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) return true;
  return vscode.workspace.textDocuments.some((it) => {
    const beside = vscode.Uri.joinPath(it.uri, '..');
    return beside.scheme === uri.scheme && beside.authority === uri.authority && `${uri.path}/`.startsWith(`${beside.path}/`);
  });
}

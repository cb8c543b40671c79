// @ts-check
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

const SNAPSHOT = {
  self: 'a',
  hosts: [{ key: 'a', name: 'alpha', addresses: [], finders: ['self'], state: 'local', adverts: [] }],
  sessions: [
    {
      ...{ backend: 'xpra', localId: '1', name: 'xterm', kind: 'app', state: 'live', watchers: [] },
      ...{ hostKey: 'a', host: 'alpha', ref: 'xpra:1@alpha', startedAt: 0 },
    },
  ],
  viewers: [],
  seats: [],
};

/**
 * Writes V8's code cache beside a bundle of the command line, of the functions that a real `list` calls: with
 * those of `list --help` instead, every list takes 2 ms more. A stand-in answers it, since no agent may be
 * started by a build.
 * @param {string} root the checkout
 * @param {string} bundle
 * @returns {Promise<boolean>} whether it could be made
 */
export async function writeCodeCache(root, bundle) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'hotdesk-build-'));
  const server = standIn(apiVersion(root));
  try {
    await new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path.join(folder, 'agent.sock'), () => resolve(undefined));
    });
    return (await exitCode(root, bundle, folder)) === 0;
  } catch {
    return false;
  } finally {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} root */
function apiVersion(root) {
  const text = readFileSync(path.join(root, 'src/protocol/version.ts'), 'utf8');
  return Number(/API_VERSION = (\d+)/u.exec(text)?.[1]);
}

/** @param {number} version */
function standIn(version) {
  return createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.write(`${JSON.stringify({ hotdesk: version, version: 'build', role: 'agent' })}\n`);
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const { id } of lines.map((line) => JSON.parse(line))) {
        if (id !== undefined) socket.write(`${JSON.stringify({ id, result: SNAPSHOT })}\n`);
      }
    });
  });
}

/**
 * @param {string} root
 * @param {string} bundle
 * @param {string} folder
 * @returns {Promise<number | null>}
 */
function exitCode(root, bundle, folder) {
  const script = path.join(root, 'scripts', 'lib', 'code-cache.cjs');
  const env = { PATH: process.env.PATH ?? '', HOME: folder, HOTDESK_RUNTIME_DIR: folder };
  const child = spawn(process.execPath, [script, bundle, 'list'], { env, stdio: 'ignore', timeout: 20_000 });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
}
